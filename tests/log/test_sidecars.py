"""A stranger holds a certificate, its sidecar and our keys: what is altered anywhere proves nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from ordi.bench.certificates import issue
from ordi.bench.destruction import How, destroy_drive
from ordi.bench.loose_drives import Why, remove_drive
from ordi.canonical import canonical
from ordi.keys import KeyRing
from ordi.log.heads import newest
from ordi.log.sidecars import NotInTheLog, Statement, check, make
from ordi.machines.drive import open_sightings
from ordi.machines.journal import record
from ordi.machines.lifecycle import Note, State
from tests.bench.photographs import PHOTOGRAPHED
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.log.logs import Proved, proved, sealed


@pytest.fixture
def one(session: Session, cast: Cast, ring: KeyRing, now: datetime) -> Proved:
    """A certificate among others, all sealed."""
    proved(session, cast, ring, now)
    sealed(session, ring, now)
    one = proved(session, cast, ring, now)
    proved(session, cast, ring, now)
    sealed(session, ring, now)
    return one


@pytest.fixture
def sidecar(session: Session, one: Proved) -> dict[str, Any]:
    """Its sidecar, as it is downloaded."""
    made = make(session, [one.statement], one.machine)
    assert made
    told: dict[str, Any] = json.loads(json.dumps(made))
    return told


def refusal(sidecar: Any, statement: Statement, ring: KeyRing, now: datetime) -> str:
    with pytest.raises(NotInTheLog) as refused:
        check(sidecar, [statement], ring.jwks(now))
    return refused.value.why


def test_a_certificate_is_shown_in_the_log_under_the_newest_head(
    session: Session, one: Proved, sidecar: dict[str, Any], ring: KeyRing, now: datetime
) -> None:
    shown = check(sidecar, [one.statement], ring.jwks(now))
    head = newest(session)
    assert head
    assert shown.head.size == head.size
    assert 0 < shown.places[0] < head.size
    assert one.certificate.payload["log"]["leaf"] == sidecar["certificates"][0]["wipe"]["leaf"]


def test_the_certificate_names_its_wipe_and_the_place_only_once_it_has_one(
    session: Session, cast: Cast, ring: KeyRing, now: datetime
) -> None:
    fresh = proved(session, cast, ring, now)
    told = fresh.certificate.payload["log"]
    assert told["index"] is None
    sealed(session, ring, now)
    again = issue(session, fresh.certificate.sanitisation, ring.signing("certificate", now), at=now)
    assert again.payload["log"]["leaf"] == told["leaf"]
    assert isinstance(again.payload["log"]["index"], int)


def test_there_is_no_sidecar_before_the_certificate_is_sealed(
    session: Session, cast: Cast, ring: KeyRing, now: datetime
) -> None:
    proved(session, cast, ring, now)
    sealed(session, ring, now)
    fresh = proved(session, cast, ring, now)
    assert make(session, [fresh.statement], fresh.machine) is None
    sealed(session, ring, now)
    assert make(session, [fresh.statement], fresh.machine)


def test_nobody_is_in_a_sidecar(cast: Cast, sidecar: dict[str, Any]) -> None:
    told = canonical(sidecar)
    assert cast.sam.name not in told
    assert cast.sam.op_code not in told
    assert json.loads(sidecar["certificates"][0]["event"])["person"] is None


def _changes(told: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every part of a JSON value, with another value in its place; and each taken away."""
    if isinstance(told, dict | list):
        for key, inside in told.items() if isinstance(told, dict) else enumerate(told):
            yield (*place, key), ...
            yield from _changes(inside, (*place, key))
    elif isinstance(told, str):
        middle = len(told) // 2
        yield place, told[:middle] + ("0" if told[middle] != "0" else "1") + told[middle + 1 :]
        yield place, ""
        yield place, None
    elif isinstance(told, int):
        yield place, told + 1
        yield place, told - 1
        yield place, str(told)


def _changed(told: Any, place: tuple[Any, ...], value: Any) -> Any:
    made = copy.deepcopy(told)
    inside = made
    for key in place[:-1]:
        inside = inside[key]
    if value is ...:
        del inside[place[-1]]
    else:
        inside[place[-1]] = value
    return made


def test_no_part_of_a_sidecar_can_be_changed_or_taken_away(
    one: Proved, sidecar: dict[str, Any], ring: KeyRing, now: datetime
) -> None:
    tried = 0
    for place, value in _changes(sidecar):
        refusal(_changed(sidecar, place, value), one.statement, ring, now)
        tried += 1
    assert tried > 40


def test_no_field_of_the_event_can_be_changed(
    one: Proved, sidecar: dict[str, Any], ring: KeyRing, now: datetime
) -> None:
    event = json.loads(sidecar["certificates"][0]["event"])
    told = [_changed(event, place, value) for place, value in _changes(event)]
    facts = json.loads(event["facts"])
    told += [event | {"facts": canonical(_changed(facts, place, value))} for place, value in _changes(facts)]
    assert len(told) > 25
    for changed in told:
        made = copy.deepcopy(sidecar)
        made["certificates"][0]["event"] = canonical(changed)
        refusal(made, one.statement, ring, now)


