"""Every event gets one place in the log, in order, whoever seals and whatever commits late."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from ordi.database import make_engine, make_sessions
from ordi.keys import KeyRing
from ordi.log.heads import LogHead, newest, read_head
from ordi.log.leaves import Leaf, Ticket, entry, place_of, roots
from ordi.log.sealing import log_uuid, seal, size_of
from ordi.log.tree import Growth, consistency, extends, includes, inclusion
from ordi.machines.journal import Event, record
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.signatures import SignatureRefused
from tests.cast import Cast, assemble
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.ground.databases import know_every_table, make_schema
from tests.ground.postgres import Cluster


def hashes(session: Session) -> list[str]:
    """The log as it is kept."""
    return list(session.scalars(select(Leaf.hash).order_by(Leaf.position)))


def root_of(entries: list[str]) -> bytes:
    tree = Growth()
    for one in entries:
        tree.add(entry(one))
    return tree.root()


def test_what_waits_is_sealed_in_order_and_the_head_says_so(
    session: Session, cast: Cast, now: datetime, ring: KeyRing
) -> None:
    a_machine(session, cast, State.READY)
    events = list(session.scalars(select(Event.hash).order_by(Event.id)))
    head = seal(session, ring.signing("log", now), at=now)
    assert head
    assert hashes(session) == events
    told = read_head(head.jws, ring.jwks(now))
    assert (told.log, told.size, told.root) == (log_uuid(session), len(events), root_of(events))
    assert not session.scalar(select(func.count()).select_from(Ticket))
    assert place_of(session, events[3]) == 3
    assert place_of(session, "0" * 64) is None


def test_with_nothing_new_nothing_is_signed(session: Session, cast: Cast, now: datetime, ring: KeyRing) -> None:
    key = ring.signing("log", now)
    assert seal(session, key, at=now) is None
    a_machine(session, cast, State.RECEIVED)
    assert seal(session, key, at=now)
    assert seal(session, key, at=now) is None
    assert session.scalar(select(func.count()).select_from(LogHead)) == 1


def test_a_log_sealed_little_by_little_is_the_log_sealed_at_once(
    session: Session, cast: Cast, now: datetime, ring: KeyRing
) -> None:
    for _ in range(5):
        a_machine(session, cast, State.READY)
    events = list(session.scalars(select(Event.hash).order_by(Event.id)))
    key, heads, draw = ring.signing("log", now), [], random.Random(7)
    while head := seal(session, key, at=now, most=draw.randint(1, 6)):
        heads.append(head)
    assert hashes(session) == events
    for head in heads:
        assert bytes.fromhex(head.root) == root_of(events[: head.size])
    for index in range(len(events)):
        path = roots(session, inclusion(index, len(events)))
        assert includes(entry(events[index]), index, len(events), path, root_of(events))
    for older, newer in pairwise(heads):
        path = roots(session, consistency(older.size, newer.size))
        assert extends(older.size, bytes.fromhex(older.root), newer.size, bytes.fromhex(newer.root), path)


def test_only_a_key_for_logs_signs_one(session: Session, cast: Cast, now: datetime, ring: KeyRing) -> None:
    a_machine(session, cast, State.RECEIVED)
    with pytest.raises(ValueError, match="does not sign the log"):
        seal(session, ring.signing("journal", now), at=now)


def test_a_clock_put_back_does_not_make_a_longer_log_older(
    session: Session, cast: Cast, now: datetime, ring: KeyRing
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    first = seal(session, ring.signing("log", now), at=now)
    record(session, machine, Note.SHELVED, by=None, at=now, shelf="A1")
    second = seal(session, ring.signing("log", now), at=now - timedelta(days=3))
    assert first
    assert second
    assert second.issued_at >= first.issued_at


def test_an_event_that_a_forger_wrote_is_sealed_like_any_other(
    session: Session, cast: Cast, now: datetime, ring: KeyRing
) -> None:
    """Its hash is no hash at all; that must not stop the log of everyone else."""
    machine = a_machine(session, cast, State.RECEIVED)
    session.execute(
        text(
            "INSERT INTO events (machine_id, seq, action, from_state, to_state, happened_at, recorded_at, facts, prev_hash, hash)"
            " VALUES (:m, :s, 'forged', 'received', 'received', :t, :t, '{}', :p, 'été')"
        ),
        {"m": machine.id, "s": machine.head_seq + 1, "t": "2026-11-16 09:30:00+00:00", "p": machine.head_hash},
    )
    assert seal(session, ring.signing("log", now), at=now)
    assert hashes(session)[-1] == "été"


@pytest.mark.parametrize("table", ["logs", "log_leaves", "log_heads"])
def test_what_is_sealed_is_not_changed_nor_removed_nor_replaced(
    session: Session, cast: Cast, now: datetime, ring: KeyRing, table: str
) -> None:
    a_machine(session, cast, State.RECEIVED)
    seal(session, ring.signing("log", now), at=now)
    sqlite = session.get_bind().dialect.name == "sqlite"
    key = "position" if table == "log_leaves" else "id"
    other = {"logs": "uuid = 'x'", "log_leaves": "hash = 'x'", "log_heads": "size = 1"}[table]
    acts = [f"UPDATE {table} SET {other}", f"UPDATE {table} SET {key} = 99", f"DELETE FROM {table}"]
    acts += [f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"] if sqlite else [f"TRUNCATE {table} CASCADE"]
    for act in acts:
        with pytest.raises(IntegrityError, match="ordi:"), session.begin_nested():
            session.execute(text(act))
    if sqlite:
        session.execute(text("PRAGMA recursive_triggers = OFF"))
        with pytest.raises(IntegrityError, match="unreplaced"), session.begin_nested():
            session.execute(text(acts[-1]))
        session.execute(text("PRAGMA recursive_triggers = ON"))


def test_no_leaf_is_put_out_of_order_or_for_what_never_happened(
    session: Session, cast: Cast, now: datetime, ring: KeyRing
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    size = _sealed(session, ring, now)
    record(session, machine, Note.SHELVED, by=None, at=now, shelf="A1")
    event = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    for position, number, told, code in (
        (size + 1, event.id, event.hash, "order"),
        (size - 1, event.id, event.hash, "ordi:"),
        (-1, event.id, event.hash, "order"),
        (size, event.id, "0" * 64, "event"),
        (size, event.id + 1000, event.hash, "event"),
    ):
        with pytest.raises(IntegrityError, match=code), session.begin_nested():
            session.execute(
                text("INSERT INTO log_leaves (position, event_id, hash, above) VALUES (:p, :e, :h, :a)"),
                {"p": position, "e": number, "h": told, "a": b""},
            )


def test_no_head_is_longer_than_the_log_or_shorter_than_the_last(
    session: Session, cast: Cast, now: datetime, ring: KeyRing
) -> None:
    a_machine(session, cast, State.RECEIVED)
    size = _sealed(session, ring, now)
    for wrong in (size + 1, size - 1):
        with pytest.raises(IntegrityError, match="ordi:log_heads_size"), session.begin_nested():
            session.execute(insert(LogHead).values(size=wrong, root="0" * 64, issued_at=now, jws="x"))


def test_a_ticket_is_not_taken_away_before_its_event_is_sealed(
    session: Session, cast: Cast, now: datetime, ring: KeyRing
) -> None:
    a_machine(session, cast, State.RECEIVED)
    acts = ["DELETE FROM log_waiting", "UPDATE log_waiting SET event_id = event_id + 100000"]
    if session.get_bind().dialect.name == "postgresql":
        acts.append("TRUNCATE log_waiting")
    for act in acts:
        with pytest.raises(IntegrityError, match="ordi:"), session.begin_nested():
            session.execute(text(act))
    assert _sealed(session, ring, now) == session.scalar(select(func.count()).select_from(Event))


def test_a_head_is_read_only_as_it_was_signed(
    session: Session, cast: Cast, now: datetime, ring: KeyRing, foreign: KeyRing
) -> None:
    a_machine(session, cast, State.RECEIVED)
    seal(session, ring.signing("log", now), at=now)
    head = newest(session)
    assert head
    assert read_head(head.jws + "\n", ring.jwks(now)).size == head.size
    with pytest.raises(SignatureRefused, match="unknown-key"):
        read_head(head.jws, foreign.jwks(now))
    for place in range(0, len(head.jws), 7):
        changed = head.jws[:place] + ("A" if head.jws[place] != "A" else "B") + head.jws[place + 1 :]
        with pytest.raises(SignatureRefused):
            read_head(changed, ring.jwks(now))


def _sealed(session: Session, ring: KeyRing, now: datetime) -> int:
    seal(session, ring.signing("log", now), at=now)
    return size_of(session)


def _twelve_machines(url: str) -> tuple[Engine, list[int]]:
    engine = make_engine(url)
    with make_sessions(engine)() as session:
        cast = assemble(session, NOW)
        machines = [a_machine(session, cast, State.RECEIVED).id for _ in range(12)]
        session.commit()
    return engine, machines


@pytest.fixture
def busy(fresh_database: str) -> Iterator[tuple[Engine, list[int]]]:
    """A database of its own with twelve machines in a workshop, for several connections."""
    engine, machines = _twelve_machines(fresh_database)
    yield engine, machines
    engine.dispose()


@pytest.fixture
def busy_postgresql(cluster: Cluster) -> Iterator[tuple[Engine, list[int]]]:
    """The same, where several write at once."""
    know_every_table()
    name = f"late{uuid4().hex[:8]}"
    url = cluster.create(name)
    make_schema(url)
    engine, machines = _twelve_machines(url)
    yield engine, machines
    engine.dispose()
    cluster.drop(name)


def _whole(engine: Engine, ring: KeyRing) -> None:
    """Each event has one place, each machine's in its own order, and every head is that of the tree."""
    with make_sessions(engine)() as session:
        while seal(session, ring.signing("log", NOW), at=NOW):
            session.commit()
        events = dict(session.execute(select(Event.hash, Event.id)).tuples().all())
        sealed = hashes(session)
        assert sorted(sealed) == sorted(events)
        assert list(session.scalars(select(Leaf.position).order_by(Leaf.position))) == list(range(len(sealed)))
        rows = session.execute(
            select(Event.machine_id, Event.seq).join(Leaf, Leaf.event_id == Event.id).order_by(Leaf.position)
        )
        last: dict[int, int] = {}
        for machine, seq in rows:
            assert seq == last.get(machine, 0) + 1
            last[machine] = seq
        for head in session.scalars(select(LogHead)):
            assert bytes.fromhex(head.root) == root_of(sealed[: head.size])


