"""Whoever holds the database alters the past with the triggers taken away: the audit names what, or says that it forked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from ordi.canonical import canonical
from ordi.keys import KeyRing
from ordi.log.heads import Head, LogHead, read_head
from ordi.log.leaves import Leaf
from ordi.log.rebuilding import LogFault, rebuild
from ordi.machines import triggers
from ordi.machines.journal import Event, hash_of, record, verify
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from tests.cast import Cast
from tests.factories import a_machine
from tests.log.logs import sealed


@pytest.fixture
def machine(session: Session, cast: Cast, ring: KeyRing, now: datetime) -> Machine:
    """A machine among others, in a log of two heads."""
    a_machine(session, cast, State.RECEIVED)
    machine = a_machine(session, cast, State.READY)
    sealed(session, ring, now)
    record(session, machine, Note.SHELVED, by=None, at=now, shelf="B2")
    a_machine(session, cast, State.RECEIVED)
    sealed(session, ring, now)
    return machine


@pytest.fixture
def kept(session: Session, machine: Machine, ring: KeyRing, now: datetime) -> Head:
    """The newest head, mailed to an auditor."""
    return read_head(session.scalars(select(LogHead.jws).order_by(LogHead.id.desc()).limit(1)).one(), ring.jwks(now))


@pytest.fixture
def faults(session: Session, ring: KeyRing, now: datetime) -> Callable[..., list[LogFault]]:
    """`faults(head)`: what the audit finds."""

    def look(*heads: Head) -> list[LogFault]:
        session.expire_all()
        return list(rebuild(session, ring.jwks(now), heads))

    return look


Faults = Callable[..., list[LogFault]]


def named(found: list[LogFault]) -> set[str]:
    return {fault.what for fault in found}


def test_an_honest_log_has_no_fault(kept: Head, faults: Faults) -> None:
    assert faults(kept) == []


def _event(session: Session, machine: Machine, seq: int) -> tuple[Event, int]:
    event = session.scalars(select(Event).where(Event.machine_id == machine.id, Event.seq == seq)).one()
    return event, session.scalars(select(Leaf.position).where(Leaf.event_id == event.id)).one()


@pytest.mark.parametrize(
    "change",
    [
        {"action": "recycled"},
        {"from_state": "ready"},
        {"to_state": "ready"},
        {"person_id": None},
        {"facts": '{"shelf":"Z9"}'},
        {"prev_hash": "0" * 64},
        {"seq": 90},
        {"hash": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_event_altered_in_any_field_is_named(
    session: Session, machine: Machine, kept: Head, faults: Faults, change: dict[str, object]
) -> None:
    event, place = _event(session, machine, 3)
    triggers.drop(session.connection())
    session.execute(update(Event).where(Event.id == event.id).values(**change))
    found = faults(kept)
    assert "event-altered" in named(found)
    assert place in {fault.place for fault in found if fault.what == "event-altered"}
    assert ("forked" in named(found)) == ("hash" not in change)  # its own hash is not part of what is hashed


@pytest.mark.parametrize("column", ["happened_at", "recorded_at"])
def test_an_event_moved_in_time_is_named(
    session: Session, machine: Machine, kept: Head, faults: Faults, column: str, now: datetime
) -> None:
    event, place = _event(session, machine, 3)
    triggers.drop(session.connection())
    session.execute(update(Event).where(Event.id == event.id).values(**{column: now.replace(year=2020)}))
    assert (LogFault("event-altered", place, machine.tag, 3)) in faults(kept)


def test_a_past_rewritten_with_care_is_a_fork(
    session: Session, machine: Machine, kept: Head, faults: Faults, ring: KeyRing, now: datetime
) -> None:
    """Event, chain, leaves, subtrees and heads all made anew by someone who has the keys: only the mailed head knows."""
    _rewrite(session, machine, ring, now)
    assert faults() == []
    assert list(verify(session)) == []
    assert named(faults(kept)) == {"forked"}


def test_a_log_begun_again_is_another_one(
    session: Session, machine: Machine, kept: Head, faults: Faults, ring: KeyRing, now: datetime
) -> None:
    _rewrite(session, machine, ring, now, begin_again=True)
    assert faults() == []
    assert named(faults(kept)) == {"another-log"}


def _rewrite(session: Session, machine: Machine, ring: KeyRing, now: datetime, *, begin_again: bool = False) -> None:
    connection = session.connection()
    triggers.drop(connection)
    previous = ""
    for event in session.scalars(select(Event).where(Event.machine_id == machine.id).order_by(Event.seq)):
        if event.seq == 3:
            event.facts = canonical({"invented": True})
        event.prev_hash = previous
        event.hash = previous = hash_of(event, machine.tag)
    session.execute(update(Machine).where(Machine.id == machine.id).values(head_hash=previous))
    session.flush()
    for table in ("log_leaves", "log_heads", "log_waiting", *(("logs",) if begin_again else ())):
        session.execute(text(f"DELETE FROM {table}"))
    session.execute(text("INSERT INTO log_waiting (event_id) SELECT id FROM events"))
    session.expire_all()
    triggers.install(connection)
    sealed(session, ring, now)


def test_a_cut_tail_is_found(
    session: Session, machine: Machine, kept: Head, faults: Faults, ring: KeyRing, now: datetime
) -> None:
    triggers.drop(session.connection())
    size = session.scalars(select(LogHead.size).order_by(LogHead.id).limit(1)).one()
    session.execute(delete(Event).where(Event.id.in_(select(Leaf.event_id).where(Leaf.position >= size))))
    session.execute(delete(Leaf).where(Leaf.position >= size))
    session.execute(delete(LogHead).where(LogHead.size > size))
    assert faults() == []
    assert faults(kept) == [LogFault("cut", kept.size)]


def test_a_machine_that_vanished_leaves_its_places_empty(
    session: Session, machine: Machine, kept: Head, faults: Faults
) -> None:
    places = set(
        session.scalars(
            select(Leaf.position).join(Event, Event.id == Leaf.event_id).where(Event.machine_id == machine.id)
        )
    )
    triggers.drop(session.connection())
    session.execute(delete(Event).where(Event.machine_id == machine.id))
    found = faults(kept)
    assert {fault.place for fault in found if fault.what == "event-gone"} == places
    assert named(found) == {"event-gone"}


def test_a_leaf_swapped_with_another_is_named(session: Session, machine: Machine, kept: Head, faults: Faults) -> None:
    (one, first), (two, second) = _event(session, machine, 1), _event(session, machine, 2)
    triggers.drop(session.connection())
    for place, event_id, told in ((first, -1, two.hash), (second, one.id, one.hash), (first, two.id, two.hash)):
        session.execute(update(Leaf).where(Leaf.position == place).values(event_id=event_id, hash=told))
    found = faults(kept)
    assert LogFault("order", first, machine.tag, 2) in found
    assert {"order", "subtree-altered", "forked"} <= named(found)


def test_a_leaf_or_subtree_altered_is_named(session: Session, machine: Machine, kept: Head, faults: Faults) -> None:
    _event_2, place = _event(session, machine, 2)
    triggers.drop(session.connection())
    session.execute(update(Leaf).where(Leaf.position == place).values(hash="f" * 64))
    assert LogFault("leaf-altered", place, machine.tag, 2) in faults(kept)
    session.execute(update(Leaf).where(Leaf.position == 3).values(above=b"\0" * 64))
    assert 3 in {fault.place for fault in faults(kept) if fault.what == "subtree-altered"}


def test_an_event_slipped_in_without_a_ticket_is_named(
    session: Session, machine: Machine, faults: Faults, now: datetime
) -> None:
    triggers.drop(session.connection())
    record(session, machine, Note.SHELVED, by=None, at=now, shelf="C3")
    assert faults() == [LogFault("unsealed", tag=machine.tag, seq=machine.head_seq)]


def test_a_head_altered_in_our_own_table_is_named(
    session: Session, machine: Machine, faults: Faults, ring: KeyRing
) -> None:
    triggers.drop(session.connection())
    head = session.scalars(select(LogHead).order_by(LogHead.id).limit(1)).one()
    for change in ({"root": "0" * 64}, {"size": head.size - 1}, {"jws": head.jws[:-4] + "AAAA"}):
        before = {name: getattr(head, name) for name in change}
        session.execute(update(LogHead).where(LogHead.id == head.id).values(**change))
        assert named(faults()) == {"head-altered"}
        session.execute(update(LogHead).where(LogHead.id == head.id).values(**before))
        session.refresh(head)
    assert faults() == []


def test_a_gap_in_the_places_is_named(session: Session, machine: Machine, kept: Head, faults: Faults) -> None:
    triggers.drop(session.connection())
    session.execute(delete(Leaf).where(Leaf.position == 4))
    found = faults(kept)
    assert "gap" in named(found)
    assert "unsealed" in named(found)
