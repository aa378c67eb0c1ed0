"""The facts the gate reads: why a machine may not go further, as refusals. The triggers in `triggers.py` say the same in SQL."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from ordi.errors import Refused
from ordi.machines.audit import due
from ordi.machines.checks import LOCKS, Check, Result, cleaned, results, untested
from ordi.machines.drive import DrivelessRecord, Sighting, Standing, open_sightings, seen_in
from ordi.machines.evidence import Evidence
from ordi.machines.lifecycle import Need
from ordi.machines.machine import Machine
from ordi.machines.policy import unmet
from ordi.machines.quarantine import quarantine_of


class NotInventoried(Refused):
    """No bench inventory during this stay, and no two people's record that it holds no drive."""

    code = "not-inventoried"


class DrivesNotClean(Refused):
    """A drive seen in it is not proven wiped, destroyed or removed."""

    code = "drives-not-clean"


class DriveElsewhere(DrivesNotClean):
    """A drive it still counts as its own was seen since in another computer, and nobody noted its removal."""

    code = "drive-elsewhere"


class NotKept(Refused):
    """Triage has not decided to keep it."""

    code = "not-kept"


class NotTested(Refused):
    """The diagnosis is not complete: untested is never passed."""

    code = "not-tested"


class Locked(NotTested):
    """A password, an account or a tracker of its former owner holds it: only they can lift it."""

    code = "locked"


class NotCleaned(Refused):
    """Nobody has cleaned it during this stay."""

    code = "not-cleaned"


class BelowAsked(Refused):
    """A drive is wiped to a lesser level than its donor asks, and may be wiped again."""

    code = "below-asked"


class DestroyBelowAsked(BelowAsked):
    """The same, where the donor asks that such a drive be destroyed."""

    code = "destroy-below-asked"


class CounterCheckAsked(Refused):
    """The donor asks that a second person look at each drive, and nobody has."""

    code = "counter-check-asked"


class AuditDue(Refused):
    """A drive was drawn for an audit, and a third person has not read it yet."""

    code = "audit-due"


class InQuarantine(Refused):
    """A re-check failed in its lot, or on a drive that the same technician wiped."""

    code = "in-quarantine"


class OnHold(Refused):
    """It was put aside."""

    code = "on-hold"


def inventoried(session: Session, machine: Machine) -> bool:
    """Whether what is inside is known for this stay: a bench inventory, or two people's word that it is empty."""
    seen = exists().where(Evidence.machine_id == machine.id, Evidence.bench, Evidence.stay == machine.stay)
    empty = exists().where(DrivelessRecord.machine_id == machine.id, DrivelessRecord.stay == machine.stay)
    return bool(session.scalar(select(seen | empty)))


def unclean(session: Session, machine: Machine) -> list[Sighting]:
    """The drives it holds that are not proven clean."""
    return [
        s for s in open_sightings(session, machine) if s.drive.standing not in (Standing.SANITISED, Standing.DESTROYED)
    ]


def strange(session: Session, machine: Machine) -> list[Sighting]:
    """The unclean drives it holds that may hold more than its donor's data: it was out, or they were in another machine.

    A record merged into it is the same machine.
    """
    dirty = unclean(session, machine)
    drives = [s.drive_id for s in dirty]
    moved = select(Sighting.drive_id).where(Sighting.drive_id.in_(drives), ~seen_in(machine))
    elsewhere = set(session.scalars(moved))
    return [s for s in dirty if machine.stay > 1 or s.drive_id in elsewhere]


def clean_drives(session: Session, machine: Machine) -> None:
    """Raise `DriveElsewhere`, `NotInventoried` or `DrivesNotClean` unless every drive is proven clean."""
    dirty = unclean(session, machine)
    since = _seen_since(session, machine, dirty)
    for sighting in dirty:
        if sighting.id in since:
            raise DriveElsewhere(tag=machine.tag, other=since[sighting.id], drive=_named(sighting))
    if not inventoried(session, machine):
        raise NotInventoried(tag=machine.tag)
    refuse_unclean(machine, dirty)


