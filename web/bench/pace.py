"""How fast a running pass goes and how long is left, from what the server itself heard: arrivals, never the bench's clock."""

from __future__ import annotations

from dataclasses import dataclass

from ordi.bench.jobs import Phase, WipeJob
from ordi.bench.plan import Plan

LEAST_SECONDS = 4.0
"""Of one pass, before its rate means something."""


@dataclass(frozen=True)
class Pace:
    """Bytes a second of the pass under way, and minutes left of the whole wipe."""

    rate: int
    minutes_left: int


def pace_of(job: WipeJob, size: int) -> Pace | None:
    """The pace of a pass; nothing before it means something, nor while the drive erases itself."""
    if job.phase not in (Phase.WRITING, Phase.READING) or job.phase_at is None or job.heard_at is None:
        return None
    seconds = (job.heard_at - job.phase_at).total_seconds()
    if seconds < LEAST_SECONDS or job.done_bytes <= 0:
        return None
    rate = job.done_bytes / seconds
    left = size - job.done_bytes + (size if job.phase == Phase.WRITING else 0)
    return Pace(int(rate), max(1, round(left / rate / 60)))


def percent_of(job: WipeJob, size: int, plan: Plan) -> int:
    """How far a job is over all its steps, each weighed by how long it is expected to take; 100 is for what is over."""
    order = [Phase.ERASING, Phase.WRITING, Phase.READING]
    names = {"erase": Phase.ERASING, "write": Phase.WRITING, "read": Phase.READING}
    weights = {names[step.what]: step.minutes for step in plan.steps} or {Phase.WRITING: 1, Phase.READING: 1}
    whole = sum(weights.values())
    if job.phase == Phase.COMMITTED:
        return 99
    if job.phase not in order or not size or not whole:
        return 0
    before = sum(weights.get(phase, 0) for phase in order[: order.index(Phase(job.phase))])
    done = before + weights.get(Phase(job.phase), 0) * min(job.done_bytes / size, 1)
    return min(99, int(100 * done / whole))
