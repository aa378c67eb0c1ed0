"""From a report's bytes to what it says: through its format's allow-list, and whatever goes wrong marked, never lost."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ordi.machines import evidence as kept_evidence
from ordi.machines.evidence import Evidence
from ordi.machines.formats import FORMATS, UNKNOWN, NotUnderstood, format_of
from ordi.machines.formats import ordi as ours
from ordi.machines.hardware import Hardware
from ordi.machines.reports import BadReport, read_report

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sifted:
    """A file through its format: what may be kept of it, and what it says or why it says nothing."""

    format: str
    kept: bytes
    hardware: Hardware | None
    why: str


def sifted(body: bytes, asked: str | None) -> Sifted:
    """A file as the format asked for, or, when that says nothing, as the one it looks like."""
    looks = format_of(body)
    tried = [_through(form, body) for form in dict.fromkeys(one for one in (asked, looks) if one)]
    nothing = Sifted(UNKNOWN, body, None, "unknown-format" if body.strip() else "empty")
    return next((one for one in tried if one.hardware), tried[0] if tried else nothing)


def _through(form: str, body: bytes) -> Sifted:
    kept = body
    try:
        kept = FORMATS[form].allowed(body)
        return Sifted(form, kept, FORMATS[form].read(kept), "")
    except NotUnderstood as refused:
        return Sifted(form, kept, None, str(refused.facts["why"])[:80])
    except Exception as error:
        return Sifted(form, kept, None, _failed(form, error))


def understood(evidence: Evidence, read: Callable[[], Hardware]) -> Hardware | None:
    """What `read` makes of a report; the mark of an earlier failure goes when it is understood."""
    try:
        hardware = read()
    except NotUnderstood as refused:
        evidence.reason = str(refused.facts["why"])[:80]
    except Exception as error:
        evidence.reason = _failed(evidence.uuid, error)
    else:
        return hardware
    return None


def _failed(what: str, error: Exception) -> str:
    """A reader's own bug must never lose a report: it is kept, marked, and read again once mended.

    The log is told where, never what: the report's words are a machine's.
    """
    at = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("the reader of %s failed: %s in %s, line %s", what, type(error).__name__, at.name, at.lineno)
    return f"reader-failed {type(error).__name__}"[:80]


def ours_of(evidence: Evidence, envelope: dict[str, Any]) -> Hardware:
    """What our agent's envelope says; the parts that could not be expanded are named in the mark. Raises `NotUnderstood`."""
    try:
        report = read_report(envelope)
    except BadReport as refused:
        raise NotUnderstood(why=str(refused.facts.get("why", refused.code))) from None
    evidence.reason = ("unreadable: " + " ".join(report.broken))[:80] if report.broken else ""
    return ours.hardware_of(report)


def understand(evidence: Evidence) -> Hardware | None:
    """What a stored report says; when it cannot be read it is marked with why, and kept.

    Why one that was understood waits for a person stays written.
    """
    content, form = kept_evidence.content_of(evidence), evidence.format.partition("-")[0]
    waits = evidence.reason if evidence.parsed else ""
    if form == "ordi":
        hardware = understood(evidence, lambda: ours_of(evidence, ours.envelope_of(content)))
    else:
        read = sifted(content, form if form in FORMATS else None)
        hardware, evidence.reason = read.hardware, read.why
    if hardware is not None and not evidence.reason:
        evidence.reason = waits
    return hardware
