"""Two desks of a class list in the same second: one computer goes to one child, one child gets one computer."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from ordi.sharing.class_desks import DeskAct, Sent, serve
from ordi.sharing.class_lists import ClassList
from ordi.sharing.promises import Allocation
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.races.hands import flow
from tests.races.meeting import Flow, Meeting
from tests.sharing.classes import an_open_list, pupils_of, sent

pytestmark = pytest.mark.postgresql


def serves(the_list: ClassList, act: Sent, by: Person) -> Flow:
    """A desk sends one act."""
    return flow(ClassList, the_list.id, by, lambda s, found, who: serve(s, found, act, by=who, at=NOW))


def told(session: Session) -> list[tuple[str, str]]:
    """What the acts were answered, in the order they were recorded."""
    return [(one.tone, one.code) for one in session.scalars(select(DeskAct).order_by(DeskAct.id))]


def test_one_child_at_two_desks_gets_one_computer(meeting: Meeting) -> None:
    session, cast = meeting.session, meeting.cast
    the_list = an_open_list(session, cast)
    child = pupils_of(session, the_list)[0].id
    tags = [a_machine(session, cast).tag for _ in range(2)]
    desks = zip(tags, (cast.eva, cast.ines), "12", strict=True)
    ended = meeting.meet(*(serves(the_list, sent((child, tag), desk=desk), by) for tag, by, desk in desks))
    assert ended == ("done", "done")
    assert told(session) == [("given", ""), ("conflict", "child-already-served")]
    assert sorted(session.scalars(select(Machine.state))) == [State.HANDED_OVER, State.READY]


def test_one_computer_at_two_desks_goes_to_one_child(meeting: Meeting) -> None:
    session, cast = meeting.session, meeting.cast
    the_list = an_open_list(session, cast)
    amina, _ibrahim, leo, _zoe = [one.id for one in pupils_of(session, the_list)]
    tag = a_machine(session, cast).tag
    desks = ((amina, cast.eva, "1"), (leo, cast.ines, "2"))
    ended = meeting.meet(*(serves(the_list, sent((child, tag), desk=desk), by) for child, by, desk in desks))
    assert ended == ("done", "done")
    assert len(session.scalars(select(Allocation)).all()) == 1
    assert told(session) == [("given", ""), ("conflict", "machine-already-given")]


def test_an_act_sent_by_two_connections_is_recorded_once(meeting: Meeting) -> None:
    session, cast = meeting.session, meeting.cast
    the_list = an_open_list(session, cast)
    act = sent((pupils_of(session, the_list)[0].id, a_machine(session, cast).tag))
    twice = serves(the_list, act, cast.eva)
    assert meeting.meet(twice, twice) == ("done", "done")
    assert told(session) == [("given", "")]
