"""The demonstration is a possible network: real rules, invented people, the same for the same seed."""

from __future__ import annotations

import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.bench.certificates import Certificate
from ordi.database import make_engine
from ordi.demonstration import MACHINES, build
from ordi.keys import KeyRing
from ordi.machines.drive import Drive, Sanitisation
from ordi.machines.gate import unclean
from ordi.machines.journal import Event, verify
from ordi.machines.lifecycle import GATED, State
from ordi.machines.machine import Machine
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Membership, Role
from ordi.sharing.requests import Request, RequestState
from tests.ground.server import ORDI, run_ordi, settings_for
from tests.ground.tiers import HOUSE

FEW = 60


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """Keys in force since long before anything happened."""
    return KeyRing.open(tmp_path_factory.mktemp("keys"), at=datetime.fromisoformat("2024-01-01T00:00:00Z"))


@pytest.fixture
def network(session: Session, ring: KeyRing, now: datetime) -> Session:
    """A small demonstration."""
    build(session, ring=ring, at=now, machines=FEW)
    session.expire_all()
    return session


def test_there_is_a_machine_in_every_state_and_its_past_is_unbroken(network: Session, now: datetime) -> None:
    assert set(network.scalars(select(Machine.state))) == set(State)
    assert list(verify(network)) == []
    assert network.scalars(select(func.max(Event.recorded_at))).one() <= now
    out = (State.ALLOCATED, State.READY, State.RECYCLED)
    for machine in network.scalars(select(Machine).where(Machine.state.in_(out))):
        assert machine.state in GATED
        assert unclean(network, machine) == []


def test_there_are_three_poles_five_workshops_and_a_person_for_every_role(network: Session) -> None:
    kinds = network.execute(select(Organisation.kind, func.count()).group_by(Organisation.kind)).all()
    counted = {row[0]: row[1] for row in kinds}
    assert (counted[Kind.POLE], counted[Kind.WORKSHOP]) == (3, 5)
    assert set(network.scalars(select(Membership.role))) == set(Role)


def test_everything_says_that_it_is_a_demonstration(network: Session) -> None:
    for table in (Machine, Drive, Sanitisation):
        assert set(network.scalars(select(table.demonstration))) == {True}  # type: ignore[attr-defined]
    payloads = [one.payload for one in network.scalars(select(Certificate))]
    assert payloads
    assert all(payload["demonstration"] for payload in payloads)


def test_families_wait_and_families_are_served(network: Session) -> None:
    states = set(network.scalars(select(Request.state)))
    assert {RequestState.WAITING, RequestState.ALLOCATED, RequestState.HANDED_OVER} <= states


def test_the_same_seed_makes_the_same_network(session: Session, ring: KeyRing, now: datetime) -> None:
    seen = []
    for _ in range(2):
        with session.begin_nested() as apart:
            build(session, ring=ring, at=now, machines=FEW, seed=7)
            seen.append([tuple(row) for row in session.execute(_told)])
            apart.rollback()
            session.expunge_all()
    assert seen[0] == seen[1]


def test_without_a_key_of_the_time_there_is_no_certificate(session: Session, tmp_path: Path, now: datetime) -> None:
    build(session, ring=KeyRing.open(tmp_path / "keys", at=now + timedelta(days=1)), at=now, machines=FEW)
    assert session.scalar(select(func.count(Certificate.id))) == 0


_told = select(Machine.tag, Machine.state, Machine.model, Machine.serial, Machine.grade, Machine.profile).order_by(
    Machine.tag
)


def test_what_goes_on_after_the_command_ended_makes_the_same_network(tmp_path: Path) -> None:
    whole, followed = tmp_path / "whole", tmp_path / "followed"
    run_ordi(settings_for(whole), "demo")
    with (tmp_path / "said").open("w+") as said:
        words = [*ORDI, "demo", "--if-empty", "--and-go-on"]
        subprocess.run(words, env=settings_for(followed), cwd=HOUSE, stdout=said, stderr=said, check=True, timeout=120)
    first = _where_they_stand(followed)
    assert {State.READY, State.HANDED_OVER, State.RECEIVED, State.SANITISED} <= {State(one) for one in first.values()}
    everything = _where_they_stand(whole)
    assert len(first) < len(everything)
    deadline = time.monotonic() + 120
    while len(_where_they_stand(followed)) < len(everything) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert sorted(_where_they_stand(followed).values()) == sorted(everything.values())
    assert len(everything) == MACHINES
    engine = make_engine(f"sqlite:///{followed / 'ordi.db'}")
    with Session(engine) as session:
        assert list(verify(session)) == []
    engine.dispose()


def _where_they_stand(data: Path) -> dict[str, str]:
    engine = make_engine(f"sqlite:///{data / 'ordi.db'}")
    with Session(engine.execution_options(reads=True)) as session:
        found = dict(session.execute(select(Machine.tag, Machine.state)).tuples().all())
    engine.dispose()
    return found
