"""Our own agent's envelope: raw tool outputs, base64 of gzip (docs/protocol.md). Read part by part in `reports` and `hardware`."""

from __future__ import annotations

from typing import Any

from ordi.machines.formats.decoding import NotUnderstood, json_of, packed
from ordi.machines.hardware import Hardware, read_hardware
from ordi.machines.reports import BadReport, Report, read_report
from ordi.machines.reports import allowed as kept_of


def allowed(body: bytes) -> bytes:
    """The envelope with the sources this format may hold."""
    return packed(kept_of(envelope_of(body)))


def read(body: bytes) -> Hardware:
    """What the agent saw. Raises `NotUnderstood`."""
    return hardware_of(report_of(body))


def report_of(body: bytes) -> Report:
    """The parts of an envelope, expanded. Raises `NotUnderstood`."""
    try:
        return read_report(envelope_of(body))
    except BadReport as refused:
        raise NotUnderstood(why=str(refused.facts.get("why", "nothing-readable"))) from None


def hardware_of(report: Report) -> Hardware:
    """The computer an expanded report describes. Raises `NotUnderstood` when it holds no part at all."""
    if not report.sources:
        raise NotUnderstood(why="empty")
    return read_hardware(report)


def envelope_of(body: bytes) -> dict[str, Any]:
    """The envelope itself. Raises `NotUnderstood`."""
    told = json_of(body)
    if not isinstance(told, dict):
        raise NotUnderstood(why="not-an-inventory")
    return told
