"""The desks of a class list's day, with a network and without: each machine once, each child one, nothing applied twice."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed, NotFound
from ordi.machines.journal import history
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.sharing.class_desks import Count, DeskAct, Tone, by_class, by_desk, close_day, conflicts, serve, settle
from ordi.sharing.class_lists import ListNotOpen
from ordi.sharing.consents import Consent
from ordi.sharing.promises import Allocation
from ordi.sharing.signatures import SignatureUnusable
from ordi.tags import MistypedTag
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.classes import SMALL, a_school_loan, an_open_list, file_text, pupils_of, sent
from tests.sharing.families import a_promise, a_signature

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


PUPILS, DESKS, CLASSES = 120, 6, 8


def a_town() -> str:
    """120 children in 8 classes; every tenth has a sibling on the next line."""
    lines = []
    for n in range(PUPILS):
        family = n - (n % 10 == 1)
        lines.append(f"CE2 {n % CLASSES:02d};Enfant {n:04d};Parent {family:04d};06{family:08d}")
    return "\n".join(lines)


def test_six_desks_two_of_them_offline(session: Session, cast: Cast) -> None:
    """Every machine at most once, every child at most one, the counts right, whatever arrives late, twice or crossed."""
    the_list = an_open_list(session, cast, a_town())
    pupils = pupils_of(session, the_list)
    assert len({one.household_id for one in pupils}) == PUPILS - PUPILS // 10
    absent = {one.id for n, one in enumerate(pupils) if n % 20 == 10 or (n % 20 == 11 and n % 40 != 11)}
    absent = set(sorted(absent)[: PUPILS // 20])  # 5 %, a whole family at a time
    families: dict[int, list[int]] = {}
    for one in pupils:
        if one.id not in absent:
            families.setdefault(one.household_id, []).append(one.id)
    tags = iter([a_machine(session, cast).tag for _ in range(PUPILS)])
    acts = [
        sent(*((child, next(tags)) for child in children), desk=str(n % DESKS + 1))
        for n, children in enumerate(families.values())
    ]
    hands = {"1": cast.eva, "2": cast.ines, "3": cast.lise, "4": cast.eva, "5": cast.ines, "6": cast.lise}
    for act in acts:
        if act.desk not in "56":
            serve(session, the_list, act, by=hands[act.desk], at=NOW)
    # desks 5 and 6 come back: all they did, some of it twice; at desk 6 a child who went to desk 1 too, and a machine of desk 2
    late = [act for act in acts if act.desk in "56"]
    for act in [*late, *late[:30]]:
        serve(session, the_list, act, by=hands[act.desk], at=LATER)
    served_before, given_before = acts[0].gifts[0][0], acts[1].gifts[0][1]
    serve(session, the_list, sent((served_before, next(tags)), desk="6"), by=cast.lise, at=LATER)
    left_out = min(absent)
    serve(session, the_list, sent((left_out, given_before), desk="6"), by=cast.lise, at=LATER)

    assert close_day(session, the_list, NOW.date(), by=cast.eva, at=LATER) == PUPILS // 20
    counts = by_class(session, the_list)
    assert len(counts) == CLASSES
    totals = [sum(of) for of in zip(*((one.expected, one.given, one.absent) for one in counts), strict=True)]
    assert totals == [PUPILS, PUPILS - PUPILS // 20, PUPILS // 20]
    expected = Counter(act.desk for act in acts for _gift in act.gifts)
    assert {desk: told[Tone.GIVEN] for desk, told in by_desk(session, the_list).items()} == expected
    codes = [one.code for one in conflicts(session, the_list)]
    assert codes == ["child-already-served", "machine-already-given"]

    standing = session.execute(
        select(Allocation.machine_id, Allocation.request_id).where(Allocation.ended_at.is_(None))
    )
    machines, requests = zip(*standing.tuples().all(), strict=True)
    assert len(set(machines)) == len(set(requests)) == len(machines) == PUPILS - PUPILS // 20
    gone = session.scalar(select(func.count()).where(Machine.state == State.HANDED_OVER))
    assert gone == PUPILS - PUPILS // 20
