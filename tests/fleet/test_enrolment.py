"""How a machine becomes known, and how it ceases to be."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import NotAllowed
from ordi.fleet.enrolment import (
    TOKEN_LASTS,
    Enrolment,
    NotReinstalled,
    TokenExpired,
    TokenUnknown,
    TokenUsed,
    current_enrolment,
    enrol,
    prepare,
    remember_clone,
)
from ordi.machines.journal import history, record
from ordi.machines.lifecycle import Action, State
from tests.cast import Cast
from tests.factories import a_machine
from tests.fleet.news import enrolled
from tests.ground.clock import NOW


def a_key() -> bytes:
    return secrets.token_bytes(32)


def an_id() -> str:
    return str(uuid4())


def test_a_machine_enrols_once_with_the_token_put_in_it_at_the_bench(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.REINSTALLED)
    token = prepare(session, machine, by=cast.sam, at=NOW)
    enrolment = enrol(session, token=token, public_key=a_key(), uuid=an_id(), at=NOW)
    assert enrolment.current
    assert current_enrolment(session, machine) is enrolment
    assert [event.action for event in history(session, machine)][-2:] == ["enrolment_prepared", "enrolled"]


def test_the_token_itself_is_kept_nowhere(session: Session, cast: Cast) -> None:
    token = prepare(session, a_machine(session, cast), by=cast.sam, at=NOW)
    row = session.scalars(select(Enrolment)).one()
    assert token not in (row.token_hash, row.uuid, row.keyid)


def test_the_same_request_sent_twice_enrols_once(session: Session, cast: Cast) -> None:
    machine, key, uuid = a_machine(session, cast), a_key(), an_id()
    token = prepare(session, machine, by=cast.sam, at=NOW)
    first = enrol(session, token=token, public_key=key, uuid=uuid, at=NOW)
    length = machine.head_seq
    assert enrol(session, token=token, public_key=key, uuid=uuid, at=NOW) is first
    assert machine.head_seq == length


def test_a_copied_disk_that_enrols_with_the_same_token_is_refused_and_marked(session: Session, cast: Cast) -> None:
    token = prepare(session, a_machine(session, cast), by=cast.sam, at=NOW)
    enrolment = enrol(session, token=token, public_key=a_key(), uuid=an_id(), at=NOW)
    with pytest.raises(TokenUsed) as refusal:
        enrol(session, token=token, public_key=a_key(), uuid=an_id(), at=NOW)
    remember_clone(session, refusal.value, at=NOW)
    assert enrolment.cloned_at == NOW


def test_a_token_older_than_its_term_is_refused(session: Session, cast: Cast) -> None:
    token = prepare(session, a_machine(session, cast), by=cast.sam, at=NOW)
    with pytest.raises(TokenExpired):
        enrol(session, token=token, public_key=a_key(), uuid=an_id(), at=NOW + TOKEN_LASTS)


def test_an_invented_token_is_refused(session: Session, cast: Cast) -> None:
    with pytest.raises(TokenUnknown):
        enrol(session, token="a" * 43, public_key=a_key(), uuid=an_id(), at=NOW)


def test_preparing_again_ends_the_earlier_token_and_the_earlier_key(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast)
    earlier = enrolled(session, cast, machine)
    waiting = prepare(session, machine, by=cast.sam, at=NOW)
    prepare(session, machine, by=cast.sam, at=NOW)
    assert not earlier.current
    with pytest.raises(TokenUnknown):
        enrol(session, token=waiting, public_key=a_key(), uuid=an_id(), at=NOW)


def test_a_key_that_another_machine_enrolled_with_is_refused(session: Session, cast: Cast) -> None:
    known = enrolled(session, cast, a_machine(session, cast))
    token = prepare(session, a_machine(session, cast), by=cast.sam, at=NOW)
    assert known.public_key
    with pytest.raises(TokenUnknown):
        enrol(session, token=token, public_key=known.public_key, uuid=an_id(), at=NOW)


def test_the_enrolment_ends_by_itself_when_the_machine_comes_back(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.HANDED_OVER)
    enrolment = enrolled(session, cast, machine)
    record(session, machine, Action.TAKE_BACK, by=cast.sam, at=NOW + timedelta(days=1))
    assert not enrolment.current
    assert current_enrolment(session, machine) is None


def test_a_machine_without_our_system_is_not_prepared(session: Session, cast: Cast) -> None:
    with pytest.raises(NotReinstalled):
        prepare(session, a_machine(session, cast, State.RECEIVED), by=cast.sam, at=NOW)


@pytest.mark.parametrize("who", ["noor", "ines", "vic", "ada"])
def test_only_the_machines_own_bench_prepares_it(session: Session, cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        prepare(session, a_machine(session, cast), by=getattr(cast, who), at=NOW)