def test_every_character_of_the_head_counts(one: Proved, sidecar: dict[str, Any], ring: KeyRing, now: datetime) -> None:
    jws = sidecar["head"]
    for place in range(len(jws)):
        changed = jws[:place] + ("A" if jws[place] != "A" else "B") + jws[place + 1 :]
        assert refusal(sidecar | {"head": changed}, one.statement, ring, now).startswith("head-")


def test_the_certificate_of_another_drive_is_not_shown_by_this_one(
    session: Session, cast: Cast, one: Proved, sidecar: dict[str, Any], ring: KeyRing, now: datetime
) -> None:
    other = proved(session, cast, ring, now)
    sealed(session, ring, now)
    assert refusal(sidecar, other.statement, ring, now) == "another-certificate"
    theirs = json.loads(json.dumps(make(session, [other.statement], other.machine)))
    assert refusal(theirs, one.statement, ring, now) == "another-certificate"
    swapped = copy.deepcopy(theirs)
    swapped["certificates"][0]["sha256"] = one.statement.sha256
    assert refusal(swapped, one.statement, ring, now) == "another-machine"


def test_a_leaf_put_in_the_place_of_another_is_seen(
    session: Session, cast: Cast, one: Proved, sidecar: dict[str, Any], ring: KeyRing, now: datetime
) -> None:
    wipe = sidecar["certificates"][0]["wipe"]
    swapped = copy.deepcopy(sidecar)
    swapped["certificates"][0] |= {"index": wipe["index"], "path": wipe["path"]}
    assert refusal(swapped, one.statement, ring, now) == "not-under-this-head"
    swapped = copy.deepcopy(sidecar)
    swapped["certificates"][0]["wipe"] |= {"index": wipe["index"] - 1}
    assert refusal(swapped, one.statement, ring, now) == "wipe-not-under-this-head"


def test_an_older_head_does_not_cover_what_came_after(
    session: Session, cast: Cast, ring: KeyRing, now: datetime
) -> None:
    proved(session, cast, ring, now)
    old = sealed(session, ring, now)
    late = proved(session, cast, ring, now)
    sealed(session, ring, now + timedelta(minutes=1))
    told = make(session, [late.statement], late.machine)
    assert told
    assert refusal(told | {"head": old.jws}, late.statement, ring, now) == "not-under-this-head"


def test_a_head_that_someone_else_signed_shows_nothing(
    one: Proved, sidecar: dict[str, Any], foreign: KeyRing, now: datetime
) -> None:
    assert refusal(sidecar, one.statement, foreign, now) == "head-unknown-key"


def test_a_key_for_certificates_signs_no_head(
    one: Proved, sidecar: dict[str, Any], ring: KeyRing, now: datetime
) -> None:
    assert refusal(sidecar | {"head": one.certificate.jws}, one.statement, ring, now) == "head-wrong-type"


@pytest.mark.parametrize(
    "told", [{}, {"typ": "ordi-log-proof/1"}, {"typ": "ordi-log-proof/1", "head": 1, "certificates": []}]
)
def test_what_is_no_sidecar_is_refused(told: dict[str, Any], one: Proved, ring: KeyRing, now: datetime) -> None:
    assert refusal(told, one.statement, ring, now) == "not-a-sidecar"


def test_all_drives_of_a_machine_are_in_one_sidecar(session: Session, cast: Cast, ring: KeyRing, now: datetime) -> None:
    first = proved(session, cast, ring, now)
    again = issue(session, first.certificate.sanitisation, ring.signing("certificate", now), at=now)
    record(session, first.machine, Note.SHELVED, by=None, at=now, shelf="A1")
    sealed(session, ring, now)
    both = [first.statement, Statement.of(again.jws, again.payload)]
    told = make(session, both, first.machine)
    assert told
    assert len(check(told, both, ring.jwks(now)).places) == 2
    with pytest.raises(NotInTheLog, match="another-certificate"):
        check(told, both[::-1], ring.jwks(now))
    with pytest.raises(NotInTheLog, match="another-certificate"):
        check(told, both[:1], ring.jwks(now))


def test_a_destroyed_drive_is_shown_in_the_log_too(session: Session, cast: Cast, ring: KeyRing, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    drive = a_drive(session, machine)
    remove_drive(session, open_sightings(session, machine)[0], Why.TO_DESTROY, by=cast.sam, witness=cast.kim, at=now)
    written = destroy_drive(session, drive, How.CRUSHED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=now)
    made = issue(session, written, ring.signing("certificate", now), at=now)
    sealed(session, ring, now)
    statement = Statement.of(made.jws, made.payload)
    assert statement.leaf
    told = make(session, [statement], machine)
    assert told
    assert check(told, [statement], ring.jwks(now)).places
