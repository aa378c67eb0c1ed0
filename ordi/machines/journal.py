"""The gate: the one function that moves a machine, and the unbroken history it writes.

Each event carries the hash of the one before it for that machine; the machine keeps the hash of its last. Histories
hold codes and facts, never sentences and never a household.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, bindparam, insert, select, update
from sqlalchemy.event import listen
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from ordi.canonical import canonical, digest
from ordi.database import Base
from ordi.errors import NotAllowed, Refused
from ordi.machines.gate import NEEDS
from ordi.machines.lifecycle import NEW_STAY, STEPS, Action, Note, Step
from ordi.machines.machine import SEEN_THROUGH, Machine
from ordi.parties.organisations import Organisation
from ordi.parties.people import Membership, Person, Role

_HELD = "ordi-held-machines"


class WrongState(Refused):
    """This action does not start from where the machine is now."""

    code = "wrong-state"


class MergedAway(Refused):
    """This record was merged into another of the same computer: that one goes on."""

    code = "merged-away"


class Event(Base):
    """One line of a machine's history. The database refuses to change, replace or delete it."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("machine_id", "seq"),
        Index("ix_events_recorded", "recorded_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"))
    seq: Mapped[int]
    action: Mapped[str] = mapped_column(String(24))
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """Nobody: the machine itself, or Ordi as a consequence."""
    happened_at: Mapped[datetime]
    """Claimed by whoever acted."""
    recorded_at: Mapped[datetime]
    facts: Mapped[str]
    """Canonical JSON: what is hashed is this text, as stored."""
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


_COLUMNS = tuple(column.key for column in Event.__table__.columns if column.key != "id")
_INSERT = insert(Base.metadata.tables["events"])
_MACHINES = Base.metadata.tables["machines"]
_MOVE = update(_MACHINES).where(_MACHINES.c.id == bindparam("machine"))


def record(
    session: Session,
    machine: Machine,
    action: Action | Note,
    *,
    by: Person | None,
    at: datetime,
    happened_at: datetime | None = None,
    **facts: Any,
) -> str:
    """Write an event and, for an `Action`, move the machine. Locks the machine; flushes; returns the event's hash.

    Raises `MergedAway`, `WrongState`, `NotAllowed` (role or organisation), or the refusal of the first need that does not hold:
    the needs and their refusals are in `gate.NEEDS`.
    """
    lock(session, machine)
    if isinstance(action, Note):
        return _write(session, machine, action, machine.state, by=by, at=at, happened_at=happened_at, facts=facts)
    if machine.merged_into_id is not None:
        raise MergedAway(tag=machine.tag, now=machine.current.tag)
    step = STEPS[action]
    if machine.state not in step.sources:
        raise WrongState(action=action, state=machine.state, tag=machine.tag)
    _authorise(step, machine, by, at)
    for need in step.needs:
        NEEDS[need](session, machine)
    return _write(session, machine, action, step.target, by=by, at=at, happened_at=happened_at, facts=facts)


def lock(session: Session, machine: Machine) -> None:
    """Hold a machine until this transaction ends, and read it as it is now. Held already: nothing more to do."""
    session.flush()
    held: set[int] = session.info.setdefault(_HELD, set())
    if machine.id not in held:
        session.refresh(machine, with_for_update=True)
        held.add(machine.id)


def _let_go(session: Session, transaction: SessionTransaction) -> None:
    """The database let go of every lock; a savepoint rolled back gave some up too. A flush ends nothing."""
    if transaction.parent is None or transaction.nested:
        session.info.pop(_HELD, None)


listen(Session, "after_transaction_end", _let_go)


def bear(session: Session, machine: Machine, action: Action, *, by: Person, at: datetime, **facts: Any) -> Machine:
    """Add a new machine in the state its birth leads to. Raises `NotAllowed`."""
    step = STEPS[action]
    machine.state, machine.state_since = step.target, at
    machine.head_seq, machine.head_hash, machine.stay = 0, "", 1
    session.add(machine)
    session.flush()
    _authorise(step, machine, by, at)
    _write(session, machine, action, step.target, by=by, at=at, happened_at=None, facts=facts, born=True)
    return machine


def permitted(machine: Machine, action: Action, by: Person, *, at: datetime) -> bool:
    """Whether this person's roles cover this action on this machine, whatever its needs."""
    return any(_covers(held, machine) for held in by.current(at) if held.role in STEPS[action].roles)


def possible(machine: Machine, by: Person, *, at: datetime) -> list[Action]:
    """The actions that start from where the machine is and that this person may take: the buttons."""
    return [a for a, step in STEPS.items() if machine.state in step.sources and permitted(machine, a, by, at=at)]


def history(session: Session, machine: Machine) -> list[Event]:
    """All events of a machine, oldest first."""
    return list(session.scalars(select(Event).where(Event.machine_id == machine.id).order_by(Event.seq)))


def hash_of(event: Event, tag: str) -> str:
    """What an event's hash must be, from its stored columns."""
    return digest(text_of(event, tag))


