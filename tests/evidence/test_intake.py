"""Files of other tools at the API: kept before they are understood, tied to the machine they speak of, never a proof."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench.rereading import Reread, reread
from ordi.machines import formats, hardware
from ordi.machines.drive import Drive, Sighting
from ordi.machines.evidence import Evidence, content_of
from ordi.machines.gate import inventoried
from ordi.machines.journal import history
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.parties.tokens import make_token
from tests.cast import Cast
from tests.evidence.conftest import SendFile
from tests.evidence.outputs import DRIVE, OUTPUTS, SECRETS, SERIAL, UUID, dmidecode, ereuse, glpi, lshw, smartctl
from tests.factories import a_drive, a_machine
from tests.ground.tiers import SAMPLES
from tests.web.test_api import disks, dmi, inventory


def kept(session: Session) -> Evidence:
    """The one report there is."""
    return session.scalars(select(Evidence)).one()


@pytest.mark.parametrize("name", [name for name in OUTPUTS if name != "smartctl"])
def test_a_computer_that_another_tool_tells_is_born_and_found_again(
    send_file: SendFile, session: Session, name: str
) -> None:
    form, text = OUTPUTS[name]
    first = send_file(form, text)
    assert (first.status_int, first.json["recognised"], first.json["parsed"]) == (201, "new", True)
    machine = session.scalars(select(Machine)).one()
    assert (machine.tag, machine.serial, machine.state) == (first.json["tag"], SERIAL, State.RECEIVED)
    again = send_file("dmidecode", dmidecode() + "\n").json
    assert (again["tag"], again["recognised"]) == (machine.tag, "uuid" if machine.system_uuid else "serial")
    assert send_file("glpi", glpi()).json["tag"] == machine.tag


def test_the_same_file_twice_is_stored_once(send_file: SendFile, session: Session) -> None:
    first, again = send_file("glpi", glpi()), send_file("glpi", glpi())
    assert (first.status_int, again.status_int) == (201, 200)
    assert first.json == again.json
    assert session.scalar(select(func.count(Evidence.id))) == 1


def test_only_the_hardware_is_stored_and_the_hash_is_of_what_was_sent(send_file: SendFile, session: Session) -> None:
    send_file("glpi", glpi())
    stored = kept(session)
    assert stored.sha256 == hashlib.sha256(glpi().encode()).hexdigest()
    assert [secret for secret in SECRETS if secret in content_of(stored).decode()] == []
    assert SERIAL in content_of(stored).decode()


@pytest.mark.parametrize("name", OUTPUTS)
def test_no_file_of_another_tool_is_a_look_into_the_machine(
    send_file: SendFile, session: Session, cast: Cast, name: str
) -> None:
    machine = a_machine(session, cast, State.RECEIVED, drives=0, serial=SERIAL, manufacturer="LENOVO", system_uuid=UUID)
    session.commit()
    form, text = OUTPUTS[name]
    send_file(form, text, tag=machine.tag)
    assert not inventoried(session, machine)
    assert session.scalar(select(func.count(Sighting.id))) == session.scalar(select(func.count(Drive.id))) == 0


def test_a_file_that_names_a_drive_nobody_saw_puts_the_machine_aside(
    send_file: SendFile, session: Session, cast: Cast
) -> None:
    machine = a_machine(session, cast, State.READY, serial=SERIAL, manufacturer="LENOVO")
    session.commit()
    assert send_file("glpi", glpi()).json["tag"] == machine.tag
    session.refresh(machine)
    assert machine.held_for == "second"
    assert [event.action for event in history(session, machine)][-2:] == [Note.DESCRIBED, Note.PUT_ASIDE]


def test_a_drive_s_own_report_goes_to_the_machine_that_holds_it(
    send_file: SendFile, session: Session, cast: Cast
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    drive = a_drive(session, machine, size=256060514304)
    session.commit()
    told = send_file("smartctl", smartctl(drive.serial)).json
    assert (told["tag"], told["recognised"]) == (machine.tag, "drive")
    unknown = send_file("smartctl", smartctl(DRIVE)).json
    assert (unknown["tag"], unknown["recognised"], unknown["reason"]) == (None, "ambiguous", "drive-unknown")


def test_a_machine_that_tells_no_number_but_holds_a_known_drive_is_for_a_person(
    send_file: SendFile, session: Session, cast: Cast
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    drive = a_drive(session, machine, size=256060514304)
    session.commit()
    nameless = lshw("Default string", "0" * 8).replace(DRIVE, drive.serial)
    told = send_file("lshw", nameless).json
    assert (told["tag"], told["recognised"], told["reason"]) == (None, "ambiguous", "drive-known")


def test_a_machine_of_another_workshop_is_never_named(send_file: SendFile, session: Session, cast: Cast) -> None:
    theirs = a_machine(session, cast, State.RECEIVED, serial=SERIAL, manufacturer="LENOVO")
    theirs.workshop = cast.second_workshop
    session.commit()
    told = send_file("dmidecode", dmidecode()).json
    assert (told["tag"], told["recognised"], told["reason"]) == (None, "ambiguous", "elsewhere")


@pytest.mark.parametrize(
    ("form", "body", "why"),
    [
        ("glpi", b"", "empty"),
        ("glpi", glpi()[:700].encode(), "not-json"),
        ("ereuse", b"[" * 5000 + b"]" * 5000, "too-deep"),
        ("lshw", b"<!DOCTYPE a [<!ENTITY b 'c'>]><list>&b;</list>", "entities"),
        ("smartctl", b"\xff\xfe\x00", "not-json"),
        ("dmidecode", b"\x00" * 1000, "nothing-readable"),
    ],
)
def test_what_cannot_be_read_at_all_is_kept_as_it_came_and_marked(
    send_file: SendFile, session: Session, form: str, body: bytes, why: str
) -> None:
    told = send_file(form, body)
    assert (told.status_int, told.json["parsed"], told.json["reason"]) == (201, False, why)
    assert content_of(kept(session)) == body


def test_a_file_of_another_format_than_said_is_taken_for_what_it_is(send_file: SendFile, session: Session) -> None:
    assert send_file("glpi", ereuse()).json["recognised"] == "new"
    assert kept(session).format == "ereuse"


def test_a_format_nobody_reads_is_refused_with_those_we_read(send_file: SendFile) -> None:
    told = send_file("wmi", "x")
    assert (told.status_int, told.json["facts"]["known"]) == (422, sorted(formats.FORMATS))


def test_nobody_answers_for_a_new_machine_so_none_is_born(
    visitor: TestApp, session: Session, app: object, cast: Cast, now: datetime
) -> None:
    _, secret = make_token(session, "script", ["evidence:write"], cast.workshop, by=None, at=now)
    session.commit()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    told = visitor.post("/api/v1/evidence?format=glpi", glpi().encode(), headers=headers).json
    assert (told["tag"], told["parsed"], told["reason"]) == (None, True, "nobody-answers")


def test_who_answers_but_may_not_admit_loses_no_report(
    visitor: TestApp, session: Session, app: object, cast: Cast, now: datetime
) -> None:
    _, secret = make_token(session, "script", ["evidence:write"], cast.workshop, by=None, at=now, answers=cast.vic)
    session.commit()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    told = visitor.post("/api/v1/evidence?format=glpi", glpi().encode(), headers=headers)
    assert (told.status_int, told.json["tag"], told.json["reason"]) == (201, None, "not-allowed")
    assert session.scalar(select(func.count(Machine.id))) == 0


def test_another_report_under_a_known_uuid_is_kept_beside(
    visitor: TestApp, bearer: dict[str, str], session: Session
) -> None:
    first = inventory(dmidecode=dmi(), lsblk=disks("D1"))
    other = inventory(dmidecode=dmi(), lsblk=disks("D2")) | {"uuid": first["uuid"]}
    answers = [visitor.post_json("/api/v1/evidence", told, headers=bearer) for told in (first, other, other)]
    assert [answer.status_int for answer in answers] == [201, 201, 200]
    assert session.scalar(select(func.count(Evidence.id))) == 2
    assert {drive.serial for drive in session.scalars(select(Drive))} == {"D1", "D2"}


def test_a_reader_s_own_bug_loses_nothing_and_is_mended_by_reading_again(
    send_file: SendFile,
    session: Session,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    whole = formats.FORMATS["glpi"]

    def broken(_body: bytes) -> object:
        raise KeyError("x")

    monkeypatch.setitem(formats.FORMATS, "glpi", formats.Format(whole.allowed, broken))  # type: ignore[arg-type]
    told = send_file("glpi", glpi())
    assert (told.status_int, told.json["reason"]) == (201, "reader-failed KeyError")
    assert "mdupont" not in caplog.text
    assert "reader of glpi failed" in caplog.text
    monkeypatch.setitem(formats.FORMATS, "glpi", whole)
    stored = kept(session)
    assert reread(session, stored, at=now) == Reread.TIED
    assert (stored.parsed, stored.reason) == (True, "")
    assert session.scalars(select(Machine.serial)).all() == [SERIAL]


def test_reading_again_sees_a_drive_that_an_earlier_reading_missed_and_no_other(
    visitor: TestApp, bearer: dict[str, str], session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "_holds_data", lambda device: device["serial"] == "D1")
    tag = visitor.post_json(
        "/api/v1/evidence", inventory(dmidecode=dmi(), lsblk=disks("D1", "D2")), headers=bearer
    ).json["tag"]
    monkeypatch.undo()
    assert reread(session, kept(session), at=now) == Reread.DESCRIBED
    assert {drive.serial for drive in session.scalars(select(Drive))} == {"D1", "D2"}
    assert reread(session, kept(session), at=now) == Reread.DESCRIBED
    assert session.scalar(select(func.count(Sighting.id))) == 2
    assert session.scalars(select(Machine.tag)).all() == [tag]


@pytest.mark.samples
def test_every_real_output_is_taken_without_an_error_or_a_loss(send_file: SendFile, session: Session) -> None:
    as_said = {
        "glpi-inventory": "glpi",
        "dmidecode": "dmidecode",
        "smartctl-json": "smartctl",
        "battery": "dmidecode",
        "lsblk": "lshw",
    }
    files = [file for folder in as_said for file in sorted(Path(SAMPLES, folder).iterdir())]
    hashes = set()
    for file in files:
        body = file.read_bytes()
        told = send_file(as_said[file.parent.name], body)
        assert told.status_int in (200, 201), (file.name, told.text)
        readable = file.parent.name not in ("battery", "lsblk")
        assert told.json["parsed"] is readable, (file.name, told.json)
        hashes.add(hashlib.sha256(body).hexdigest())
    assert set(session.scalars(select(Evidence.sha256))) == hashes
