"""News from machines in use: stored once, in order, without anything that was not asked for."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.fleet.alerts import AlertKind, open_alert
from ordi.fleet.check_ins import (
    CheckIn,
    Contact,
    SecondVoice,
    contact,
    last_check_in,
    news_since,
    resume,
    stop,
    take_check_in,
)
from ordi.fleet.enrolment import Enrolment, remember_clone
from ordi.machines.drive import open_sightings
from ordi.machines.journal import history, record
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from tests.cast import Cast
from tests.factories import a_machine
from tests.fleet.news import a_drive_told, enrolled, news, tell
from tests.ground.clock import NOW


@pytest.fixture
def machine(session: Session, cast: Cast) -> Machine:
    return a_machine(session, cast, State.HANDED_OVER)


@pytest.fixture
def enrolment(session: Session, cast: Cast, machine: Machine) -> Enrolment:
    return enrolled(session, cast, machine)


def actions(session: Session, machine: Machine) -> list[str]:
    return [event.action for event in history(session, machine)]


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CheckIn)) or 0


def test_the_first_good_news_is_written_and_the_next_is_not(
    session: Session, machine: Machine, enrolment: Enrolment
) -> None:
    assert tell(session, enrolment, news(session, machine)).health == "good"
    tell(session, enrolment, news(session, machine))
    assert actions(session, machine).count("health_changed") == 1
    assert count(session) == 2


def test_the_same_check_in_sent_twice_is_stored_once_and_answered_alike(
    session: Session, machine: Machine, enrolment: Enrolment
) -> None:
    uuid = str(uuid4())
    first = tell(session, enrolment, news(session, machine), uuid=uuid)
    assert take_check_in(session, enrolment, uuid=uuid, counter=0, payload={}, at=NOW) is first
    assert count(session) == 1


def test_a_counter_that_does_not_grow_is_refused_and_marks_a_possible_copy(
    session: Session, machine: Machine, enrolment: Enrolment
) -> None:
    take_check_in(session, enrolment, uuid=str(uuid4()), counter=7, payload=news(session, machine), at=NOW)
    for counter in (7, 6, 0):
        with pytest.raises(SecondVoice) as refusal:
            take_check_in(session, enrolment, uuid=str(uuid4()), counter=counter, payload={}, at=NOW)
    remember_clone(session, refusal.value, at=NOW)
    assert enrolment.cloned_at == NOW


@given(counters=st.lists(st.integers(0, 2**53 - 1), min_size=1, max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_order_only_growing_counters_are_stored(session: Session, cast: Cast, counters: list[int]) -> None:
    enrolment = enrolled(session, cast, a_machine(session, cast))
    taken = []
    for counter in counters:
        try:
            taken.append(
                take_check_in(session, enrolment, uuid=str(uuid4()), counter=counter, payload={}, at=NOW).counter
            )
        except SecondVoice:
            assert counter <= enrolment.counter
    assert taken == sorted(set(taken))
    assert enrolment.counter == max(counters)


def test_what_was_not_asked_for_is_dropped_before_it_is_stored(
    session: Session, machine: Machine, enrolment: Enrolment
) -> None:
    told = news(
        session, machine, user="amina", ssid="Livebox-1234", hostname="pc-amina", ip="192.0.2.7", cpu_percent=3.5
    )
    told["drives"][0]["serial"] = "S3CR3T"
    kept = tell(session, enrolment, told).payload
    for never in ("amina", "Livebox", "192.0.2.7", "S3CR3T", "3.5"):
        assert never not in kept


@pytest.mark.parametrize(
    "clock", ["1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "hier", 12]
)
def test_a_clock_that_is_wrong_never_loses_the_news(
    session: Session, machine: Machine, enrolment: Enrolment, clock: object
) -> None:
    check_in = tell(session, enrolment, news(session, machine, at=clock))
    assert check_in.recorded_at == NOW
    assert check_in.health == "good"


@given(
    payload=st.dictionaries(
        st.sampled_from(["drives", "battery", "absences", "disk_percent", "at", "agent", "temperature_c", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=90),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(
                        ["name", "serial_hash", "passed", "reallocated", "critical_warning", "full", "full_design"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        ),
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_payload_breaks_the_door(session: Session, cast: Cast, payload: dict[str, object]) -> None:
    enrolment = enrolled(session, cast, a_machine(session, cast))
    check_in = tell(session, enrolment, payload)
    assert check_in.health in ("good", "watch", "repair", "unknown")
    json.loads(check_in.payload)


def test_a_verdict_that_turns_opens_one_alert_and_a_return_to_good_closes_it(
    session: Session, machine: Machine, enrolment: Enrolment
) -> None:
    tell(session, enrolment, news(session, machine))
    tell(session, enrolment, news(session, machine, drives=[a_drive_told(session, machine, reallocated=1)]))
    watch = open_alert(session, machine, AlertKind.HEALTH)
    assert watch
    assert watch.level == "watch"
    tell(session, enrolment, news(session, machine, drives=[a_drive_told(session, machine, pending=3)]))
    repair = open_alert(session, machine, AlertKind.HEALTH)
    assert repair
    assert repair.level == "repair"
    assert watch.closed_at
    tell(session, enrolment, news(session, machine))
    assert open_alert(session, machine, AlertKind.HEALTH) is None
    assert actions(session, machine).count("health_changed") == 4


def test_news_that_say_nothing_do_not_undo_a_verdict(session: Session, machine: Machine, enrolment: Enrolment) -> None:
    tell(session, enrolment, news(session, machine, drives=[a_drive_told(session, machine, pending=3)]))
    tell(session, enrolment, {"absences": [{"source": "smartctl:sda", "reason": "not-permitted"}]})
    assert enrolment.health == "repair"
    assert open_alert(session, machine, AlertKind.HEALTH)


def test_another_drive_in_the_field_is_an_alert_told_once_and_never_a_sighting(
    session: Session, machine: Machine, enrolment: Enrolment
) -> None:
    before = len(open_sightings(session, machine))
    stranger = a_drive_told(session, machine) | {"serial_hash": "0" * 16}
    for _ in range(3):
        tell(session, enrolment, news(session, machine, drives=[stranger]))
    assert open_alert(session, machine, AlertKind.SWAP)
    assert actions(session, machine).count("swap_reported") == 1
    assert len(open_sightings(session, machine)) == before
    tell(session, enrolment, news(session, machine))
    assert open_alert(session, machine, AlertKind.SWAP) is None


def test_a_drive_that_could_not_be_read_is_not_a_drive_that_left(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.HANDED_OVER, drives=2)
    enrolment = enrolled(session, cast, machine)
    gone = [{"source": "smartctl:sdb", "reason": "failed"}]
    tell(session, enrolment, news(session, machine, absences=gone))
    assert open_alert(session, machine, AlertKind.SWAP) is None


def test_after_the_beneficiary_stops_nothing_is_kept_and_the_machine_is_told(
    session: Session, machine: Machine, enrolment: Enrolment
) -> None:
    tell(session, enrolment, news(session, machine))
    stop(session, machine, at=NOW)
    stop(session, machine, at=NOW)
    answer = tell(session, enrolment, news(session, machine))
    assert answer.stop
    assert count(session) == 1
    assert actions(session, machine).count("check_ins_stopped") == 1
    assert contact(enrolment, NOW) == Contact.STOPPED
    resume(session, machine, at=NOW)
    assert not tell(session, enrolment, news(session, machine)).stop


def test_a_machine_that_came_back_is_told_to_stop(
    session: Session, cast: Cast, machine: Machine, enrolment: Enrolment
) -> None:
    record(session, machine, Action.TAKE_BACK, by=cast.sam, at=NOW)
    assert tell(session, enrolment, {}).stop
    assert last_check_in(session, machine) is None


def test_what_one_family_s_computer_told_is_not_told_of_the_next_family_s(
    session: Session, cast: Cast, machine: Machine, enrolment: Enrolment
) -> None:
    tell(session, enrolment, news(session, machine))
    assert len(news_since(session, machine, NOW - timedelta(days=90))) == 1
    record(session, machine, Action.TAKE_BACK, by=cast.sam, at=NOW)
    assert news_since(session, machine, NOW - timedelta(days=90)) == []
    assert last_check_in(session, machine) is None


def test_being_late_is_derived_when_read(session: Session, machine: Machine, enrolment: Enrolment) -> None:
    assert contact(enrolment, NOW) == Contact.NEVER
    tell(session, enrolment, news(session, machine))
    for days, expected in ((1, Contact.ON_TIME), (8, Contact.LATE), (30, Contact.OUT_OF_CONTACT)):
        assert contact(enrolment, NOW + timedelta(days=days)) == expected
