"""What a family decides holds, whatever the bench or the machine does in the same second."""

from __future__ import annotations

import secrets
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.fleet import check_ins, help_requests
from ordi.fleet.alerts import Alert, open_alerts, raise_alert, settle
from ordi.fleet.check_ins import CheckIn, take_check_in
from ordi.fleet.enrolment import Enrolment, current_enrolment, enrol, prepare
from ordi.fleet.help_requests import HelpRequest
from ordi.fleet.leaflets import Leaflet, machine_of, print_leaflet
from ordi.journeys.returns import take_back
from ordi.machines.journal import history
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation
from tests.fleet.news import a_drive_told, enrolled, news
from tests.ground.clock import NOW
from tests.races.meeting import Act, Flow, Meeting
from tests.sharing.families import handed_over

pytestmark = pytest.mark.postgresql


@pytest.fixture
def out(meeting: Meeting) -> Allocation:
    """A computer out with a family, that gives news."""
    given = handed_over(meeting.session, meeting.cast)
    enrolled(meeting.session, meeting.cast, given.machine)
    return given


def comes_back(given: Allocation) -> Flow:
    """The computer is taken back by Lou."""

    def flow(session: Session) -> Act:
        back, lou = session.get_one(Allocation, given.id), _lou(session)
        return lambda: take_back(session, back, "broken", by=lou, at=NOW)

    return flow


def gives_news(machine: Machine, uuid: str = "", **counters: int) -> Flow:
    """It says how it is."""

    def flow(session: Session) -> Act:
        found = session.get_one(Machine, machine.id)
        told = news(session, found, drives=[a_drive_told(session, found, **counters)])
        enrolment = session.scalars(select(Enrolment).where(Enrolment.machine_id == machine.id)).one()
        counter = enrolment.counter + 1
        return lambda: take_check_in(
            session, enrolment, uuid=uuid or str(uuid4()), counter=counter, payload=told, at=NOW
        )

    return flow


def stops(machine: Machine) -> Flow:
    """The family stops the news."""

    def flow(session: Session) -> Act:
        found = session.get_one(Machine, machine.id)
        current_enrolment(session, found)
        return lambda: check_ins.stop(session, found, at=NOW)

    return flow


def is_prepared(machine: Machine) -> Flow:
    """Sam prepares it anew."""

    def flow(session: Session) -> Act:
        found, sam = session.get_one(Machine, machine.id), _named(session, "Sam Petit")
        return lambda: prepare(session, found, by=sam, at=NOW)

    return flow


def _named(session: Session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.name == name)).one()


def _lou(session: Session) -> Person:
    return _named(session, "Lou Martin")


def test_news_that_meet_the_take_back_are_not_kept(meeting: Meeting, out: Allocation) -> None:
    assert meeting.meet(comes_back(out), gives_news(out.machine, reallocated=400))[0] == "done"
    machine = meeting.session.get_one(Machine, out.machine_id)
    assert machine.state == State.RECEIVED
    assert list(meeting.session.scalars(select(CheckIn))) == []
    assert open_alerts(meeting.session, machine) == []


def test_the_take_back_that_meets_news_closes_what_they_opened(meeting: Meeting, out: Allocation) -> None:
    assert meeting.meet(gives_news(out.machine, reallocated=400), comes_back(out)) == ("done", "done")
    assert len(list(meeting.session.scalars(select(Alert)))) == 1
    assert open_alerts(meeting.session, meeting.session.get_one(Machine, out.machine_id)) == []


@pytest.mark.parametrize("asked_first", [True, False])
def test_a_ticket_never_outlives_the_take_back_it_meets(meeting: Meeting, out: Allocation, asked_first: bool) -> None:
    secret = print_leaflet(meeting.session, out.machine, by=meeting.cast.sam, at=NOW)

    def asks(session: Session) -> Act:
        machine = machine_of(session, secret)
        return lambda: help_requests.ask(session, machine, "slow", at=NOW)

    flows = (asks, comes_back(out)) if asked_first else (comes_back(out), asks)
    ended = meeting.meet(*flows)
    assert ended == (("done", "done") if asked_first else ("done", "not-found"))
    assert list(meeting.session.scalars(select(HelpRequest).where(HelpRequest.closed_at.is_(None)))) == []


