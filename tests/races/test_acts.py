"""One act over two connections at once: a phone that lost patience, or two windows of the same browser."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from ordi.bench.acts import BenchAct, Sent, answer_once
from ordi.journeys.series import carry_out
from ordi.machines.journal import history
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.races.hands import flow
from tests.races.meeting import Flow, Meeting

pytestmark = pytest.mark.postgresql


def sending(meeting: Meeting, machine: Machine, uuid: str, shelf: str = "B2") -> Flow:
    """A request that brings this act."""
    sam = meeting.cast.sam
    sent = Sent(uuid, sam.op_code, str(uuid4()), "shelve", NOW, machine.tag, shelf)
    return flow(Machine, machine.id, sam, lambda session, _m, by: answer_once(session, sent, carry_out, by=by, at=NOW))


def test_the_same_act_twice_at_once_is_done_once_and_answered_twice(meeting: Meeting) -> None:
    machine, uuid = a_machine(meeting.session, meeting.cast, State.READY), str(uuid4())
    assert meeting.meet(sending(meeting, machine, uuid), sending(meeting, machine, uuid)) == ("done", "done")
    assert meeting.session.scalar(select(func.count()).select_from(BenchAct)) == 1
    assert [event.action for event in history(meeting.session, machine)].count("shelved") == 1


def test_two_acts_on_one_machine_at_once_come_one_after_the_other(meeting: Meeting) -> None:
    machine = a_machine(meeting.session, meeting.cast, State.READY)
    one, two = sending(meeting, machine, str(uuid4()), "B2"), sending(meeting, machine, str(uuid4()), "C3")
    assert meeting.meet(one, two) == ("done", "done")
    meeting.session.refresh(machine)
    assert machine.shelf == "C3"
    assert [event.action for event in history(meeting.session, machine)].count("shelved") == 2
