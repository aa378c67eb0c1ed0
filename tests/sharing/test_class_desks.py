"""The desks of a class list's day, with a network and without: each machine once, each child one, nothing applied twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.bench.quarantines import quarantine
from ordi.errors import Invalid, NotAllowed, NotFound
from ordi.machines.drive import Sanitisation
from ordi.machines.journal import history
from ordi.machines.lifecycle import State
from ordi.sharing.class_counts import Count, Stock, by_class, stock
from ordi.sharing.class_desks import DeskAct, Tone, close_day, conflicts, last_given, serve, settle
from ordi.sharing.class_lists import ListNotOpen, open_list
from ordi.sharing.consents import Consent
from ordi.sharing.naming import name_machine
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import withdraw
from ordi.sharing.signatures import SignatureUnusable
from ordi.sharing.take_back import take_back
from ordi.tags import MistypedTag
from tests.cast import Cast
from tests.factories import WAYS, a_machine
from tests.ground.clock import NOW
from tests.sharing.classes import SMALL, a_school_loan, an_open_list, file_text, pupils_of, sent
from tests.sharing.families import a_household, a_programme, a_promise, a_request, a_signature

LATER = NOW + timedelta(hours=5)
TOMORROW = NOW + timedelta(days=1)


def tones(acts: list[DeskAct]) -> list[tuple[str, str]]:
    """What each machine of an act was answered."""
    return [(one.tone, one.code) for one in acts]


def test_one_scan_and_one_signature_give_a_child_its_machine(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    amina, *_others = pupils_of(session, the_list)
    machine = a_machine(session, cast)
    assert tones(serve(session, the_list, sent((amina.id, machine.tag)), by=cast.eva, at=NOW)) == [(Tone.GIVEN, "")]
    promise = session.scalars(select(Allocation)).one()
    assert (machine.state, promise.by, promise.handed_over_by) == (State.HANDED_OVER, cast.ada, cast.eva)
    assert promise.contract_ends == date(2029, 7, 5)
    assert session.scalars(select(Consent.reader_id)).all() == [cast.eva.id]


def test_siblings_sign_once_and_consent_once(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    amina, ibrahim, *_others = pupils_of(session, the_list)
    gifts = [(one.id, a_machine(session, cast).tag) for one in (amina, ibrahim)]
    assert tones(serve(session, the_list, sent(*gifts), by=cast.eva, at=NOW)) == [(Tone.GIVEN, "")] * 2
    assert session.scalar(select(func.count()).select_from(Consent)) == 1


def test_several_families_do_not_sign_for_each_other(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    amina, _ibrahim, leo, _zoe = pupils_of(session, the_list)
    gifts = [(one.id, a_machine(session, cast).tag) for one in (amina, leo)]
    with pytest.raises(Invalid):
        serve(session, the_list, sent(*gifts), by=cast.eva, at=NOW)


def test_an_act_sent_again_gets_the_answer_it_got(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    act = sent((pupils_of(session, the_list)[0].id, a_machine(session, cast).tag))
    first = serve(session, the_list, act, by=cast.eva, at=NOW)
    assert serve(session, the_list, act, by=cast.eva, at=LATER) == first
    assert session.scalar(select(func.count()).select_from(Allocation)) == 1
    with pytest.raises(NotFound):
        serve(session, the_list, act, by=cast.ines, at=LATER)


def test_a_late_act_says_when_it_happened(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    machine = a_machine(session, cast, at=NOW - timedelta(hours=1))
    serve(session, the_list, sent((pupils_of(session, the_list)[0].id, machine.tag)), by=cast.eva, at=LATER)
    given = next(one for one in history(session, machine) if one.action == "hand_over")
    assert (given.happened_at, given.recorded_at) == (NOW, LATER)


def test_a_clock_that_runs_ahead_does_not_give_tomorrow(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    gift = (pupils_of(session, the_list)[0].id, a_machine(session, cast).tag)
    (act,) = serve(session, the_list, sent(gift, at=TOMORROW), by=cast.eva, at=NOW)
    assert act.happened_at == NOW


def test_the_same_child_at_two_desks_is_a_conflict_a_person_settles(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    amina, *_others = pupils_of(session, the_list)
    first, second = a_machine(session, cast), a_machine(session, cast)
    serve(session, the_list, sent((amina.id, first.tag), desk="1"), by=cast.eva, at=NOW)
    late = serve(session, the_list, sent((amina.id, second.tag), desk="2"), by=cast.ines, at=LATER)
    assert tones(late) == [(Tone.CONFLICT, "child-already-served")]
    assert late[0].told == {"tag": first.tag}
    assert second.state == State.READY
    assert conflicts(session, the_list) == late
    with pytest.raises(NotAllowed):
        settle(session, late[0], the_list, by=cast.eva, at=LATER)
    settle(session, late[0], the_list, by=cast.ada, at=LATER)
    assert conflicts(session, the_list) == []


def test_the_same_machine_given_twice_is_a_conflict(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    amina, _ibrahim, leo, _zoe = pupils_of(session, the_list)
    machine = a_machine(session, cast)
    serve(session, the_list, sent((amina.id, machine.tag)), by=cast.eva, at=NOW)
    late = serve(session, the_list, sent((leo.id, machine.tag)), by=cast.eva, at=LATER)
    assert tones(late) == [(Tone.CONFLICT, "machine-already-given")]
    assert late[0].told == {"request": amina.request.code}


def test_the_same_child_and_machine_told_by_two_devices_is_a_repetition(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    gift = (pupils_of(session, the_list)[0].id, a_machine(session, cast).tag)
    serve(session, the_list, sent(gift), by=cast.eva, at=NOW)
    again = serve(session, the_list, sent(gift), by=cast.ines, at=LATER)
    assert tones(again) == [(Tone.REPEAT, "already-given")]
    assert conflicts(session, the_list) == []


def test_what_a_rule_refuses_is_answered_and_kept_and_changes_nothing(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    amina, ibrahim, leo, zoe = pupils_of(session, the_list)
    unready = a_machine(session, cast, State.REINSTALLED)
    promised = a_promise(session, cast).machine
    foreign = a_machine(session, cast, workshop=cast.workshop)
    foreign.workshop = cast.other_workshop
    session.flush()
    refused = [
        serve(session, the_list, sent((child.id, machine.tag)), by=cast.eva, at=NOW)[0]
        for child, machine in ((amina, unready), (leo, promised), (zoe, foreign))
    ]
    assert [one.code for one in refused] == ["machine-not-ready", "someone-just-did-this", "not-found"]
    assert conflicts(session, the_list) == refused
    assert session.scalar(select(func.count()).where(Allocation.handed_over_at.is_not(None))) == 0
    good = a_machine(session, cast)
    assert tones(serve(session, the_list, sent((ibrahim.id, good.tag)), by=cast.eva, at=NOW)) == [(Tone.GIVEN, "")]


def test_one_sibling_refused_does_not_keep_the_other_from_its_machine(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    amina, ibrahim, *_others = pupils_of(session, the_list)
    unready, good = a_machine(session, cast, State.REINSTALLED), a_machine(session, cast)
    acts = serve(session, the_list, sent((amina.id, unready.tag), (ibrahim.id, good.tag)), by=cast.eva, at=NOW)
    assert [one.tone for one in acts] == [Tone.STOP, Tone.GIVEN]


def test_what_is_no_act_is_refused_whole(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    amina, ibrahim, *_others = pupils_of(session, the_list)
    tag = a_machine(session, cast).tag
    for gifts in ((), ((amina.id, tag), (ibrahim.id, tag)), ((amina.id, tag),) * 2):
        with pytest.raises(Invalid):
            serve(session, the_list, sent(*gifts), by=cast.eva, at=NOW)
    with pytest.raises(NotFound):
        serve(session, the_list, sent((10**6, tag)), by=cast.eva, at=NOW)
    with pytest.raises(NotAllowed):
        serve(session, the_list, sent((amina.id, tag)), by=cast.vic, at=NOW)
    blank = sent((amina.id, tag))
    with pytest.raises(SignatureUnusable):
        serve(
            session,
            the_list,
            type(blank)(blank.uuid, "1", blank.gifts, a_signature(drawn=False), NOW),
            by=cast.eva,
            at=NOW,
        )
    assert session.scalar(select(func.count()).select_from(DeskAct)) == 0


def test_a_mistyped_tag_is_read_again_before_anything_is_given(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    amina, ibrahim, *_others = pupils_of(session, the_list)
    good, other = a_machine(session, cast), a_machine(session, cast)
    swapped = other.tag[:-1] + ("1" if other.tag[-1] == "0" else "0")
    with pytest.raises(MistypedTag):
        serve(session, the_list, sent((amina.id, good.tag), (ibrahim.id, swapped)), by=cast.eva, at=NOW)
    assert good.state == State.READY
    assert session.scalar(select(func.count()).select_from(DeskAct)) == 0


def test_a_list_nobody_opened_gives_nothing(session: Session, cast: Cast) -> None:
    filed = file_text(session, cast, a_school_loan(session, cast), SMALL)
    gift = (pupils_of(session, filed.the_list)[0].id, a_machine(session, cast).tag)
    with pytest.raises(ListNotOpen):
        serve(session, filed.the_list, sent(gift), by=cast.eva, at=NOW)


def test_who_did_not_come_is_kept_for_a_second_day(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    amina, ibrahim, leo, _zoe = pupils_of(session, the_list)
    gifts = [(one.id, a_machine(session, cast).tag) for one in (amina, ibrahim)]
    serve(session, the_list, sent(*gifts), by=cast.eva, at=NOW)
    assert close_day(session, the_list, NOW.date(), by=cast.eva, at=NOW) == 2
    assert by_class(session, the_list) == [Count("CE2 A", 3, 1, 2), Count("CM1 B", 1, 1, 0)]
    serve(session, the_list, sent((leo.id, a_machine(session, cast).tag)), by=cast.eva, at=TOMORROW)
    assert by_class(session, the_list)[0] == Count("CE2 A", 3, 2, 1)


def test_who_withdrew_is_neither_absent_nor_waited_for(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    withdraw(session, pupils_of(session, the_list)[0].request, by=cast.eva, at=NOW)
    assert close_day(session, the_list, NOW.date(), by=cast.eva, at=NOW) == 3
    first, second = by_class(session, the_list)
    assert (first, second) == (Count("CE2 A", 3, 0, 2, 1), Count("CM1 B", 1, 0, 1, 0))
    assert (first.waiting, second.waiting) == (2, 1)


def test_what_is_left_to_give_is_what_a_desk_may_give(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    amina, ibrahim, *_others = pupils_of(session, the_list)
    given, promised, _free, held = (a_machine(session, cast) for _ in range(4))
    a_machine(session, cast, State.REINSTALLED)
    held.held_for = "parts"
    serve(session, the_list, sent((amina.id, given.tag)), by=cast.eva, at=NOW)
    a_promise(session, cast, promised, ibrahim.request)
    assert stock(session, the_list, at=NOW) == Stock(free=1, promised=1)


def test_what_a_desk_may_give_carries_the_software_of_the_programme(session: Session, cast: Cast) -> None:
    same = {"form": "laptop", "least_memory_gib": 4}
    alike = {"configuration": same, "profile": "bureau", "requesters": ("school",), "criteria": ("pupil",)}
    filed = file_text(session, cast, a_programme(session, cast, code="memes", **alike), SMALL)
    open_list(session, filed.the_list, by=cast.ada, at=NOW)
    a_machine(session, cast)
    a_machine(session, cast).profile = "formation"
    session.flush()
    assert stock(session, filed.the_list, at=NOW).free == 1


def test_a_quarantine_holds_what_it_holds_and_no_more(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    a_machine(session, cast, at=NOW - timedelta(days=60))  # wiped long before
    doubtful = a_machine(session, cast)
    proof = session.scalars(select(Sanitisation).where(Sanitisation.machine_id == doubtful.id)).one()
    quarantine(session, proof, "second_check", at=NOW)
    assert stock(session, the_list, at=NOW).free == 1


def test_a_machine_named_for_who_withdrew_may_be_given(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    built = a_programme(session, cast, code="construit", built_by_holder=True)
    left, stays = (a_request(session, cast, built, household=a_household(session, cast, name)) for name in "AB")
    for request in (left, stays):
        machine = a_machine(session, cast, State.REINSTALLED)
        name_machine(session, machine, request, by=cast.ada, at=NOW)
        WAYS[State.READY][-1](session, cast, machine, NOW, 1)
    assert stock(session, the_list, at=NOW).free == 0
    withdraw(session, left, by=cast.ines, at=NOW)
    assert stock(session, the_list, at=NOW).free == 1


def test_a_list_nobody_opened_has_nothing_to_give(session: Session, cast: Cast) -> None:
    a_machine(session, cast)
    filed = file_text(session, cast, a_school_loan(session, cast), SMALL)
    assert stock(session, filed.the_list, at=NOW) == Stock(free=0, promised=0)


@pytest.mark.parametrize("heard", [False, True])
def test_a_desk_that_had_not_heard_does_not_give_a_second_one_to_who_brought_the_first_back(
    session: Session, cast: Cast, heard: bool
) -> None:
    the_list = an_open_list(session, cast)
    amina, *_others = pupils_of(session, the_list)
    first, second = a_machine(session, cast), a_machine(session, cast)
    before = last_given(session, the_list)
    serve(session, the_list, sent((amina.id, first.tag), desk="1"), by=cast.eva, at=NOW)
    take_back(session, session.scalars(select(Allocation)).one(), "broken", by=cast.lou, at=NOW)
    known = last_given(session, the_list) if heard else before
    late = serve(session, the_list, sent((amina.id, second.tag), desk="2", known=known), by=cast.ines, at=LATER)
    assert tones(late) == [(Tone.GIVEN, "") if heard else (Tone.CONFLICT, "child-already-served")]
    assert conflicts(session, the_list) == ([] if heard else late)
    assert second.state == (State.HANDED_OVER if heard else State.READY)


def test_a_refusal_is_settled_by_the_next_machine_that_fits(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    amina, _ibrahim, leo, _zoe = pupils_of(session, the_list)
    unready, good = a_machine(session, cast, State.REINSTALLED), a_machine(session, cast)
    refused = [
        serve(session, the_list, sent((child.id, unready.tag)), by=cast.eva, at=NOW)[0] for child in (amina, leo)
    ]
    assert conflicts(session, the_list) == refused
    serve(session, the_list, sent((amina.id, good.tag)), by=cast.eva, at=NOW)
    assert conflicts(session, the_list) == refused[1:]
