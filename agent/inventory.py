"""What the machine says of itself, as its tools print it, and why a tool says nothing."""

import json
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from agent import __version__, capabilities
from agent.config import Config
from agent.encoding import canonical, clean, clock_is_plausible, instant, new_uuid, packed
from agent.fittings import fittings
from agent.memory_test import memory_test
from agent.parsers import lsblk, smartctl
from agent.parsers.power_supply import FILES
from agent.parsers.reading import Unreadable
from agent.programs import ProgramFailed, Reason, run
from agent.wording import say

POWER_SUPPLIES = Path("/sys/class/power_supply")
CPUINFO = Path("/proc/cpuinfo")


class Absent(Exception):
    """A source has nothing to tell, and why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


def gather(config: Config) -> dict[str, Any]:
    """The body of `POST /evidence`: raw output by source, and the absences, named (docs/protocol.md, "Evidence")."""
    raw: dict[str, str] = {}
    absences: list[dict[str, str]] = []

    def ask(source: str, answer: Callable[[], bytes]) -> bytes:
        try:
            said = answer()
        except (ProgramFailed, Absent) as absent:
            absences.append({"source": source, "reason": absent.reason})
            return b""
        raw[source] = packed(said)
        return said

    ask("dmidecode", dmidecode)
    listed = ask("lsblk", lambda: list_devices(config))
    if config.test:
        absences += [{"source": f"smartctl:{disk.name}", "reason": "absent"} for disk in config.test_disks]
    else:
        for drive in drives_in(listed):
            ask(f"smartctl:{drive.name}", partial(ask_drive, drive.path))
            answers = capabilities.raw_answers(drive)
            if answers:
                ask(f"tools:{drive.name}", partial(capabilities.packed_raw, answers))
            ask(f"capabilities:{drive.name}", partial(canonical, capabilities.of(answers, drive.name)))
        ask("controllers", capabilities.controllers)
    ask("psutil", processor_and_memory)
    ask("power_supply", batteries)
    ask("fittings", fittings)
    if config.memory_seconds:
        ask("memory_test", partial(memory_test, config.memory_seconds, lambda percent: say("memory", percent=percent)))
    return {
        "uuid": new_uuid(),
        "format": "ordi-inventory/1",
        "collected_at": instant() if clock_is_plausible(datetime.now(UTC)) else None,
        "agent": __version__,
        "test": config.test,
        "tag": config.tag,
        "raw": raw,
        "absences": absences,
    }


def dmidecode() -> bytes:
    """dmidecode's text; Absent on a machine without SMBIOS."""
    try:
        said = run(("dmidecode",)).out
    except ProgramFailed as failed:
        if "/dev/mem: No such file" in failed.detail:
            raise Absent("absent") from failed
        raise
    if b"No SMBIOS nor DMI entry point found" in said:
        raise Absent("absent")
    return said


def list_devices(config: Config) -> bytes:
    """lsblk's answer; in a test, the named loop devices and nothing else of this machine."""
    if not config.test:
        return run(lsblk.COMMAND).out
    said = run((*lsblk.COMMAND, *(disk.path for disk in config.test_disks)), accept=(0, 64)).out
    try:
        return lsblk.as_test_drives(said, {disk.name: disk.serial for disk in config.test_disks})
    except Unreadable as broken:
        raise Absent("failed") from broken


def drives_in(listed: bytes) -> list[lsblk.Disk]:
    """The drives of lsblk's answer; none when it has no sense."""
    try:
        return lsblk.disks(listed)
    except Unreadable:
        return []


def ask_drive(path: str) -> bytes:
    """smartctl's answer about one drive, whatever the drive says of its health."""
    said = run(("smartctl", "--json", "-x", path), accept=smartctl.STATUSES, timeout_s=120).out
    try:
        health = smartctl.health(said)
    except Unreadable as broken:
        raise Absent("failed") from broken
    if not health.asked:
        complaint = (health.complaint or "").lower()
        raise Absent("not-permitted" if "permission denied" in complaint else "absent")
    return said


def processor_and_memory() -> bytes:
    """Processor and memory as this system sees them."""
    told = {
        "cpu_count": psutil.cpu_count(logical=True),
        "cpu_model": processor_model(),
        "memory_bytes": psutil.virtual_memory().total,
    }
    return canonical(told)


def processor_model() -> str | None:
    """The processor's name for itself."""
    try:
        lines = CPUINFO.read_bytes().splitlines()
    except OSError:
        lines = []
    named = [line.partition(b":")[2] for line in lines if line.lower().startswith((b"model name", b"hardware"))]
    return clean(named[0]) if named else clean(platform.processor())


def batteries() -> bytes:
    """Every power supply's files of /sys, as a list; Absent when there is none."""
    supplies = power_supplies()
    if not supplies:
        raise Absent("absent")
    return json.dumps(supplies, sort_keys=True).encode("utf-8")


def power_supplies(folder: Path = POWER_SUPPLIES) -> list[dict[str, str]]:
    """The files of each power supply that is a battery, by name; unreadable ones are left out."""
    supplies = []
    for supply in sorted(folder.glob("*")):
        told = {"name": supply.name}
        for name in FILES:
            try:
                told[name] = (supply / name).read_bytes().decode("utf-8", "replace").strip()
            except OSError:
                continue
        if told.get("type") == "Battery":
            supplies.append(told)
    return supplies
