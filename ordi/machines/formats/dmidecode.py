"""dmidecode's text: what the firmware says of the computer. Whole records are kept or dropped, by their kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ordi.machines.formats.decoding import NotUnderstood, size_of, text_of
from ordi.machines.hardware import Hardware, form_of, meant, meant_uuid, model_of, read_dmidecode

_KEPT = (
    "BIOS Information",
    "System Information",
    "Base Board Information",
    "Chassis Information",
    "Processor Information",
    "Physical Memory Array",
    "Memory Device",
    "Portable Battery",
    "On Board Device",
    "Onboard Device",
)
_DROPPED_LINE = re.compile(r"\s*(Asset Tag|SBDS Serial Number|Location)\s*:")
"""An owner's own inventory number and place say nothing of the computer."""


def allowed(body: bytes) -> bytes:
    """The records of the kinds we read, as text; an owner's inventory numbers are left out. Raises `NotUnderstood`."""
    text = text_of(body)
    if not any(_handle(line) for line in text.splitlines()):
        raise NotUnderstood(why="empty" if not text.strip() else "nothing-readable")
    return keep(text).encode(errors="replace")


def keep(text: str) -> str:
    """The same, from text."""
    kept: list[str] = []
    for record in _records(text):
        title = next((line.strip() for line in record if line and not line[0].isspace() and not _handle(line)), "")
        if title in _KEPT:
            kept += [line for line in record if not _DROPPED_LINE.match(line)] + [""]
    return "\n".join(kept)


def read(body: bytes) -> Hardware:
    """What a dmidecode text says. It knows of no drive. Raises `NotUnderstood`."""
    return hardware_of(text_of(body))


def hardware_of(text: str) -> Hardware:
    """The same, from text."""
    told = read_dmidecode(text)
    if not told.keys() & set(_KEPT):
        raise NotUnderstood(why="empty" if not text.strip() else "nothing-readable")
    system, board = told.get("System Information", {}), told.get("Base Board Information", {})
    return Hardware(
        manufacturer=meant(system.get("Manufacturer")) or meant(board.get("Manufacturer")),
        model=model_of(system) or meant(board.get("Product Name")),
        serial=meant(system.get("Serial Number")),
        system_uuid=meant_uuid(system.get("UUID")),
        form=form_of(told.get("Chassis Information", {}).get("Type", "")),
        processor=meant(told.get("Processor Information", {}).get("Version")),
        memory_bytes=_memory(text),
    )


def _memory(text: str) -> int | None:
    """The sum of the modules; firmware counts in powers of two and writes MB."""
    total = 0
    for record in _records(text):
        if any(line.strip() == "Memory Device" for line in record[:3]):
            said = next((line for line in record if line.startswith("\tSize:")), "")
            binary = re.sub(r"\b([KMGT])B\b", r"\1iB", said.partition(":")[2].strip())
            total += size_of(binary) or 0
    return total or None


def _records(text: str) -> Iterator[list[str]]:
    record: list[str] = []
    for line in text.splitlines():
        if _handle(line):
            yield record
            record = []
        if line.strip():
            record.append(line)
    yield record


def _handle(line: str) -> bool:
    return line.startswith("Handle ")
