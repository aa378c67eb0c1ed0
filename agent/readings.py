"""The check-in of a machine in use: how it is doing, nothing of who uses it (docs/protocol.md, "A machine in use")."""

import hashlib
import time
from collections.abc import Callable
from typing import Any

import psutil

from agent import __version__
from agent.encoding import instant, new_uuid
from agent.heat import processor_temperature
from agent.inventory import drives_in, power_supplies
from agent.parsers import lsblk, smartctl
from agent.parsers.power_supply import battery
from agent.parsers.reading import Unreadable
from agent.programs import ProgramFailed, Reason, run

CPU_WINDOW_S = 1.0


def gather(*, cpu_window_s: float = CPU_WINDOW_S) -> dict[str, Any]:
    """The body of `POST /check-ins`. Whatever cannot be read is a named absence, and normal."""
    absences: list[dict[str, str]] = []
    temperature = processor_temperature()
    if temperature is None:
        absences.append({"source": "temperature", "reason": "absent"})
    worn = battery(power_supplies())
    if worn is None:
        absences.append({"source": "battery", "reason": "absent"})
    return {
        "uuid": new_uuid(),
        "agent": __version__,
        "at": instant(),
        **usage(cpu_window_s),
        "temperature_c": temperature,
        "battery": None
        if worn is None
        else {"percent": worn.percent, "full": worn.full, "full_design": worn.full_design, "cycles": worn.cycles},
        "drives": drives(absences),
        "absences": absences,
    }


def usage(cpu_window_s: float) -> dict[str, int]:
    """How busy and how full the machine is."""
    memory = psutil.virtual_memory()
    return {
        "uptime_s": int(time.clock_gettime(time.CLOCK_BOOTTIME)),
        "cpu_percent": round(psutil.cpu_percent(interval=cpu_window_s)),
        "memory_bytes": memory.total,
        "memory_percent": round(memory.percent),
        "disk_percent": round(psutil.disk_usage("/").percent),
    }


def drives(absences: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The SMART counters of each drive that stays in the machine; a drive asleep is left asleep."""

    def absent(source: str, reason: Reason) -> None:
        absences.append({"source": source, "reason": reason})

    try:
        listed = drives_in(run(lsblk.COMMAND).out)
    except ProgramFailed as failed:
        absent("lsblk", failed.reason)
        return []
    told = [drive(disk, absent) for disk in listed if not disk.removable and disk.transport != "usb"]
    return [found for found in told if found is not None]


def drive(disk: lsblk.Disk, absent: Callable[[str, Reason], None]) -> dict[str, Any] | None:
    """The counters of one drive; None, and an absence, when smartctl cannot tell."""
    source = f"smartctl:{disk.name}"
    command = ("smartctl", "--json", "-n", "standby", "-i", "-H", "-A", "-l", "error", disk.path)
    try:
        health = smartctl.health(run(command, accept=smartctl.STATUSES).out)
    except ProgramFailed as failed:
        absent(source, failed.reason)
        return None
    except Unreadable:
        absent(source, "failed")
        return None
    if not health.asked:
        denied = "permission denied" in (health.complaint or "").lower()
        absent(source, "not-permitted" if denied else "absent")
        return None
    return {
        "name": disk.name,
        "model": health.model or disk.model,
        "serial_hash": serial_hash(health.serial or disk.serial),
        "passed": health.passed,
        "power_on_hours": health.power_on_hours,
        "reallocated": health.reallocated,
        "reported_uncorrect": health.reported_uncorrect,
        "command_timeout": health.command_timeout,
        "pending": health.pending,
        "offline_uncorrect": health.offline_uncorrect,
        "critical_warning": health.critical_warning,
        "available_spare": health.available_spare,
        "percentage_used": health.percentage_used,
        "media_errors": health.media_errors,
    }


def serial_hash(serial: str | None) -> str | None:
    """Sixteen hex digits by which a drive is recognised without its serial being told."""
    return hashlib.sha256(b"ordi:" + serial.encode("utf-8", "replace")).hexdigest()[:16] if serial else None