def test_four_sealers_and_eight_writers_at_once_skip_and_double_nothing(
    busy: tuple[Engine, list[int]], ring: KeyRing
) -> None:
    engine, machines = busy
    sessions, key = make_sessions(engine), ring.signing("log", NOW)
    writing, faults = threading.Event(), []
    writing.set()

    def guarded(act: object) -> None:
        try:
            act()  # type: ignore[operator]
        except Exception as error:  # told at the end, whatever it was
            faults.append(error)

    def write(number: int) -> None:
        draw = random.Random(number)
        for _ in range(12):
            with sessions() as session:
                chosen = session.get_one(Machine, machines[draw.randrange(len(machines))])
                record(session, chosen, Note.SHELVED, by=None, at=NOW, shelf=f"A{number}")
                if engine.dialect.name == "postgresql":
                    time.sleep(draw.random() / 60)  # numbers are taken now, and commit in another order
                session.rollback() if draw.random() < 0.2 else session.commit()

    def keep_sealing() -> None:
        while writing.is_set():
            with sessions() as session:
                seal(session, key, at=NOW, most=7)
                session.commit()

    writers = [threading.Thread(target=guarded, args=(lambda n=n: write(n),)) for n in range(8)]
    sealers = [threading.Thread(target=guarded, args=(keep_sealing,)) for _ in range(4)]
    for one in (*sealers, *writers):
        one.start()
    for one in writers:
        one.join(120)
    writing.clear()
    for one in sealers:
        one.join(120)
    assert not faults
    _whole(engine, ring)


