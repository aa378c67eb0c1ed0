"""Destroyed by hand: two people, a reason, a photograph that tells nothing else, and a paper that says destruction."""

from __future__ import annotations

import io
import json
from datetime import datetime

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench.certificates import issue
from ordi.bench.destruction import DESTROYED, DestructionPhoto, How, WhyDestroyed, destroy_drive, destruction_of
from ordi.bench.loose_drives import SamePerson, Why, remove_drive
from ordi.bench.pictures import KEPT_PIXELS, MOST_BYTES, PhotoUnusable, photograph
from ordi.errors import NotAllowed
from ordi.keys import KeyRing
from ordi.machines.drive import Destruction, Drive, Sanitisation, Standing, open_sightings
from ordi.machines.gate import DrivesNotClean
from ordi.machines.journal import history, record
from ordi.machines.lifecycle import Action, Note, State
from ordi.machines.machine import Machine
from tests.bench.photographs import MAKER, PHOTOGRAPHED, WHERE, a_photograph
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW


@pytest.fixture
def loose(session: Session, cast: Cast, now: datetime) -> tuple[Machine, Drive]:
    """A drive that two people took out."""
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    drive = a_drive(session, machine)
    remove_drive(session, open_sightings(session, machine)[0], Why.TO_DESTROY, by=cast.sam, witness=cast.kim, at=now)
    return machine, drive


def test_a_destruction_is_told_with_its_reason_its_witness_and_its_photograph(
    session: Session, cast: Cast, now: datetime, loose: tuple[Machine, Drive]
) -> None:
    machine, drive = loose
    written = destroy_drive(session, drive, How.CRUSHED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=now)
    assert (written.verdict, written.level, written.assurance) == (DESTROYED, "destroy", "declared")
    assert drive.standing == Standing.DESTROYED
    found = destruction_of(session, drive)
    assert found is not None
    told = json.loads(history(session, machine)[-1].facts)
    assert told == {
        "drive": drive.id,
        "witness": cast.sam.id,
        "reason": "crushed",
        "cause": "faulty",
        "photo": found[1].sha256,
        "sanitisation": written.uuid,
    }


@pytest.mark.parametrize(("by", "witness", "refusal"), [("lou", "lou", SamePerson), ("sam", "kim", NotAllowed)])
def test_a_lead_destroys_before_another_and_nobody_else(
    session: Session,
    cast: Cast,
    now: datetime,
    loose: tuple[Machine, Drive],
    by: str,
    witness: str,
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        destroy_drive(
            session,
            loose[1],
            How.DRILLED,
            **PHOTOGRAPHED,
            by=getattr(cast, by),
            witness=getattr(cast, witness),
            at=now,
        )
    assert session.scalar(select(func.count(Destruction.id))) == 0


def test_the_database_wants_two_people_as_well(session: Session, cast: Cast, now: datetime) -> None:
    drive = a_drive(session, a_machine(session, cast, State.RECEIVED))
    session.add(Destruction(drive_id=drive.id, by_id=cast.lou.id, witness_id=cast.lou.id, method="drilled", at=now))
    with pytest.raises(IntegrityError, match="two_people"):
        session.flush()


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"", "missing"),
        (b"\xff\xd8\xff" + b"0" * 2000, "not-a-picture"),
        (b"<svg onload='x'/>", "not-a-picture"),
        (b"0" * (MOST_BYTES + 1), "too-big"),
    ],
    ids=["missing", "broken", "markup", "heavy"],
)
def test_without_a_photograph_nothing_is_destroyed_on_paper(
    session: Session, cast: Cast, now: datetime, loose: tuple[Machine, Drive], sent: bytes, why: str
) -> None:
    with pytest.raises(PhotoUnusable) as refusal:
        destroy_drive(
            session,
            loose[1],
            How.DRILLED,
            cause=WhyDestroyed.FAULTY,
            photo=sent,
            by=cast.lou,
            witness=cast.sam,
            at=now,
        )
    assert refusal.value.facts == {"why": why}


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_drawn() -> None:
    out = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(out, "PNG")
    with pytest.raises(PhotoUnusable):
        photograph(out.getvalue())


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_keeps_what_it_shows_and_nothing_else(format: str) -> None:
    sent = a_photograph((3000, 2000), format)
    assert MAKER.encode() in sent
    kept = photograph(sent)
    assert MAKER.encode() not in kept
    assert WHERE.encode() not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.format == "JPEG"
        assert dict(picture.getexif()) == {}
        assert max(picture.size) == max(KEPT_PIXELS)
        assert picture.height > picture.width, "it stands upright"


def test_two_photographs_alike_leave_two_fingerprints(
    session: Session, cast: Cast, now: datetime, loose: tuple[Machine, Drive]
) -> None:
    machine, first = loose
    second = a_drive(session, machine)
    remove_drive(session, open_sightings(session, machine)[0], Why.FAULTY, by=cast.sam, witness=cast.kim, at=now)
    for drive in (first, second):
        destroy_drive(session, drive, How.DRILLED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=now)
    one, other = session.scalars(select(DestructionPhoto)).all()
    assert one.jpeg == other.jpeg
    assert one.sha256 != other.sha256


def test_its_certificate_says_destruction_and_never_wiped(
    session: Session, cast: Cast, now: datetime, loose: tuple[Machine, Drive], certificates_ring: KeyRing
) -> None:
    _, drive = loose
    written = destroy_drive(session, drive, How.DRILLED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=now)
    told = issue(session, written, certificates_ring.signing("certificate", now), at=now).payload
    assert told["sanitisation"]["verdict"] == "DESTROYED"
    assert told["sanitisation"]["level"] == "destroy"
    assert told["sanitisation"]["bytes_written"] == 0
    assert told["destruction"]["method"] == "drilled"
    assert told["destination"] == "destruction"
    assert (told["wiper"]["op_code"], told["verifier"]["op_code"]) == (cast.lou.op_code, cast.sam.op_code)


def test_no_box_makes_a_machine_wiped(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    a_drive(session, machine)
    for who in (cast.sam, cast.lou):
        with pytest.raises(DrivesNotClean):
            record(session, machine, Action.SANITISE, by=who, at=now)
    assert Note.DRIVE_DESTROYED not in {event.action for event in history(session, machine)}
    assert session.scalars(select(Sanitisation)).all() == []


@pytest.fixture(scope="session")
def certificates_ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """Keys of a server of tests."""
    return KeyRing.open(tmp_path_factory.mktemp("keys") / "keys", at=NOW)
