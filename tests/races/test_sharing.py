"""One computer, one family: two who decide in the same second do not both win."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.journeys.exchanges import exchange
from ordi.machines.drive import Standing, open_sightings
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from ordi.parties.people import Person, dismiss
from ordi.sharing.allocation import Allocation, allocate, release
from ordi.sharing.applications import Application, Outcome, Writing, file, save
from ordi.sharing.appointments import book
from ordi.sharing.bookings import Appointment
from ordi.sharing.calls import Call, close_call
from ordi.sharing.deliberating import Verdict, deliberate
from ordi.sharing.desks import open_desk
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.hand_over import hand_over
from ordi.sharing.naming import name_machine
from ordi.sharing.programmes import Programme
from ordi.sharing.repairs import bring_in
from ordi.sharing.requests import Request, RequestState, withdraw
from ordi.sharing.scoring import dismiss_juror
from ordi.sharing.take_back import take_back
from ordi.sharing.tenant_codes import give_codes, redeem
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.races.hands import flow
from tests.races.meeting import Flow, Meeting
from tests.sharing.calls import PROJECT, a_call, a_jury, an_application, an_association, marked
from tests.sharing.families import a_household, a_programme, a_promise, a_request, a_signature, handed_over

pytestmark = pytest.mark.postgresql


def promises(meeting: Meeting, machine: Machine, request: Request) -> Flow:
    """Ada promises one to the other."""
    number = request.id

    def verb(session: Session, found: Machine, by: Person) -> None:
        allocate(session, found, session.get_one(Request, number), by=by, at=NOW)

    return flow(Machine, machine.id, meeting.cast.ada, verb)


def hands_over(meeting: Meeting, promise: Allocation) -> Flow:
    """Inès has it signed for."""

    def verb(session: Session, found: Allocation, by: Person) -> None:
        hand_over(session, found, a_signature(), by=by, at=NOW)

    return flow(Allocation, promise.id, meeting.cast.ines, verb)


def withdraws(meeting: Meeting, request: Request) -> Flow:
    """The family no longer wants it."""
    return flow(Request, request.id, meeting.cast.ines, lambda s, found, by: withdraw(s, found, by=by, at=NOW))


@pytest.mark.parametrize("taken_first", [True, False])
def test_a_machine_taken_meanwhile_leaves_the_exchange_undone(meeting: Meeting, taken_first: bool) -> None:
    session, cast = meeting.session, meeting.cast
    given, other = handed_over(session, cast), a_machine(session, cast)
    waits, new = a_request(session, cast), other.id

    def verb(found: Session, old: Allocation, by: Person) -> None:
        machine = found.get_one(Machine, new)
        exchange(found, old, machine, a_signature(), reason="broken", files="copied", by=by, at=NOW)

    exchanges = flow(Allocation, given.id, cast.ada, verb)
    taken = promises(meeting, other, waits)
    ended = meeting.meet(*((taken, exchanges) if taken_first else (exchanges, taken)))
    assert ended[0] == "done"
    assert ended[1] != "done"
    assert given.machine.state == (State.HANDED_OVER if taken_first else State.RECEIVED)
    assert other.state == (State.ALLOCATED if taken_first else State.HANDED_OVER)


@pytest.mark.parametrize("closed_first", [True, False])
def test_what_is_filed_as_a_call_closes_is_in_or_out_and_never_between(meeting: Meeting, closed_first: bool) -> None:
    session, cast = meeting.session, meeting.cast
    call, (club, by) = a_call(session, cast), an_association(session, cast)
    written = save(session, call, club, Writing(PROJECT, 3, "", ("paperwork",)), by=by, at=NOW)
    closes = flow(Call, call.id, cast.ada, lambda s, found, who: close_call(s, found, by=who, at=NOW))
    files = flow(Application, written.id, by, lambda s, found, who: file(s, found, by=who, at=NOW))
    ended = meeting.meet(*((closes, files) if closed_first else (files, closes)))
    assert ended == (("done", "call-not-open") if closed_first else ("done", "done"))
    assert session.get_one(Application, written.id).standing == ("draft" if closed_first else "filed")


def test_two_who_decide_on_a_call_serve_it_once(meeting: Meeting) -> None:
    session, cast = meeting.session, meeting.cast
    call = a_call(session, cast)
    one = an_application(session, call, *an_association(session, cast))
    a_jury(session, cast, call)
    close_call(session, call, by=cast.ada, at=NOW)
    marked(session, one, cast.lou, 4, 8, at=NOW)
    number = one.id
    dismiss_juror(session, call, cast.paul.id, by=cast.ada, at=NOW)

    def decides(s: Session, found: Call, who: Person) -> None:
        verdict = {s.get_one(Application, number).code: Verdict(Outcome.ACCEPTED, 3)}
        deliberate(s, found, verdict, [s.get_one(Person, cast.lou.id)], by=who, at=NOW)

    decision = flow(Call, call.id, cast.ada, decides)
    ended = meeting.meet(decision, decision)
    assert ended == ("done", "call-not-scoring")
    assert len(session.scalars(select(Request)).all()) == 3


def test_one_computer_is_promised_to_one_of_two_requests(meeting: Meeting) -> None:
    machine = a_machine(meeting.session, meeting.cast)
    asked = [a_request(meeting.session, meeting.cast) for _ in range(2)]
    ended = meeting.meet(*(promises(meeting, machine, one) for one in asked))
    assert ended == ("done", "someone-just-did-this")


def test_one_request_is_promised_one_of_two_computers(meeting: Meeting) -> None:
    machines = [a_machine(meeting.session, meeting.cast) for _ in range(2)]
    request = a_request(meeting.session, meeting.cast)
    ended = meeting.meet(*(promises(meeting, one, request) for one in machines))
    assert ended == ("done", "someone-just-did-this")
    assert sorted(meeting.session.scalars(select(Machine.state))) == [State.ALLOCATED, State.READY]


@pytest.mark.parametrize("withdrawn_first", [True, False])
def test_a_request_withdrawn_as_it_is_promised_is_not_handed_anything(meeting: Meeting, withdrawn_first: bool) -> None:
    machine, request = a_machine(meeting.session, meeting.cast), a_request(meeting.session, meeting.cast)
    flows = (withdraws(meeting, request), promises(meeting, machine, request))
    ended = meeting.meet(*(flows if withdrawn_first else flows[::-1]))
    assert ended == (("done", "not-waiting") if withdrawn_first else ("done", "done"))
    assert meeting.session.get_one(Request, request.id).state == RequestState.WITHDRAWN


MORNING = datetime(2026, 11, 19, 8, tzinfo=UTC)


def books(meeting: Meeting, promise: Allocation) -> Flow:
    """Inès takes the only place of a morning."""

    def verb(session: Session, found: Allocation, by: Person) -> None:
        book(session, found, found.machine.workshop, MORNING, by=by, at=NOW)

    return flow(Allocation, promise.id, meeting.cast.ines, verb)


@pytest.fixture
def one_place(meeting: Meeting) -> None:
    """The workshop receives one family at a time, on Thursdays at nine."""
    cast = meeting.cast
    open_desk(meeting.session, cast.workshop, {4: "9h-9h30"}, minutes=30, at_once=1, by=cast.ada, at=NOW)


@pytest.mark.usefixtures("one_place")
def test_the_last_place_of_a_morning_goes_to_one_family(meeting: Meeting) -> None:
    promises = [a_promise(meeting.session, meeting.cast) for _ in range(2)]
    assert meeting.meet(*(books(meeting, one) for one in promises)) == ("done", "slot-taken")


@pytest.mark.usefixtures("one_place")
def test_two_who_book_for_one_family_make_one_appointment(meeting: Meeting) -> None:
    promise = a_promise(meeting.session, meeting.cast)
    assert meeting.meet(books(meeting, promise), books(meeting, promise)) == ("done", "done")
    assert len(meeting.session.scalars(select(Appointment)).all()) == 1


def test_a_machine_is_taken_into_repair_once(meeting: Meeting) -> None:
    given = handed_over(meeting.session, meeting.cast)
    number = given.machine_id

    def verb(session: Session, found: Machine, by: Person) -> None:
        bring_in(session, found, "slow", by=by, at=NOW)

    comes = flow(Machine, number, meeting.cast.sam, verb)
    assert meeting.meet(comes, comes) == ("done", "in-repair")


def test_a_hand_over_is_signed_once(meeting: Meeting) -> None:
    promise = a_promise(meeting.session, meeting.cast)
    ended = meeting.meet(hands_over(meeting, promise), hands_over(meeting, promise))
    assert ended == ("done", "someone-just-did-this")


@pytest.mark.parametrize("withdrawn_first", [True, False])
def test_a_hand_over_that_meets_the_withdrawal_is_one_or_the_other(meeting: Meeting, withdrawn_first: bool) -> None:
    promise = a_promise(meeting.session, meeting.cast)
    flows = (withdraws(meeting, promise.request), hands_over(meeting, promise))
    assert meeting.meet(*(flows if withdrawn_first else flows[::-1])) == ("done", "not-waiting")


@pytest.mark.parametrize("released_first", [True, False])
def test_a_hand_over_that_meets_its_release_is_one_or_the_other(meeting: Meeting, released_first: bool) -> None:
    promise = a_promise(meeting.session, meeting.cast)
    releases = flow(Allocation, promise.id, meeting.cast.ada, lambda s, found, by: release(s, found, by=by, at=NOW))
    flows = (releases, hands_over(meeting, promise))
    ended = meeting.meet(*(flows if released_first else flows[::-1]))
    assert ended == ("done", "not-allocated")


def test_a_computer_reopened_as_it_is_handed_over_stays(meeting: Meeting) -> None:
    promise = a_promise(meeting.session, meeting.cast)

    def reopens(session: Session, found: Machine, by: Person) -> None:
        record(session, found, Action.REOPEN, by=by, at=NOW)

    ended = meeting.meet(flow(Machine, promise.machine_id, meeting.cast.sam, reopens), hands_over(meeting, promise))
    assert ended[0] == "done"
    assert ended[1] in ("not-allocated", "wrong-state")
    assert meeting.session.get_one(Machine, promise.machine_id).state == State.RECEIVED


def test_what_was_handed_over_holds_data_from_that_moment(meeting: Meeting) -> None:
    promise = a_promise(meeting.session, meeting.cast)
    assert meeting.meet(hands_over(meeting, promise), hands_over(meeting, promise))[0] == "done"
    inside = open_sightings(meeting.session, meeting.session.get_one(Machine, promise.machine_id))
    assert {one.drive.standing for one in inside} == {Standing.HOLDS_DATA}


def test_a_computer_is_taken_back_once(meeting: Meeting) -> None:
    given = handed_over(meeting.session, meeting.cast)

    def takes(session: Session, found: Allocation, by: Person) -> None:
        take_back(session, found, "broken", by=by, at=NOW)

    back = flow(Allocation, given.id, meeting.cast.lou, takes)
    assert meeting.meet(back, back) == ("done", "not-allocated")


def test_a_family_filed_twice_at_once_waits_once(meeting: Meeting) -> None:
    household, programme = a_household(meeting.session, meeting.cast), a_programme(meeting.session, meeting.cast)

    def files(session: Session, found: Programme, by: Person) -> None:
        home = session.get_one(type(household), household.id)
        filing = Filing(found, ("paperwork",), household=home, consent=Reading("2026-1", "fr"))
        file_request(session, home.partner, filing, by=by, at=NOW)

    twice = flow(Programme, programme.id, meeting.cast.ines, files)
    assert meeting.meet(twice, twice) == ("done", "already-asked")
    assert len(list(meeting.session.scalars(select(Request)))) == 1


def test_the_last_place_of_a_programme_is_given_once(meeting: Meeting) -> None:
    programme = a_programme(meeting.session, meeting.cast, quota={"total": 1})
    machines = [a_machine(meeting.session, meeting.cast) for _ in range(2)]
    asked = [a_request(meeting.session, meeting.cast, programme) for _ in range(2)]
    both = [promises(meeting, *pair) for pair in zip(machines, asked, strict=True)]
    assert meeting.meet(*both) == ("done", "quota-reached")


def test_a_tenants_code_opens_one_request(meeting: Meeting) -> None:
    (code,) = give_codes(meeting.session, meeting.cast.partner, "bailleur", 1, by=meeting.cast.lise, at=NOW)
    programme = a_programme(meeting.session, meeting.cast, code="bailleur")
    asked = [a_request(meeting.session, meeting.cast, programme).id for _ in range(2)]

    def uses(number: int) -> Flow:
        return flow(Request, number, meeting.cast.lise, lambda s, found, _by: redeem(s, found, code, at=NOW))

    assert meeting.meet(*map(uses, asked)) == ("done", "code-unknown")


def test_a_request_withdrawn_as_a_computer_is_named_for_it_names_none(meeting: Meeting) -> None:
    programme = a_programme(meeting.session, meeting.cast, built_by_holder=True)
    request = a_request(meeting.session, meeting.cast, programme)
    machine = a_machine(meeting.session, meeting.cast, State.RECEIVED)

    def names(session: Session, found: Request, by: Person) -> None:
        name_machine(session, session.get_one(Machine, machine.id), found, by=by, at=NOW)

    named = flow(Request, request.id, meeting.cast.ada, names)
    assert meeting.meet(withdraws(meeting, request), named) == ("done", "not-waiting")


def test_a_role_that_ends_as_its_holder_acts_ends_before_or_after_and_the_act_stays_theirs(meeting: Meeting) -> None:
    machine, request = a_machine(meeting.session, meeting.cast), a_request(meeting.session, meeting.cast)

    def ends(session: Session, found: Person, _by: Person) -> None:
        dismiss(session, found.memberships[0], at=NOW)

    ended = meeting.meet(flow(Person, meeting.cast.ada.id, meeting.cast.zoe, ends), promises(meeting, machine, request))
    assert ended == ("done", "done")
    given = meeting.session.scalars(select(Allocation)).one()
    assert given.by_id == meeting.cast.ada.id