@pytest.mark.parametrize("stopped_first", [True, False])
def test_a_stop_holds_whatever_the_bench_prepares_meanwhile(
    meeting: Meeting, out: Allocation, stopped_first: bool
) -> None:
    flows = (stops(out.machine), is_prepared(out.machine))
    assert meeting.meet(*(flows if stopped_first else flows[::-1])) == ("done", "done")
    enrolment = current_enrolment(meeting.session, meeting.session.get_one(Machine, out.machine_id))
    assert enrolment
    assert enrolment.stopped_at is not None


def test_a_stop_that_meets_news_is_the_end_of_them(meeting: Meeting, out: Allocation) -> None:
    assert meeting.meet(stops(out.machine), gives_news(out.machine)) == ("done", "done")
    assert list(meeting.session.scalars(select(CheckIn))) == []


def test_stopping_twice_at_once_is_told_once(meeting: Meeting, out: Allocation) -> None:
    assert meeting.meet(stops(out.machine), stops(out.machine)) == ("done", "done")
    machine = meeting.session.get_one(Machine, out.machine_id)
    assert [one.action for one in history(meeting.session, machine)].count(Note.CHECK_INS_STOPPED) == 1


def test_news_sent_twice_at_once_are_kept_once(meeting: Meeting, out: Allocation) -> None:
    uuid = str(uuid4())
    assert meeting.meet(gives_news(out.machine, uuid), gives_news(out.machine, uuid)) == ("done", "done")
    assert len(list(meeting.session.scalars(select(CheckIn)))) == 1


def test_two_machines_with_one_key_do_not_both_take_one_counter(meeting: Meeting, out: Allocation) -> None:
    assert meeting.meet(gives_news(out.machine), gives_news(out.machine)) == ("done", "counter-replayed")


def test_one_token_is_burned_by_one_key(meeting: Meeting, out: Allocation) -> None:
    token = prepare(meeting.session, out.machine, by=meeting.cast.sam, at=NOW)

    def starts(session: Session) -> Act:
        session.scalars(select(Enrolment)).all()
        return lambda: enrol(session, token=token, public_key=secrets.token_bytes(32), uuid=str(uuid4()), at=NOW)

    assert meeting.meet(starts, starts) == ("done", "token-used")


def test_a_first_start_that_meets_the_take_back_enrols_nothing(meeting: Meeting, out: Allocation) -> None:
    token = prepare(meeting.session, out.machine, by=meeting.cast.sam, at=NOW)

    def starts(session: Session) -> Act:
        session.scalars(select(Enrolment)).all()
        return lambda: enrol(session, token=token, public_key=secrets.token_bytes(32), uuid=str(uuid4()), at=NOW)

    assert meeting.meet(comes_back(out), starts) == ("done", "token-unknown")


def test_a_machine_prepared_twice_at_once_has_one_enrolment_that_holds(meeting: Meeting, out: Allocation) -> None:
    assert meeting.meet(is_prepared(out.machine), is_prepared(out.machine)) == ("done", "done")
    assert len(list(meeting.session.scalars(select(Enrolment).where(Enrolment.revoked_at.is_(None))))) == 1


def test_two_leaflets_printed_at_once_leave_one_that_opens(meeting: Meeting, out: Allocation) -> None:
    def prints(session: Session) -> Act:
        machine, sam = session.get_one(Machine, out.machine_id), _named(session, "Sam Petit")
        return lambda: print_leaflet(session, machine, by=sam, at=NOW)

    assert meeting.meet(prints, prints) == ("done", "done")
    assert len(list(meeting.session.scalars(select(Leaflet).where(Leaflet.replaced_at.is_(None))))) == 1


def test_an_alert_is_settled_by_one_of_two(meeting: Meeting, out: Allocation) -> None:
    alert = raise_alert(meeting.session, out.machine, "swap", "watch", {}, at=NOW).id  # type: ignore[arg-type]

    def settles(session: Session) -> Act:
        found, lou = session.get_one(Alert, alert), _lou(session)
        return lambda: settle(session, found, by=lou, at=NOW)

    assert meeting.meet(settles, settles) == ("done", "already-settled")


def test_a_ticket_is_taken_by_one_of_two(meeting: Meeting, out: Allocation) -> None:
    ticket = help_requests.ask(meeting.session, out.machine, "slow", at=NOW).id

    def takes(session: Session) -> Act:
        found, lou = session.get_one(HelpRequest, ticket), _lou(session)
        return lambda: help_requests.take(session, found, by=lou, at=NOW)

    assert meeting.meet(takes, takes) == ("done", "someone-just-did-this")
