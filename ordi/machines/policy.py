"""What a donor asks of the wipe of its drives: data, dated, with who set it. The gate and the database's triggers read it.

A policy is a donor's or a lot's; the last of each stands. A lot may ask more than its donor, never less: where both speak,
the stricter of each point holds. A policy follows its drives, into whatever computer they are put.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid
from ordi.machines.audit import audited
from ordi.machines.drive import CounterCheck, Drive, Sanitisation, Sighting, Standing, open_sightings, seen_now_in
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

LEVELS = ("none", "clear", "purge")
"""From the least to the most that is asked of a wipe. `none`: the network's own rule, a proven wipe."""


class Policy(Base):
    """One setting of a donor's or a lot's policy. Never changed, never deleted: a later one takes its place."""

    __tablename__ = "policies"
    __table_args__ = (
        CheckConstraint("(donor_id IS NULL) <> (lot_id IS NULL)", name="of_one"),
        CheckConstraint("minimum_level IN ('none', 'clear', 'purge')", name="level"),
        CheckConstraint("audit_percent BETWEEN 0 AND 100", name="percent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    donor_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"), index=True)
    minimum_level: Mapped[str] = mapped_column(String(8))
    destroy: Mapped[bool]
    """A drive that does not reach the level is destroyed, not given back."""
    counter_check: Mapped[bool]
    """Each drive is looked at by a second person before it is installed again."""
    audit_percent: Mapped[int]
    """How many wipes in a hundred a third person reads whole; below the network's own share it changes nothing."""
    set_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    set_at: Mapped[datetime]

    set_by: Mapped[Person] = relationship()

    @property
    def demand(self) -> Demand:
        """What it asks."""
        return Demand(self.minimum_level, self.destroy, self.counter_check, self.audit_percent)


@dataclass(frozen=True)
class Demand:
    """What is asked of the wipe of a drive."""

    minimum_level: str = "none"
    destroy: bool = False
    counter_check: bool = False
    audit_percent: int = 0

    def and_also(self, other: Demand) -> Demand:
        """The stricter of two, point by point."""
        return Demand(
            max(self.minimum_level, other.minimum_level, key=LEVELS.index),
            self.destroy or other.destroy,
            self.counter_check or other.counter_check,
            max(self.audit_percent, other.audit_percent),
        )


@dataclass(frozen=True)
class Unmet:
    """A clean drive that does not do what is asked: the level it reached, and whether somebody must look at it first."""

    sighting: Sighting
    asked: Demand
    reached: str
    below: bool
    unchecked: bool


def set_policy(session: Session, whose: Organisation | Lot, demand: Demand, *, by: Person, at: datetime) -> Policy:
    """Write what a donor, or one of its lots, asks from now on. The same again writes nothing. Raises `NotAllowed`, `Invalid`."""
    require(by, "giving.decide", whose.donor if isinstance(whose, Lot) else whose, at=at)
    return write_policy(session, whose, demand, by=by, at=at)


def write_policy(session: Session, whose: Organisation | Lot, demand: Demand, *, by: Person, at: datetime) -> Policy:
    """The same for a verb that has asked its own leave (an offer raises its donor's). Raises `Invalid`."""
    if demand.minimum_level not in LEVELS:
        raise Invalid(field="minimum_level", why="unknown")
    if not 0 <= demand.audit_percent <= 100:
        raise Invalid(field="audit_percent", why="out-of-range", least=0, most=100)
    stands = policy_of(session, whose)
    if stands is not None and stands.demand == demand:
        return stands
    of_lot = isinstance(whose, Lot)
    policy = Policy(
        donor_id=None if of_lot else whose.id,
        lot_id=whose.id if of_lot else None,
        minimum_level=demand.minimum_level,
        destroy=demand.destroy,
        counter_check=demand.counter_check,
        audit_percent=demand.audit_percent,
        set_by=by,
        set_at=at,
    )
    session.add(policy)
    session.flush()
    return policy


def policy_of(session: Session, whose: Organisation | Lot) -> Policy | None:
    """The policy that stands."""
    return next(iter(policies_of(session, whose)), None)


def policies_of(session: Session, whose: Organisation | Lot) -> list[Policy]:
    """Every policy a donor or a lot has had, the one that stands first."""
    mine = Policy.lot_id == whose.id if isinstance(whose, Lot) else Policy.donor_id == whose.id
    return list(session.scalars(select(Policy).where(mine).order_by(Policy.id.desc())))


def asked_of_lot(session: Session, lot: Lot) -> Demand:
    """What holds for a lot: its own policy and its donor's together."""
    return _strictest(one.demand for one in (policy_of(session, lot), policy_of(session, lot.donor)) if one)


