"""A score proposes, with its reasons; a person decides."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from ordi.machines.checks import BenchCheck, Check, Result
from ordi.machines.lifecycle import State
from ordi.machines.machine import Form, Machine
from ordi.sharing.fit import Offer, fit
from ordi.sharing.needs import NeedCode, wanted
from ordi.sharing.proposals import candidates, proposals, takers
from ordi.sharing.waiting import position
from tests.cast import Cast
from tests.factories import GIB, a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_household, a_programme, a_promise, a_request

NEEDS = st.sets(st.sampled_from(list(NeedCode)), min_size=1)


def codes(terms: object) -> list[str]:
    return [term.code for term in terms]  # type: ignore[attr-defined]


def without_camera(session: Session, cast: Cast, machine: Machine) -> Machine:
    session.add(
        BenchCheck(machine_id=machine.id, stay=1, name=Check.CAMERA, result=Result.ABSENT, by_id=cast.sam.id, at=NOW)
    )
    session.flush()
    return machine


def test_the_machine_with_a_camera_goes_to_who_wants_to_see_others(session: Session, cast: Cast) -> None:
    blind = without_camera(session, cast, a_machine(session, cast))
    seeing = a_machine(session, cast)
    a_request(session, cast, needs=("video_calls",))
    (found,) = proposals(session, cast.pole, at=NOW)
    assert found.best
    assert found.best.machine is seeing
    assert "camera" in codes(found.best.fit.terms)
    (next_one,) = found.not_chosen
    assert (next_one.machine, codes(next_one.shortcomings)) == (blind, ["camera"])


def test_a_desktop_is_never_proposed_to_who_needs_to_carry_it(session: Session, cast: Cast) -> None:
    desktop = a_machine(session, cast, form=Form.DESKTOP)
    a_request(session, cast, needs=("laptop",))
    (found,) = proposals(session, cast.pole, at=NOW)
    assert found.best is None
    assert found.not_chosen[0].machine is desktop
    assert codes(found.not_chosen[0].shortcomings) == ["portable"]


def test_what_weighs_in_the_programme_and_the_days_waited_make_the_order(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, points={"several-pupils": 30})
    old = a_request(session, cast, programme, at=NOW - timedelta(days=60), household=a_household(session, cast, "A"))
    many = a_request(session, cast, programme, attested=("several-pupils",), household=a_household(session, cast, "B"))
    new = a_request(session, cast, programme, household=a_household(session, cast, "C"))
    found = proposals(session, cast.pole, at=NOW)
    assert [one.request for one in found] == [many, old, new]
    assert [one.points for one in found] == [30, 20, 0]
    assert position(session, old, cast.pole, at=NOW) == (2, 3)


def test_each_machine_is_proposed_once_and_the_next_family_sees_for_whom_it_is_kept(
    session: Session, cast: Cast
) -> None:
    machine = a_machine(session, cast)
    programme = a_programme(session, cast)
    first = a_request(session, cast, programme, at=NOW - timedelta(days=9), household=a_household(session, cast, "A"))
    a_request(session, cast, programme, household=a_household(session, cast, "B"))
    found = proposals(session, cast.pole, at=NOW)
    assert [one.best and one.best.machine for one in found] == [machine, None]
    assert found[1].not_chosen[0].kept_for == first.code


def test_a_powerful_machine_is_kept_for_who_needs_it(session: Session, cast: Cast) -> None:
    powerful = a_machine(session, cast, memory_bytes=32 * GIB)
    modest = a_machine(session, cast, memory_bytes=4 * GIB)
    a_request(session, cast, needs=("paperwork",))
    (found,) = proposals(session, cast.pole, at=NOW)
    assert found.best
    assert found.best.machine is modest
    assert found.not_chosen[0].machine is powerful


def test_what_is_promised_put_aside_or_elsewhere_is_not_proposed(session: Session, cast: Cast) -> None:
    a_promise(session, cast)
    a_machine(session, cast).held_for = "part"
    a_machine(session, cast, State.REINSTALLED)
    a_machine(session, cast).workshop = cast.other_workshop
    a_request(session, cast)
    (found,) = proposals(session, cast.pole, at=NOW)
    assert found.best is None
    assert proposals(session, cast.other_pole, at=NOW) == []


@given(needs=NEEDS, form=st.sampled_from(list(Form)), memory=st.integers(0, 64))
def test_every_shortcoming_costs_and_every_machine_that_answers_all_is_possible(
    needs: set[NeedCode], form: Form, memory: int
) -> None:
    machine = Machine(form=form, memory_bytes=memory * GIB, grade="B", profile="")
    found = fit(wanted(needs), "", Offer(machine, dict.fromkeys(Check, Result.GOOD)))
    assert all(term.points <= 0 for term in found.shortcomings)
    assert found.possible or found.shortcomings


def test_the_large_screen_goes_to_who_asked_for_it_when_the_other_loses_little(session: Session, cast: Cast) -> None:
    desktop = a_machine(session, cast, form=Form.DESKTOP)
    laptop = a_machine(session, cast, memory_bytes=32 * GIB)
    programme = a_programme(session, cast)
    first = a_request(session, cast, programme, at=NOW - timedelta(days=30), household=a_household(session, cast, "A"))
    second = a_request(session, cast, programme, needs=("large_print",), household=a_household(session, cast, "B"))
    dealt = {one.request: one.best and one.best.machine for one in proposals(session, cast.pole, at=NOW)}
    assert dealt == {first: laptop, second: desktop}


def test_the_requests_of_a_machine_are_those_that_may_choose_it(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast)
    desktop, laptop = a_machine(session, cast, form=Form.DESKTOP), a_machine(session, cast)
    carried = a_request(session, cast, programme, needs=("laptop",), household=a_household(session, cast, "A"))
    written = a_request(session, cast, programme, household=a_household(session, cast, "B"))
    for machine, expected in ((desktop, [written]), (laptop, [carried, written])):
        found = takers(session, machine, cast.pole, at=NOW)
        assert [one.request for one, _ in found] == expected
        for one, its_fit in found:
            by_hand = candidates(session, one.request, cast.pole, at=NOW)
            assert its_fit == next(c.fit for c in by_hand if c.machine is machine)


def test_a_machine_that_is_not_ready_has_no_taker(session: Session, cast: Cast) -> None:
    a_request(session, cast)
    assert takers(session, a_machine(session, cast, State.REINSTALLED), cast.pole, at=NOW) == []
