"""The page of trials: a key for one machine and one hour, answers of seven kinds, and somebody who answers for them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.trials import LASTS, Trial, TrialOver, open_trial, tell, trial_for, tried_on
from ordi.errors import Invalid, NotAllowed
from ordi.machines.checks import Check, How, Result, answered
from ordi.machines.journal import WrongState
from ordi.machines.lifecycle import State
from ordi.machines.machine import Form
from ordi.parties.people import dismiss
from tests.cast import Cast
from tests.factories import a_machine


def test_a_result_of_the_machines_own_browser_says_so_and_who_answers(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    trial = trial_for(session, open_trial(session, machine, by=cast.sam, at=now), at=now)
    tell(session, trial, Check.KEYBOARD, Result.GOOD, at=now)
    found = answered(session, machine)[Check.KEYBOARD]
    assert (found.result, found.how, found.by_id) == (Result.GOOD, How.BROWSER, cast.sam.id)


def test_only_the_hash_of_a_key_is_kept(session: Session, cast: Cast, now: datetime) -> None:
    key = open_trial(session, a_machine(session, cast, State.SANITISED), by=cast.sam, at=now)
    kept = session.scalars(select(Trial)).one()
    assert key not in (kept.key_hash, str(vars(kept)))
    assert len(kept.key_hash) == 64


def test_a_key_opens_for_an_hour_and_until_the_next(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    key = open_trial(session, machine, by=cast.sam, at=now)
    assert trial_for(session, key, at=now + LASTS - timedelta(seconds=1)).machine is machine
    with pytest.raises(TrialOver):
        trial_for(session, key, at=now + LASTS)
    newer = open_trial(session, machine, by=cast.kim, at=now)
    with pytest.raises(TrialOver):
        trial_for(session, key, at=now)
    assert trial_for(session, newer, at=now).by is cast.kim


@pytest.mark.parametrize("key", ["", "x", "é" * 40, "A" * 5000])
def test_what_is_no_key_opens_nothing(session: Session, cast: Cast, now: datetime, key: str) -> None:
    with pytest.raises(TrialOver):
        trial_for(session, key, at=now)


def test_a_browser_tells_nothing_of_locks_drives_or_memory(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    trial = trial_for(session, open_trial(session, machine, by=cast.sam, at=now), at=now)
    for check in (Check.BIOS_LOCK, Check.MEMORY, Check.DRIVE_HEALTH, Check.CLEANING):
        with pytest.raises(Invalid):
            tell(session, trial, check, Result.GOOD, at=now)


def test_a_desktop_tries_its_sound_alone(session: Session, cast: Cast) -> None:
    assert tried_on(a_machine(session, cast, State.SANITISED, form=Form.DESKTOP)) == [Check.SOUND]
    assert Check.KEYBOARD in tried_on(a_machine(session, cast, State.SANITISED, form=Form.LAPTOP))


def test_who_made_the_key_must_still_be_at_this_bench(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    trial = trial_for(session, open_trial(session, machine, by=cast.sam, at=now), at=now)
    for held in cast.sam.current(now):
        dismiss(session, held, at=now)
    with pytest.raises(NotAllowed):
        tell(session, trial, Check.SCREEN, Result.GOOD, at=now + timedelta(minutes=1))


def test_a_key_is_made_at_the_bench_alone(session: Session, cast: Cast, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        open_trial(session, a_machine(session, cast, State.SANITISED), by=cast.ada, at=now)
    with pytest.raises(WrongState):
        open_trial(session, a_machine(session, cast, State.READY), by=cast.sam, at=now)
