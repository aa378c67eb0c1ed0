"""Figures tell how much is done, never who: a small count is not shown, nor can it be worked out."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from ordi import legal_rules
from ordi.machines.lifecycle import State
from ordi.parties.people import Role, appoint, welcome
from ordi.reporting.figures import by_pole, suppressed
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW


def test_a_pole_is_counted_and_a_small_count_is_hidden(session: Session, cast: Cast) -> None:
    legal_rules.ship(session)
    for _ in range(6):
        a_machine(session, cast, State.READY)
    a_machine(session, cast, State.HANDED_OVER)
    figures = {one.pole: one for one in by_pole(session, cast.zoe, NOW - timedelta(days=2), NOW + timedelta(days=1))}
    ours, theirs = figures["Pôle des Deux-Rives"], figures["Pôle du Littoral"]
    assert ours.counts["receive"] == 7
    assert ours.counts["hand_over"] is None
    assert theirs.counts["hand_over"] == 0
    assert ours.waiting == 0


def test_a_coordinator_and_a_poles_auditor_read_their_own_poles_figures(session: Session, cast: Cast) -> None:
    legal_rules.ship(session)
    mandated = welcome(session, "Rémi Bloch", at=NOW)
    appoint(session, mandated, Role.AUDITOR, cast.other_pole, at=NOW - timedelta(days=1))
    poles = {
        who.name: [one.pole for one in by_pole(session, who, NOW - timedelta(days=2), NOW)]
        for who in (cast.ada, cast.noor, mandated, cast.fanny, cast.aude, cast.sam)
    }
    ours, theirs = "Pôle des Deux-Rives", "Pôle du Littoral"
    assert poles == {
        "Ada Benali": [ours],
        "Noor Aziz": [theirs],
        "Rémi Bloch": [theirs],
        "Fanny Leroy": [ours, theirs],
        "Aude Simon": [ours, theirs],
        "Sam Petit": [],
    }


@given(counts=st.lists(st.integers(0, 30), min_size=1, max_size=8))
def test_no_hidden_count_can_be_worked_out_from_the_sum(counts: list[int]) -> None:
    shown = suppressed(counts, 5)
    hidden = [count for count, one in zip(counts, shown, strict=True) if one is None]
    assert all(one is None or one == count for count, one in zip(counts, shown, strict=True))
    assert not any(one is not None and 0 < one < 5 for one in shown)
    assert len(hidden) != 1 or sum(counts) == hidden[0]
