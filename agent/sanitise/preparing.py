"""What a person agreed to before an erase (docs/protocol.md, `prepare`): sleep once, so that a frozen drive thaws; show what it hides.

Both are facts of the commit. Neither is taken at its word: the drive is asked again afterwards, and the system's own clocks tell
whether it slept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.jobs import Job
from agent.parsers import hdparm
from agent.parsers.reading import Unreadable
from agent.sanitise import ioctls
from agent.sanitise.asking import Ended, Step, Tools, ask
from agent.sanitise.ata import SURE, refuse_complaint
from agent.sanitise.drive import Drive, find, grown
from agent.sanitise.identity import SYSFS
from agent.sanitise.refusal import DriveRefused

WAKE, REVEAL = "wake", "reveal"

SLEEP_S = 15
LONGEST_S = 300.0
"""A machine that does not wake by itself is woken by somebody: rtcwake then returns late, not never."""
LEAST_SLEPT_S = 1.0
SECTOR = 512


@dataclass
class Prepared:
    """One thing that was done before, and how it ended.

    Of `wake`: thawed, still-frozen, not-frozen, others-at-work, did-not-sleep, failed. Of `reveal`: revealed, nothing-hidden,
    power-cycle-needed, area-stays, failed. `before` and `after`: sectors visible, native and behind an overlay, where it reveals.
    """

    what: str
    ending: str = "failed"
    why: str | None = None
    slept_ms: int | None = None
    before: list[int | None] | None = None
    after: list[int | None] | None = None
    steps: list[Step] = field(default_factory=list)

    def reported(self) -> dict[str, object]:
        """As it is sent."""
        return dict(vars(self))


def wake(jobs: list[Job], serials: Mapping[str, str], tools: Tools, *, alone: bool) -> dict[str, Prepared]:
    """Let the machine sleep once if a drive of these jobs is frozen, for all of them together: what became of it, by job.

    Only while no drive is at work (`alone`): a machine does not sleep over another's wipe.
    """
    told = {job.job: Prepared(WAKE) for job in jobs if WAKE in job.prepare}
    waiting = {}
    for job in jobs:
        if job.job not in told:
            continue
        frozen = _frozen(job, serials, told[job.job], tools)
        if frozen:
            waiting[job.job] = job
        elif frozen is not None:
            told[job.job].ending = "not-frozen"
    if waiting and not alone:
        for name in waiting:
            told[name].ending = "others-at-work"
    elif waiting:
        _sleep([told[name] for name in waiting], tools)
        for name, job in waiting.items():
            if told[name].ending == "failed" and told[name].why is None:
                still = _frozen(job, serials, told[name], tools)
                told[name].ending = {True: "still-frozen", False: "thawed", None: "failed"}[still]
    return told


def _sleep(told: list[Prepared], tools: Tools) -> None:
    before, steps = tools.asleep(), told[0].steps
    try:
        said = ask(tools, steps, ("rtcwake", "--mode", "mem", "--seconds", str(SLEEP_S)), timeout_s=LONGEST_S)
        why = None if said.status == 0 else f"status {said.status}"
    except Ended as ended:
        why = str(ended)
    slept = tools.asleep() - before
    for one in told:
        one.slept_ms, one.why = int(slept * 1000), why
        if one.steps is not steps:
            one.steps.append(steps[-1]) if steps else None
        if why is None and slept < LEAST_SLEPT_S:
            one.ending, one.why = "did-not-sleep", "the clocks did not part"


def _frozen(job: Job, serials: Mapping[str, str], told: Prepared, tools: Tools) -> bool | None:
    """Whether the drive of a job says it is frozen; None when it is not here or does not tell."""
    try:
        path = find(job, serials).path
        return hdparm.identify(ask(tools, told.steps, ("hdparm", "-I", path)).out).security.frozen
    except (DriveRefused, Ended, Unreadable) as silent:
        told.why = str(silent)
        return None


def reveal(drive: Drive, whole: int, told: Prepared, tools: Tools, *, sysfs: Path = SYSFS) -> Drive:
    """Lift what hides a part of `drive` (HPA, AMA, then DCO) until it shows `whole` bytes; the drive as it is then.

    Raise DriveRefused when it cannot be shown now: nothing of it was written.
    """
    path = drive.identity.path
    try:
        told.before = _sectors(told, path, tools)
        visible, native, real = told.before
        if visible is not None and visible * SECTOR == whole:
            told.ending = "nothing-hidden"
        else:
            if native is not None and visible != native:
                _order(told, tools, "-N", f"p{native}", path)
            if real is not None and native is not None and real > native:
                _order(told, tools, "--dco-restore", path)
            _rescan(drive, sysfs)
            told.after = _sectors(told, path, tools)
            shown = ioctls.size(drive.descriptor) == whole
            there = told.after[0] is not None and told.after[0] * SECTOR == whole
            overlay = real is not None and real * SECTOR == whole
            told.ending = "revealed" if shown else "power-cycle-needed" if there or overlay else "area-stays"
    except Ended as ended:
        told.ending, told.why = "area-stays", str(ended)
    except OSError as failed:
        told.why = str(failed)
    if told.ending not in ("revealed", "nothing-hidden"):
        raise DriveRefused(
            "power-cycle-needed" if told.ending == "power-cycle-needed" else "area-stays", told.why or ""
        )
    return grown(drive, whole)


def _sectors(told: Prepared, path: str, tools: Tools) -> list[int | None]:
    seen = ask(tools, told.steps, ("hdparm", "-N", path))
    both = hdparm.native_sectors(seen.out, seen.err)
    overlay = ask(tools, told.steps, ("hdparm", "--dco-identify", path))
    return [*(both or (None, None)), hdparm.real_sectors(overlay.out, overlay.err)]


def _order(told: Prepared, tools: Tools, *words: str) -> None:
    refuse_complaint(ask(tools, told.steps, ("hdparm", SURE, *words)))


def _rescan(drive: Drive, sysfs: Path) -> None:
    """Have the kernel look at the drive's size again."""
    again = sysfs / "block" / drive.identity.name / "device/rescan"
    if again.exists():
        again.write_text("1")
