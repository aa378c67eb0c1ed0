"""The machines tests begin with have a past that the database itself believes."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ordi.machines.journal import verify
from ordi.machines.lifecycle import State
from ordi.machines.machine import machines_seen_by
from tests.cast import Cast
from tests.factories import a_machine


@pytest.mark.parametrize("state", list(State))
def test_a_machine_of_any_state_has_an_unbroken_past(session: Session, cast: Cast, state: State) -> None:
    machine = a_machine(session, cast, state)
    assert machine.state == state
    assert list(verify(session)) == []


def test_noor_of_another_pole_sees_nothing_of_ours(session: Session, cast: Cast) -> None:
    a_machine(session, cast, State.READY)
    assert session.scalars(machines_seen_by(cast.noor, at=cast.at)).all() == []
    assert len(session.scalars(machines_seen_by(cast.sam, at=cast.at)).all()) == 1