@pytest.mark.postgresql
def test_an_event_whose_number_is_older_than_what_was_sealed_is_not_forgotten(
    busy_postgresql: tuple[Engine, list[int]], ring: KeyRing
) -> None:
    """The first takes its number, the second takes the next and commits, the log is sealed, then the first commits."""
    engine, machines = busy_postgresql
    sessions, key = make_sessions(engine), ring.signing("log", NOW)
    with sessions() as slow, sessions() as quick, sessions() as sealer:
        early = record(slow, slow.get_one(Machine, machines[0]), Note.SHELVED, by=None, at=NOW, shelf="A")
        late = record(quick, quick.get_one(Machine, machines[1]), Note.SHELVED, by=None, at=NOW, shelf="B")
        quick.commit()
        seal(sealer, key, at=NOW)
        sealer.commit()
        assert place_of(sealer, late) is not None
        assert place_of(sealer, early) is None
        slow.commit()
        seal(sealer, key, at=NOW)
        sealer.commit()
        found, before = place_of(sealer, early), place_of(sealer, late)
        assert found is not None
        assert before is not None
        assert found > before
    _whole(engine, ring)


def test_the_first_two_sealers_of_a_network_begin_one_log(busy: tuple[Engine, list[int]], ring: KeyRing) -> None:
    engine, _machines = busy
    sessions, key = make_sessions(engine), ring.signing("log", NOW)
    ready, heads, faults = threading.Barrier(3), [], []

    def first() -> None:
        with sessions() as session:
            ready.wait(20)
            try:
                heads.append(seal(session, key, at=NOW))
                session.commit()
            except OperationalError as error:
                faults.append(error)

    threads = [threading.Thread(target=first) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert not faults
    assert sum(head is not None for head in heads) == 1
    with sessions() as session:
        assert session.scalar(text("SELECT count(*) FROM logs")) == 1
    _whole(engine, ring)


def test_a_sealer_that_stops_half_way_leaves_nothing_half_done(busy: tuple[Engine, list[int]], ring: KeyRing) -> None:
    engine, _machines = busy
    with make_sessions(engine)() as session:
        waiting = session.scalar(select(func.count()).select_from(Ticket))
        seal(session, ring.signing("log", NOW), at=NOW)
        session.rollback()
        assert size_of(session) == 0
        assert session.scalar(select(func.count()).select_from(Ticket)) == waiting
    _whole(engine, ring)
