"""A device sends what was done at the bench: once or twice, late, out of order of two people. Each act counts once."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.bench.acts import BenchAct, NotYourAct, Sent, answer_once, saw, unseen
from ordi.bench.cleaning import clean
from ordi.bench.release import shelve
from ordi.giving.collections import Lot
from ordi.journeys.series import VERBS, carry_out
from ordi.machines.checks import cleaned
from ordi.machines.journal import Event, history
from ordi.machines.labels import print_free
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW

PHONE, OTHER_PHONE = str(uuid4()), str(uuid4())


def sent(person: Person, verb: str, machine: Machine | str, **more: object) -> Sent:
    """An act as a phone sends it."""
    tag = machine if isinstance(machine, str) else machine.tag
    usual = {"uuid": str(uuid4()), "device": PHONE, "happened_at": NOW - timedelta(hours=2)}
    return Sent(person=person.op_code, verb=verb, tag=tag, **(usual | more))  # type: ignore[arg-type]


def answer(session: Session, person: Person, act: Sent) -> BenchAct:
    """What the server answers."""
    return answer_once(session, act, carry_out, by=person, at=NOW)[0]


def test_an_act_sent_twice_is_done_once_and_answered_alike(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    act = sent(cast.sam, "clean", machine)
    first, again = answer_once(session, act, carry_out, by=cast.sam, at=NOW)
    events = len(history(session, machine))
    second, repeated = answer_once(session, act, carry_out, by=cast.sam, at=NOW + timedelta(hours=1))
    assert (again, repeated) == (False, True)
    assert second is first
    assert (first.tone, first.code) == ("ok", "cleaned")
    assert len(history(session, machine)) == events
    assert session.scalar(select(func.count()).select_from(BenchAct)) == 1


def test_the_hour_a_device_claims_stands_beside_the_hour_of_record(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    answer(session, cast.sam, sent(cast.sam, "keep", machine, queued=True))
    event = history(session, machine)[-1]
    assert (event.happened_at, event.recorded_at) == (NOW - timedelta(hours=2), NOW)


def test_a_clock_that_runs_ahead_makes_nothing_happen_in_the_future(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    act = answer(session, cast.sam, sent(cast.sam, "clean", machine, happened_at=NOW + timedelta(days=400)))
    assert history(session, machine)[-1].happened_at == NOW
    assert act.happened_at == NOW + timedelta(days=400)


def test_somebody_elses_act_is_refused_and_stays_theirs_to_send(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    act = sent(cast.sam, "clean", machine)
    with pytest.raises(NotYourAct):
        answer_once(session, act, carry_out, by=cast.kim, at=NOW)
    assert not cleaned(session, machine)
    assert answer(session, cast.sam, act).tone == "ok"
    with pytest.raises(NotYourAct):
        answer_once(session, act, carry_out, by=cast.kim, at=NOW)


def test_a_refusal_is_an_answer_too_and_waits_to_be_seen(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    act = answer(session, cast.sam, sent(cast.sam, "release", machine, value="A1", queued=True))
    assert (act.tone, act.code) == ("stop", "wrong-state")
    assert machine.state == State.SANITISED
    assert unseen(session, cast.sam) == [act]
    assert unseen(session, cast.kim) == []
    saw(session, act.uuid, by=cast.sam, at=NOW)
    assert unseen(session, cast.sam) == []


def test_what_was_refused_before_ones_eyes_does_not_wait_to_be_seen(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    answer(session, cast.sam, sent(cast.sam, "release", machine, value="A1"))
    assert unseen(session, cast.sam) == []


def test_two_phones_without_a_network_and_one_machine(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.READY)
    known = machine.head_seq
    first = answer(session, cast.sam, sent(cast.sam, "shelve", machine, value="B2", queued=True, known_seq=known))
    second = answer(
        session,
        cast.kim,
        sent(cast.kim, "shelve", machine, value="C3", queued=True, known_seq=known, device=OTHER_PHONE),
    )
    assert first.code == "shelved"
    assert (second.tone, second.code) == ("stop", "changed-meanwhile")
    assert machine.shelf == "B2"


def test_ones_own_other_phone_is_another_phone(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.READY)
    known = machine.head_seq
    answer(session, cast.sam, sent(cast.sam, "shelve", machine, value="B2", queued=True, known_seq=known))
    other = sent(cast.sam, "shelve", machine, value="C3", queued=True, known_seq=known, device=OTHER_PHONE)
    assert answer(session, cast.sam, other).code == "changed-meanwhile"


def test_what_one_phone_did_itself_is_no_surprise_to_it(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    known = machine.head_seq
    for verb, value in (("keep", ""), ("clean", ""), ("shelve", "A1"), ("shelve", "A2"), ("hold", "")):
        act = sent(cast.sam, verb, machine, value=value, queued=True, known_seq=known)
        assert answer(session, cast.sam, act).tone == "ok", verb
    clean(session, machine, by=cast.kim, at=NOW)
    act = sent(cast.sam, "resume", machine, queued=True, known_seq=known)
    assert answer(session, cast.sam, act).code == "changed-meanwhile"


def test_what_is_so_already_is_told_apart(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    for verb, value in (("keep", ""), ("clean", ""), ("shelve", "A1"), ("hold", "")):
        assert answer(session, cast.sam, sent(cast.sam, verb, machine, value=value)).tone == "ok"
        before = machine.head_seq
        assert answer(session, cast.sam, sent(cast.sam, verb, machine, value=value)).tone == "repeat"
        assert machine.head_seq == before
    assert answer(session, cast.sam, sent(cast.sam, "receive", machine)).code == "already-received"


def test_the_last_act_is_undone_where_life_has_a_way_back(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.READY)
    moved = answer(session, cast.sam, sent(cast.sam, "shelve", machine, value="B2"))
    assert answer(session, cast.sam, sent(cast.sam, "undo", machine, value=moved.uuid)).code == "undone"
    assert machine.shelf == "A1"
    held = answer(session, cast.sam, sent(cast.sam, "hold", machine))
    assert answer(session, cast.sam, sent(cast.sam, "undo", machine, value=held.uuid)).code == "undone"
    assert machine.held_for == ""
    cleaned_ = answer(session, cast.sam, sent(cast.sam, "clean", a_machine(session, cast, State.RECEIVED)))
    assert answer(session, cast.sam, sent(cast.sam, "undo", machine, value=cleaned_.uuid)).code == "not-undone"


def test_nothing_is_undone_under_somebody_who_acted_since(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.READY)
    moved = answer(session, cast.sam, sent(cast.sam, "shelve", machine, value="B2"))
    shelve(session, machine, "C3", by=cast.kim, at=NOW)
    assert answer(session, cast.sam, sent(cast.sam, "undo", machine, value=moved.uuid)).code == "someone-just-did-this"
    assert machine.shelf == "C3"
    assert answer(session, cast.kim, sent(cast.kim, "undo", machine, value=moved.uuid)).code == "not-found"


def test_a_free_label_is_a_new_machine_of_the_lot(session: Session, cast: Cast) -> None:
    (label,) = print_free(session, cast.workshop, 1, by=cast.sam, at=NOW)
    lot = Lot(code="L-2026-901", donor=cast.donor, workshop=cast.workshop, promised_count=1, created_at=NOW)
    coming = a_machine(session, cast, State.COLLECTED, lot=lot)
    assert answer(session, cast.sam, sent(cast.sam, "receive", label.tag, value=lot.code)).code == "not-found"
    new = answer(session, cast.sam, sent(cast.sam, "receive", label.tag, value=lot.code, form="laptop"))
    assert new.code == "surplus"
    assert answer(session, cast.sam, sent(cast.sam, "receive", coming, value=lot.code)).code == "received"
    closed = answer(session, cast.sam, sent(cast.sam, "close", "", value=lot.code))
    assert closed.told == {"received": 1, "missing": 0, "surplus": 1}


def test_nobodys_series_reaches_another_workshop(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.READY)
    before = session.scalar(select(func.count()).select_from(Event))
    for verb in VERBS:
        act = answer(session, cast.noor, sent(cast.noor, verb, machine, value="A1", form="laptop"))
        assert (act.tone, act.code) == ("stop", "not-found"), verb
    assert session.scalar(select(func.count()).select_from(Event)) == before


@pytest.mark.parametrize("verb", ["", "wipe", "hand_over", "clean; drop"])
def test_only_verbs_of_a_series_are_carried_out(session: Session, cast: Cast, verb: str) -> None:
    machine = a_machine(session, cast, State.READY)
    assert answer(session, cast.sam, sent(cast.sam, verb, machine)).code == "invalid"


def test_an_audit_says_what_is_a_stranger_and_changes_nothing(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.READY)
    before = machine.head_seq
    assert answer(session, cast.sam, sent(cast.sam, "audit", machine, value="a1")).code == "found-there"
    stranger = answer(session, cast.sam, sent(cast.sam, "audit", machine, value="B2"))
    assert (stranger.tone, stranger.told) == ("repeat", {"shelf": "A1"})
    assert machine.head_seq == before