def _seen_since(session: Session, machine: Machine, sightings: list[Sighting]) -> dict[int, str]:
    """For each sighting whose drive was seen later in another computer, the tag of the last one. One query."""
    if not sightings:
        return {}
    elsewhere = (
        select(Sighting.drive_id, Sighting.id, Machine.tag)
        .join(Machine, Sighting.machine_id == Machine.id)
        .where(
            Sighting.drive_id.in_([one.drive_id for one in sightings]),
            Machine.id != machine.id,
            Machine.merged_into_id.is_distinct_from(machine.id),
        )
        .order_by(Sighting.id)
    )
    last = {drive: (number, tag) for drive, number, tag in session.execute(elsewhere)}
    return {one.id: last[one.drive_id][1] for one in sightings if last.get(one.drive_id, (0, ""))[0] > one.id}


def refuse_unclean(machine: Machine, dirty: list[Sighting]) -> None:
    """Raise `DrivesNotClean` when there are any."""
    if dirty:
        raise DrivesNotClean(tag=machine.tag, drives=[_named(s) for s in dirty])


def _as_it_came(session: Session, machine: Machine) -> None:
    if machine.stay > 1 or strange(session, machine):
        clean_drives(session, machine)


def _kept(_session: Session, machine: Machine) -> None:
    if machine.triage != "keep":
        raise NotKept(tag=machine.tag)


def _tested(session: Session, machine: Machine) -> None:
    missing = untested(session, machine)
    found = results(session, machine) if missing else {}
    locked = [name for name in missing if name in LOCKS and found.get(Check(name)) == Result.FAILED]
    if locked:
        raise Locked(tag=machine.tag, locks=locked)
    if missing or machine.grade is None:
        raise NotTested(tag=machine.tag, missing=missing or ["grade"])


def _cleaned(session: Session, machine: Machine) -> None:
    if not cleaned(session, machine):
        raise NotCleaned(tag=machine.tag)


def _not_held(_session: Session, machine: Machine) -> None:
    if machine.held_for:
        raise OnHold(tag=machine.tag, reason=machine.held_for)


def _as_asked(session: Session, machine: Machine) -> None:
    lacking = unmet(session, machine)
    below = [one for one in lacking if one.below]
    if below:
        first = below[0]
        why = DestroyBelowAsked if any(one.asked.destroy for one in below) else BelowAsked
        raise why(
            tag=machine.tag,
            drives=[_named(one.sighting) for one in below],
            asked=first.asked.minimum_level,
            level=first.reached,
        )
    if lacking:
        raise CounterCheckAsked(tag=machine.tag, drives=[_named(one.sighting) for one in lacking])


def _named(sighting: Sighting) -> str:
    """A drive as a refusal names it: its model and the end of its serial."""
    return f"{sighting.drive.model} …{sighting.drive.serial[-4:]}".strip()


def _audited(session: Session, machine: Machine) -> None:
    waiting = due(session, machine)
    if waiting:
        raise AuditDue(tag=machine.tag, drives=[_named(s) for s in waiting])


def _not_quarantined(session: Session, machine: Machine) -> None:
    held = quarantine_of(session, machine)
    if held is not None:
        raise InQuarantine(tag=machine.tag, quarantine=held.id)


NEEDS: dict[Need, Callable[[Session, Machine], None]] = {
    Need.CLEAN_DRIVES: clean_drives,
    Need.AS_IT_CAME: _as_it_came,
    Need.KEPT: _kept,
    Need.TESTED: _tested,
    Need.CLEANED: _cleaned,
    Need.NOT_HELD: _not_held,
    Need.AS_ASKED: _as_asked,
    Need.AUDITED: _audited,
    Need.NOT_QUARANTINED: _not_quarantined,
}
