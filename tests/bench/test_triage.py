"""Keep, dismantle, refuse: each decision with its reason, and each change of mind with its own."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from ordi.bench.triage import (
    AlreadyTriaged,
    Correction,
    Decision,
    NotTriaged,
    Reason,
    WhyNotKept,
    correct_triage,
    triage,
)
from ordi.errors import NotAllowed
from ordi.machines.custody import Holder, holder_of
from ordi.machines.journal import WrongState, history
from ordi.machines.lifecycle import Note, State
from tests.cast import Cast
from tests.factories import a_drive, a_machine, wiped


def test_sam_keeps_a_received_machine(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    triage(session, machine, Decision.KEEP, by=cast.sam, at=now)
    assert (machine.triage, machine.state) == ("keep", State.RECEIVED)
    assert history(session, machine)[-1].action == Note.TRIAGED


def test_a_kept_machine_whose_drives_are_clean_moves_on_at_once(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    wiped(session, cast, machine, a_drive(session, machine))
    triage(session, machine, Decision.KEEP, by=cast.sam, at=now)
    assert machine.state == State.SANITISED


def test_a_refused_machine_goes_back_to_its_donor(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    triage(session, machine, Decision.REFUSE, Reason.TOO_OLD, by=cast.sam, at=now)
    held = holder_of(session, machine)
    assert machine.state == State.REFUSED
    assert held is not None
    assert (held.holder, held.organisation) == (Holder.DONOR, cast.donor)


@pytest.mark.parametrize("decision", [Decision.DISMANTLE, Decision.REFUSE])
def test_a_machine_that_is_not_kept_needs_a_reason(
    session: Session, cast: Cast, now: datetime, decision: Decision
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    with pytest.raises(WhyNotKept):
        triage(session, machine, decision, by=cast.sam, at=now)


def test_a_change_of_mind_is_a_correction_and_both_stay_written(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    with pytest.raises(NotTriaged):
        correct_triage(session, machine, Decision.KEEP, Correction.MISTAKE, by=cast.sam, at=now)
    triage(session, machine, Decision.DISMANTLE, Reason.BROKEN, by=cast.sam, at=now)
    with pytest.raises(AlreadyTriaged):
        triage(session, machine, Decision.KEEP, by=cast.sam, at=now)
    correct_triage(session, machine, Decision.KEEP, Correction.REPAIRED, by=cast.lou, at=now)
    assert machine.triage == "keep"
    assert [event.action for event in history(session, machine)][-2:] == [Note.TRIAGED, Note.CORRECTED]


def test_what_is_not_at_the_workshop_is_not_triaged(session: Session, cast: Cast, now: datetime) -> None:
    for state in (State.PROMISED, State.COLLECTED, State.READY, State.HANDED_OVER):
        with pytest.raises(WrongState):
            triage(session, a_machine(session, cast, state), Decision.KEEP, by=cast.sam, at=now)


@pytest.mark.parametrize("who", ["ada", "theo", "ines", "bruno", "noor", "vic"])
def test_only_the_bench_triages(session: Session, cast: Cast, now: datetime, who: str) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    with pytest.raises(NotAllowed):
        triage(session, machine, Decision.KEEP, by=getattr(cast, who), at=now)
