"""The commit: everything one job did to one drive, as facts (docs/protocol.md, "Jobs")."""

from dataclasses import dataclass, field
from typing import Literal

from agent import __version__
from agent.encoding import clean, instant
from agent.jobs import Job
from agent.sanitise.areas import Area
from agent.sanitise.erasure import Erasure
from agent.sanitise.identity import Identity
from agent.sanitise.preparing import Prepared
from agent.sanitise.read_back import CHUNK, Seen
from agent.sanitise.tally import Ranges, Tally

Outcome = Literal["completed", "failed", "aborted", "refused"]

NOBODY: dict[str, object] = {
    "path": "", "model": "", "serial": "", "serial_source": "", "wwn": None, "firmware": None, "bytes": 0,
    "logical_sector": 0, "physical_sector": 0, "transport": "", "medium": "unknown",
}  # fmt: skip
"""The identity when no drive was found."""


@dataclass
class Facts:
    """What is known of a job while it is done."""

    identity: Identity | None = None
    started_at: str = field(default_factory=instant)
    commands: list[str] = field(default_factory=list)
    prepared: list[Prepared] = field(default_factory=list)
    firmware: Erasure | None = None
    areas: list[Area] | None = None
    written: Tally = field(default_factory=Tally)
    skipped: Ranges = field(default_factory=Ranges)
    seen: Seen = field(default_factory=Seen)
    smart_before: str | None = None
    smart_after: str | None = None
    outcome: Outcome = "completed"
    errno: int | None = None
    message: str | None = None
    reason: str | None = None


def commit(job: Job, facts: Facts, *, uuid: str, image_sha256: str | None) -> dict[str, object]:
    """The body of `POST /sanitisations`."""
    return {
        "uuid": uuid,
        "job": job.job,
        "nonce": job.nonce,
        "seq": job.seq,
        "test": job.test,
        "identity": facts.identity.reported(serial=job.serial, wwn=job.wwn) if facts.identity else NOBODY,
        "technique": job.technique,
        "commands": facts.commands,
        "prepared": [one.reported() for one in facts.prepared],
        "firmware": facts.firmware.reported() if facts.firmware else None,
        "started_at": facts.started_at,
        "ended_at": instant(),
        "write": facts.written.reported(),
        "read": facts.seen.reported(),
        "skipped": [list(pair) for pair in facts.skipped.kept],
        "areas": None if facts.areas is None else [area.reported() for area in facts.areas],
        "chunk_bytes": CHUNK,
        "chunk_root": facts.seen.root,
        "smart_before": facts.smart_before,
        "smart_after": facts.smart_after,
        "raw_status": {
            "outcome": facts.outcome,
            "errno": facts.errno,
            "message": clean(facts.message or ""),
            "reason": facts.reason,
        },
        "agent": __version__,
        "image_sha256": image_sha256,
    }