def asked_of_machine(session: Session, machine: Machine) -> Demand:
    """What holds for what a machine brought with it."""
    standing = _standing(session, {machine.donor_id}, {machine.lot_id})
    return _strictest(standing.get(key, Demand()) for key in _keys(machine.donor_id, machine.lot_id))


def asked_of_drives(session: Session, drive_ids: Collection[int]) -> dict[int, Demand]:
    """What holds for drives: of every donor and lot in whose computers each was ever seen. Two queries.

    A record merged into another was the other's computer all along.
    """
    seen = session.execute(_seen(), {"drives": list(drive_ids)}).all()
    standing = _standing(session, {donor for _, donor, _ in seen}, {lot for _, _, lot in seen})
    asked = dict.fromkeys(drive_ids, Demand())
    for drive, donor, lot in seen:
        for key in _keys(donor, lot):
            asked[drive] = asked[drive].and_also(standing.get(key, Demand()))
    return asked


@cache
def _seen() -> Select[int, int | None, int | None]:
    """In whose computers some drives were ever seen. Composed once: the gate asks it at every step."""
    record = aliased(Machine)
    return (
        select(Sighting.drive_id, Machine.donor_id, Machine.lot_id)
        .join(record, record.id == Sighting.machine_id)
        .join(Machine, seen_now_in(record, Machine))
        .where(Sighting.drive_id.in_(bindparam("drives", expanding=True)))
        .distinct()
    )


@dataclass(frozen=True)
class Short:
    """How a clean drive falls short of what is asked of it."""

    asked: Demand
    reached: str
    below: bool
    unchecked: bool


def unmet(session: Session, machine: Machine) -> list[Unmet]:
    """The clean drives inside that do not do what is asked of them. A destroyed drive does all of it."""
    clean = [one for one in open_sightings(session, machine) if one.drive.standing == Standing.SANITISED]
    short = short_of(session, [one.drive for one in clean])
    told = ((one, short[one.drive_id]) for one in clean if one.drive_id in short)
    return [Unmet(sighting, it.asked, it.reached, it.below, it.unchecked) for sighting, it in told]


def short_of(session: Session, drives: Collection[Drive]) -> dict[int, Short]:
    """Which of these clean drives do not do what is asked of them, by their id. As many queries for a thousand as for one."""
    asked = asked_of_drives(session, [one.id for one in drives])
    wanting = [one for one in drives if asked[one.id].minimum_level != "none" or asked[one.id].counter_check]
    if not wanting:
        return {}
    proofs: dict[tuple[int, int], list[Sanitisation]] = {}
    passed = select(Sanitisation).where(
        Sanitisation.drive_id.in_([one.id for one in wanting]), Sanitisation.verdict == "PASS"
    )
    for proof in session.scalars(passed.order_by(Sanitisation.id)):
        proofs.setdefault((proof.drive_id, proof.generation), []).append(proof)
    looked = _checked(session, [one.id for mine in proofs.values() for one in mine])
    found = {}
    for drive in wanting:
        mine, demand = proofs.get((drive.id, drive.generation), []), asked[drive.id]
        reached = max((proof.level for proof in mine), key=LEVELS.index, default="none")
        below = LEVELS.index(reached) < LEVELS.index(demand.minimum_level)
        unchecked = demand.counter_check and not any(proof.id in looked for proof in mine)
        if below or unchecked:
            found[drive.id] = Short(demand, reached, below, unchecked)
    return found


def _checked(session: Session, proof_ids: list[int]) -> set[int]:
    """Which of these wipes another person looked at, and found as it should be."""
    looked = select(CounterCheck.sanitisation_id).where(
        CounterCheck.sanitisation_id.in_(proof_ids), CounterCheck.matched == CounterCheck.sectors
    )
    return {*session.scalars(looked), *audited(session, proof_ids)}


Key = tuple[str, int]


def _keys(donor_id: int | None, lot_id: int | None) -> Iterable[Key]:
    if donor_id is not None:
        yield "donor", donor_id
    if lot_id is not None:
        yield "lot", lot_id


def _standing(session: Session, donors: set[int | None], lots: set[int | None]) -> dict[Key, Demand]:
    """The policies that stand of some donors and lots."""
    whose = Policy.donor_id.in_(donors - {None}) | Policy.lot_id.in_(lots - {None})
    found: dict[Key, Demand] = {}
    for policy in session.scalars(select(Policy).where(whose).order_by(Policy.id)):
        for key in _keys(policy.donor_id, policy.lot_id):
            found[key] = policy.demand
    return found


def _strictest(demands: Iterable[Demand]) -> Demand:
    held = Demand()
    for one in demands:
        held = held.and_also(one)
    return held
