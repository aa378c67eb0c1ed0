"""A machine lost before its wipe opens a file: what was in it, what is to be done and until when, and how it ended."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from ordi import legal_rules
from ordi.bench.incidents import (
    Ending,
    IncidentOver,
    Step,
    StepDone,
    StepsLeft,
    asked_of,
    deadline_of,
    do_step,
    drives_of,
    give_up,
    incident_seen,
    steps_of,
)
from ordi.bench.losses import Loss, find, lose
from ordi.errors import Invalid, NotAllowed, NotFound
from ordi.machines.drive import Standing, open_sightings
from ordi.machines.journal import history, verify
from ordi.machines.lifecycle import Note, State
from tests.cast import Cast
from tests.factories import a_drive, a_machine, wiped


def test_a_machine_stolen_before_its_wipe_opens_a_file_with_its_drives(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    clean, dirty = a_drive(session, machine, at=now), a_drive(session, machine, at=now)
    wiped(session, cast, machine, clean, at=now)
    incident = lose(session, machine, Loss.STOLEN, by=cast.lou, at=now)
    assert (incident.exposed, incident.unproven, incident.donor) == (True, 1, cast.donor)
    assert {one.drive_id: one.proven for one in drives_of(session, incident)} == {clean.id: True, dirty.id: False}
    assert asked_of(incident) == (Step.SEARCH, Step.POLICE, Step.DONOR, Step.CNIL)


def test_the_hours_are_counted_from_when_somebody_knew(session: Session, cast: Cast, now: datetime) -> None:
    legal_rules.ship(session)
    knew = now - timedelta(hours=30)
    incident = lose(
        session, a_machine(session, cast, State.RECEIVED), Loss.NOT_FOUND, aware_at=knew, by=cast.ada, at=now
    )
    until, rule = deadline_of(session, incident)
    assert until == knew + timedelta(hours=72)
    assert rule.source
    for wrong in (now + timedelta(minutes=1), now - timedelta(days=31)):
        with pytest.raises(Invalid):
            lose(session, a_machine(session, cast, State.RECEIVED), Loss.STOLEN, aware_at=wrong, by=cast.ada, at=now)


def test_a_machine_lost_after_its_wipe_owes_nothing_to_the_authority(
    session: Session, cast: Cast, now: datetime
) -> None:
    incident = lose(session, a_machine(session, cast, State.READY), Loss.NOT_FOUND, by=cast.lou, at=now)
    assert not incident.exposed
    assert asked_of(incident) == (Step.SEARCH,)


def test_nobody_looked_inside_so_somebodys_data_may_be_on_it(session: Session, cast: Cast, now: datetime) -> None:
    incident = lose(session, a_machine(session, cast, State.COLLECTED), Loss.IN_TRANSIT, by=cast.ada, at=now)
    assert (incident.exposed, incident.unproven) == (True, 0)


def test_it_is_given_up_only_when_everything_was_done_and_each_step_is_on_the_history(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    incident = lose(session, machine, Loss.STOLEN, by=cast.lou, at=now)
    with pytest.raises(StepsLeft):
        give_up(session, incident, by=cast.ada, at=now)
    with pytest.raises(Invalid):  # a complaint has a number
        do_step(session, incident, Step.POLICE, " ", by=cast.ada, at=now)
    with pytest.raises(Invalid):  # what is not needed has a reason
        do_step(session, incident, Step.DONOR, "", needed=False, by=cast.ada, at=now)
    do_step(session, incident, Step.SEARCH, "", by=cast.lou, at=now)
    do_step(session, incident, Step.POLICE, "PV 2026/114", by=cast.ada, at=now)
    do_step(session, incident, Step.DONOR, "au téléphone", by=cast.ada, at=now)
    with pytest.raises(StepDone):
        do_step(session, incident, Step.DONOR, "encore", by=cast.ada, at=now)
    do_step(session, incident, Step.CNIL, "disque chiffré par le donateur", needed=False, by=cast.ada, at=now)
    assert not steps_of(session, incident)[Step.CNIL].needed
    give_up(session, incident, by=cast.ada, at=now)
    assert incident.ending == Ending.LOST
    told = [event.action for event in history(session, machine)]
    assert told[-5:] == [*[Note.INCIDENT_STEP] * 4, Note.INCIDENT_CLOSED]
    with pytest.raises(IncidentOver):
        do_step(session, incident, Step.SEARCH, "", by=cast.ada, at=now)
    assert list(verify(session)) == []


def test_what_is_done_is_written_without_a_word_of_it_on_the_history(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    incident = lose(session, machine, Loss.STOLEN, by=cast.lou, at=now)
    do_step(session, incident, Step.POLICE, "PV 2026/114", by=cast.ada, at=now)
    assert history(session, machine)[-1].facts == '{"needed":true,"step":"police"}'


@pytest.mark.parametrize("given_up", [False, True], ids=["looked for", "given up"])
def test_found_again_it_is_received_and_its_drives_are_to_be_wiped_anew(
    session: Session, cast: Cast, now: datetime, given_up: bool
) -> None:
    machine = a_machine(session, cast, State.READY)
    incident = lose(session, machine, Loss.NOT_FOUND, by=cast.lou, at=now)
    if given_up:
        do_step(session, incident, Step.SEARCH, "", by=cast.lou, at=now)
        give_up(session, incident, by=cast.lou, at=now)
    find(session, machine, by=cast.sam, at=now)
    assert (machine.state, incident.ending) == (State.RECEIVED, Ending.FOUND)
    assert {one.drive.standing for one in open_sightings(session, machine)} == {Standing.HOLDS_DATA}
    assert [one.proven for one in drives_of(session, incident)] == [True]


@pytest.mark.parametrize("who", ["sam", "theo", "ines", "bruno", "aude", "vic"])
def test_only_the_lead_and_the_coordinator_follow_a_loss(session: Session, cast: Cast, now: datetime, who: str) -> None:
    incident = lose(session, a_machine(session, cast, State.RECEIVED), Loss.STOLEN, by=cast.lou, at=now)
    with pytest.raises(NotAllowed):
        do_step(session, incident, Step.SEARCH, "", by=getattr(cast, who), at=now)


def test_another_pole_does_not_know_of_it(session: Session, cast: Cast, now: datetime) -> None:
    incident = lose(session, a_machine(session, cast, State.RECEIVED), Loss.STOLEN, by=cast.lou, at=now)
    assert incident_seen(session, cast.ada, incident.id, at=now) is incident
    with pytest.raises(NotFound):
        incident_seen(session, cast.noor, incident.id, at=now)
