"""The golden messages of the agent, made by its own code with a clock, a key and uuids that stand still.

`python -m tests.agent.golden` writes them to tests/contract/, where the server's tests read them.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent import capabilities, checks, inventory, progress, readings
from agent.config import Config
from agent.encoding import b64url, canonical
from agent.jobs import TECHNIQUE, Job
from agent.parsers.power_supply import Battery
from agent.programs import ProgramFailed, Ran, Said
from agent.sanitise import commit as commits
from agent.sanitise.commit import Facts, commit
from agent.sanitise.erasure import Erasure
from agent.sanitise.identity import Identity
from agent.sanitise.markers import Markers
from agent.sanitise.tally import Tally
from agent.server import Server
from agent.session import introduction
from agent.signing import DurableCounter, Signer, raw_public
from tests.agent.recorded_drives import SSD

FOLDER = Path(__file__).resolve().parents[1] / "contract"
SEED = bytes(range(32))
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SESSION = "3f1c6c1e-52f7-4e0a-9d5c-0f7d3c1a2b3c"
JOB = "6f1c6c1e-52f7-4e0a-9d5c-0f7d3c1a2b3c"
SIZE = 500107862016

LSBLK = {
    "blockdevices": [
        {
            "name": "sda", "kname": "sda", "path": "/dev/sda", "type": "disk", "size": SIZE, "rm": False, "ro": False,
            "rota": True, "serial": "WD-WCC4N0123456", "model": "WDC WD5000LPVX", "wwn": "0x50014ee20a1b2c3d",
            "tran": "sata", "log-sec": 512, "phy-sec": 4096, "mountpoints": [None],
        }
    ]
}  # fmt: skip
SMART = {
    "smartctl": {"exit_status": 0}, "model_name": "WDC WD5000LPVX", "serial_number": "WD-WCC4N0123456",
    "firmware_version": "01.01A01", "smart_status": {"passed": True}, "power_on_time": {"hours": 14210},
    "ata_smart_attributes": {"table": [{"id": 5, "raw": {"value": 0}}, {"id": 197, "raw": {"value": 1}}]},
}  # fmt: skip
DMIDECODE = """Handle 0x0001, DMI type 1, 27 bytes
System Information
\tManufacturer: Dell Inc.
\tProduct Name: Latitude 5480
\tSerial Number: 8QX7TH2
\tUUID: 4c4c4544-0051-5810-8037-b8c04f544832
"""
SUPPLIES = [
    {
        "name": "BAT0",
        "type": "Battery",
        "energy_full": "41000000",
        "energy_full_design": "50000000",
        "cycle_count": "120",
    }
]
FITTINGS = {
    "cameras": 1, "speakers": 1, "microphones": 1, "keyboard": True, "touchpad": True, "touchscreen": False, "wifi": 1,
    "wifi_networks": 4, "ethernet": 1, "ethernet_plugged": 1, "usb_ports": 3, "screens": [{"kind": "eDP", "connected": True}],
    "tpm": "2", "uefi": True, "secure_boot": True, "acpi": ["MSDM"], "temperature_c": 51,
}  # fmt: skip

JOB_TOLD = Job(
    job=JOB, kind="wipe", session=SESSION, tag="K7Q24X-M", serial="WD-WCC4N0123456", wwn="0x50014ee20a1b2c3d", size=SIZE,
    nonce="bm9uY2Utb2YtdGhlLWpvYi0wMDAx", seq=1, technique=TECHNIQUE, test=False, issued=AT, expires=AT + timedelta(hours=12),
    key=SEED,
)  # fmt: skip
DRIVE = Identity(
    path="/dev/sda", name="sda", number="8:0", bytes=SIZE, logical_sector=512, physical_sector=4096, model="WDC WD5000LPVX",
    serial="WD-WCC4N0123456", serial_source="ata", wwn="0x50014ee20a1b2c3d", firmware="01.01A01", transport="sata",
    medium="hdd", removable=False, read_only=False, disk_sequence=9, serials=frozenset({"WD-WCC4N0123456"}),
    wwns=frozenset({"50014ee20a1b2c3d"}),
)  # fmt: skip


CONTROLLER = {"class": "0x010601", "vendor": "0x8086", "device": "0x9d03", "driver": "ahci", "remapped_nvme": 0}
TOLD = {
    "hdparm": Said(SSD.encode(), b"", 0),
    "hpa": Said(b"\n/dev/sda:\n max sectors   = 976773168/976773168, HPA is disabled\n", b"", 0),
}


def still() -> ExitStack:
    """Stop the clocks, the uuids and the tools."""
    numbers: Iterator[int] = itertools.count(1)

    def tool(command: tuple[str, ...], **_: object) -> Ran:
        if command[0] == "smartctl":
            return Ran(json.dumps(SMART).encode(), 0)
        if command[0] == "lsblk":
            return Ran(json.dumps(LSBLK).encode(), 0)
        if command[0] == "dmidecode":
            return Ran(DMIDECODE.encode(), 0)
        raise ProgramFailed(command, "tool-missing")

    def uuid() -> str:
        return f"00000000-0000-4000-8000-{next(numbers):012d}"

    stack = ExitStack()
    for module in (inventory, readings, progress, checks):
        stack.enter_context(patch.object(module, "new_uuid", uuid))
    for module in (inventory, readings, commits):
        stack.enter_context(patch.object(module, "instant", lambda: "2026-03-02T09:00:00.000Z"))
    for module in (inventory, readings):
        stack.enter_context(patch.object(module, "run", tool))
    for module in (inventory, readings):
        stack.enter_context(patch.object(module, "power_supplies", lambda: SUPPLIES))
    machine = {"cpu_count": 4, "cpu_model": "Intel(R) Core(TM) i5-7300U CPU @ 2.60GHz", "memory_bytes": 8192000000}
    stack.enter_context(patch.object(inventory, "processor_and_memory", lambda: canonical(machine)))
    stack.enter_context(patch.object(capabilities, "raw_answers", lambda disk: TOLD))
    stack.enter_context(patch.object(capabilities, "controllers", lambda: canonical([CONTROLLER])))
    stack.enter_context(patch.object(inventory, "fittings", lambda: canonical(FITTINGS)))
    stack.enter_context(patch.object(readings, "processor_temperature", lambda: 51))
    stack.enter_context(patch.object(readings, "battery", lambda told: Battery(80, 41000, 50000, 120)))
    stack.enter_context(patch.object(readings, "usage", lambda window: dict(USAGE)))
    stack.enter_context(patch("time.monotonic_ns", lambda: 61_000_000_000))
    return stack


USAGE = {"uptime_s": 3600, "cpu_percent": 3, "memory_bytes": 8192000000, "memory_percent": 41, "disk_percent": 37}


def key() -> Ed25519PrivateKey:
    """The key of every golden message. Everybody knows it."""
    return Ed25519PrivateKey.from_private_bytes(SEED)


def completed() -> dict[str, object]:
    """A wipe that went well."""
    facts = Facts(identity=DRIVE, started_at="2026-03-02T09:01:00.000Z")
    facts.commands = ["open /dev/sda O_RDWR|O_DIRECT|O_EXCL"]
    facts.written = Tally(bytes=SIZE, ms=4_900_000)
    facts.seen.tally = Tally(bytes=SIZE, ms=4_700_000)
    facts.seen.root = "5" * 64
    return commit(JOB_TOLD, facts, uuid="00000000-0000-4000-8000-00000000c0de", image_sha256="a" * 64)


def troubled() -> dict[str, object]:
    """A wipe of a drive that failed here and lied there."""
    facts = Facts(identity=DRIVE, started_at="2026-03-02T09:01:00.000Z")
    facts.written = Tally(bytes=SIZE - 512, ms=4_900_000, short=1, retries=14)
    facts.written.error(1048576, 5)
    facts.skipped.add(1048576, 512)
    facts.seen.tally = Tally(bytes=SIZE, ms=4_700_000)
    facts.seen.mismatches = 4090
    facts.seen.wrong.add(5242880, 4096)
    facts.seen.root = "6" * 64
    return commit(JOB_TOLD, facts, uuid="00000000-0000-4000-8000-00000000bad1", image_sha256=None)


def erased() -> dict[str, object]:
    """A wipe before which the drive erased itself."""
    job = dataclasses.replace(JOB_TOLD, technique="ata-sanitize-block-erase")
    facts = Facts(identity=dataclasses.replace(DRIVE, medium="ssd"), started_at="2026-03-02T09:01:00.000Z")
    step = {
        "command": "hdparm --yes-i-know-what-i-am-doing --sanitize-block-erase /dev/sda",
        "status": 0,
        "stderr": None,
    }
    facts.commands = [str(step["command"])]
    facts.firmware = Erasure(
        job.technique,
        ending="completed",
        offered=True,
        accepted=True,
        seen_running=True,
        state_before="idle ended-well",
        state_after="idle ended-well",
        markers=Markers(written=8, changed=8),
        steps=[step | {"stdout": "/dev/sda: Issuing SANITIZE_BLOCK_ERASE command", "ms": 210}],
        polls=9,
        ms=44_000,
    )
    facts.written = Tally(bytes=SIZE, ms=1_400_000)
    facts.seen.tally = Tally(bytes=SIZE, ms=1_300_000)
    facts.seen.root = "7" * 64
    return commit(job, facts, uuid="00000000-0000-4000-8000-0000000e4a5e", image_sha256=None)


def refused() -> dict[str, object]:
    """A drive that was left alone."""
    facts = Facts(
        identity=DRIVE, started_at="2026-03-02T09:01:00.000Z", outcome="refused", reason="mounted", message="/mnt"
    )
    return commit(JOB_TOLD, facts, uuid="00000000-0000-4000-8000-00000000ab1e", image_sha256=None)


def told_progress(phase: str, done: int, reason: str | None) -> dict[str, object]:
    """News of a job."""
    import threading

    news = progress.Progress(Server("https://ordi.example"), JOB_TOLD, threading.Event(), lambda: None)
    news.latest = (phase, done, 0)
    return news.last_word(phase, reason)


def signed_request(folder: Path) -> dict[str, object]:
    """One whole signed request, headers and all."""
    signer = Signer(
        key(), DurableCounter(folder / "counter"), clock=lambda: AT.timestamp(), nonce=lambda: b64url(bytes(18))
    )
    body = canonical({"hello": "Ordi"})
    url = "https://ordi.example/api/v1/evidence"
    headers = signer.headers("POST", url, body)
    return {
        "seed": b64url(SEED), "public_key": b64url(raw_public(key())), "method": "POST", "authority": "ordi.example",
        "path": "/api/v1/evidence", "body": body.decode(), "headers": headers,
    }  # fmt: skip


def messages(folder: Path) -> dict[str, Any]:
    """Every golden message by its file's name. `folder` is for a counter."""
    make: dict[str, Callable[[], Any]] = {
        "session": lambda: introduction(Config(image_sha256="a" * 64), SESSION, key(), "4c4c4544-0051-5810-8037-b8c04f544832"),
        "evidence": lambda: inventory.gather(Config()),
        "progress": lambda: told_progress("writing", 1048576, None),
        "progress-refused": lambda: told_progress("refused", 0, "mounted"),
        "sanitisation": completed,
        "sanitisation-troubled": troubled,
        "sanitisation-refused": refused,
        "sanitisation-erased": erased,
        "answers": lambda: checks.answered(JOB, ["ab" * 32, "0" * 64]),
        "enrolment": lambda: {
            "uuid": "00000000-0000-4000-8000-0000000000e0", "token": "t" * 43, "public_key": b64url(raw_public(key())),
            "agent": "0.1.0",
        },
        "check-in": readings.gather,
        "signed-request": lambda: signed_request(folder),
    }  # fmt: skip
    told = {}
    for name, one in make.items():
        with still():
            told[name] = one()
    return told


def written(message: Any) -> str:
    """A message as its file holds it."""
    return json.dumps(message, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        for name, message in messages(Path(scratch)).items():
            (FOLDER / f"{name}.json").write_text(written(message), "utf-8")