def text_of(event: Event, tag: str) -> str:
    """The canonical text of an event: what is hashed."""
    return canonical(
        {
            "machine": tag,
            "seq": event.seq,
            "action": event.action,
            "from": event.from_state,
            "to": event.to_state,
            "person": event.person_id,
            "happened_at": instant(event.happened_at),
            "recorded_at": instant(event.recorded_at),
            "facts": event.facts,
            "prev": event.prev_hash,
        }
    )


def instant(moment: datetime) -> str:
    """An instant as it is hashed: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Fault:
    """Something wrong in a chain: which machine, where, what (altered, missing, reordered, cut, state)."""

    tag: str
    seq: int
    what: str


def verify(session: Session, against: Mapping[str, tuple[int, str]] | None = None) -> Iterator[Fault]:
    """Walk every chain and yield each fault.

    `against` is an earlier export of heads (tag → last seq, hash): it finds tails cut and machines gone since.
    """
    heads = dict(against or {})
    for some in session.scalars(select(Machine).order_by(Machine.id).execution_options(yield_per=200)).partitions():
        lives = _lives(session, [machine.id for machine in some])
        for machine in some:
            yield from _verify_chain(machine, lives.get(machine.id, []), heads.pop(machine.tag, None))
    for tag, (seq, _hash) in heads.items():
        yield Fault(tag, seq, "machine-gone")


def heads(session: Session) -> dict[str, tuple[int, str]]:
    """The last event of every machine, to be exported outside the server."""
    rows = session.execute(select(Machine.tag, Machine.head_seq, Machine.head_hash).order_by(Machine.tag))
    return {tag: (seq, head) for tag, seq, head in rows}


def _lives(session: Session, machine_ids: list[int]) -> dict[int, list[Event]]:
    """The histories of some machines, oldest event first, in one query."""
    query = select(Event).where(Event.machine_id.in_(machine_ids)).order_by(Event.machine_id, Event.seq)
    return {key: list(events) for key, events in groupby(session.scalars(query), key=lambda one: one.machine_id)}


def _verify_chain(machine: Machine, events: list[Event], promised: tuple[int, str] | None) -> Iterator[Fault]:
    previous, state, expected = "", None, 1
    for event in events:
        if event.seq != expected:
            yield Fault(machine.tag, expected, "missing")
        if event.prev_hash != previous:
            yield Fault(machine.tag, event.seq, "reordered" if event.seq == expected else "broken")
        if event.hash != hash_of(event, machine.tag):
            yield Fault(machine.tag, event.seq, "altered")
        if event.from_state != state:
            yield Fault(machine.tag, event.seq, "jump")
        if promised and event.seq == promised[0] and event.hash != promised[1]:
            yield Fault(machine.tag, event.seq, "rewritten")
        previous, state, expected = event.hash, event.to_state, event.seq + 1
    if (machine.head_seq, machine.head_hash) != (expected - 1, previous):
        yield Fault(machine.tag, machine.head_seq, "cut")
    if machine.state != state:
        yield Fault(machine.tag, machine.head_seq, "state")
    if promised and expected - 1 < promised[0]:
        yield Fault(machine.tag, promised[0], "cut")


def _authorise(step: Step, machine: Machine, by: Person | None, at: datetime) -> None:
    if by is None:
        if not step.automatic:
            raise NotAllowed(action=step.action)
    elif not permitted(machine, step.action, by, at=at):
        raise NotAllowed(action=step.action, tag=machine.tag)


def _covers(held: Membership, machine: Machine) -> bool:
    tie = SEEN_THROUGH.get(Role(held.role), Machine.workshop_id)
    bound: Organisation | None = getattr(machine, _RELATIONS[tie.key])
    return bound is not None and held.organisation.holds(bound)


_RELATIONS = {"donor_id": "donor", "partner_id": "partner", "workshop_id": "workshop"}


def _write(
    session: Session,
    machine: Machine,
    action: Action | Note,
    to_state: str,
    *,
    by: Person | None,
    at: datetime,
    happened_at: datetime | None,
    facts: Mapping[str, Any],
    born: bool = False,
) -> str:
    written = Event(
        machine_id=machine.id,
        seq=machine.head_seq + 1,
        action=action,
        from_state=None if born else machine.state,
        to_state=to_state,
        person_id=by.id if by else None,
        happened_at=happened_at or at,
        recorded_at=at,
        facts=canonical({name: value for name, value in facts.items() if value is not None}),
        prev_hash=machine.head_hash,
    )
    written.hash = hash_of(written, machine.tag)
    session.connection().execute(_INSERT, {name: getattr(written, name) for name in _COLUMNS})
    moved = to_state != machine.state
    now: dict[str, Any] = {
        "state": to_state,
        "state_since": at if moved else machine.state_since,
        "head_seq": written.seq,
        "head_hash": written.hash,
        "stay": machine.stay + (action in NEW_STAY),
        "version": machine.version + 1,
    }
    session.connection().execute(_MOVE, now | {"machine": machine.id})
    for name, value in now.items():
        set_committed_value(machine, name, value)
    return written.hash
