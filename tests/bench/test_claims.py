"""A log of nwipe is a claim: kept byte for byte, told as declared, and no door opens for it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench.claims import MOST_BYTES, NotALog, claim_wipe, claims_of, read_log
from ordi.errors import NotAllowed
from ordi.machines.drive import Sanitisation, Standing
from ordi.machines.gate import DrivesNotClean
from ordi.machines.journal import history, record
from ordi.machines.lifecycle import Action, Note, State
from tests.cast import Cast
from tests.factories import a_drive, a_machine

LOGS = Path(__file__).parent / "nwipe"


@pytest.mark.parametrize(("name", "version", "lasted"), [("0.34", "0.33", "00:00:01"), ("0.42", "0.42", "02:41:09")])
def test_both_formats_are_read(name: str, version: str, lasted: str) -> None:
    """The Debian package 0.34 calls itself 0.33 in its log: told as it says."""
    log = read_log((LOGS / f"{name}.log").read_bytes())
    assert log.version == version
    (drive,) = log.drives
    assert (drive.path, drive.model, drive.serial) == ("/dev/sda", "WDC WD5000AAKX-0", "WD-WCC2E4127733")
    assert (drive.written, drive.read, drive.errors) == (500107862016, 500107862016, 0)
    assert (drive.status, drive.lasted, drive.method) == ("Erased", lasted, "Fill With Zeros")


def test_a_failure_is_told_as_the_tool_tells_it() -> None:
    (drive,) = read_log((LOGS / "failed.log").read_bytes()).drives
    assert (drive.status, drive.errors) == ("FAILED", 15)


@pytest.mark.parametrize("name", ["0.34", "0.42"])
def test_a_claim_of_success_opens_nothing(session: Session, cast: Cast, now: datetime, name: str) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    drive = a_drive(session, machine)
    raw = (LOGS / f"{name}.log").read_bytes().replace(b"WD-WCC2E4127733", drive.serial.encode())
    claim = claim_wipe(session, machine, raw, by=cast.sam, at=now)
    assert claim.raw == raw
    assert json.loads(claim.told)[0]["status"] == "Erased"
    assert drive.standing == Standing.HOLDS_DATA
    assert machine.state == State.RECEIVED
    assert session.scalars(select(Sanitisation)).all() == []
    with pytest.raises(DrivesNotClean):
        record(session, machine, Action.SANITISE, by=cast.sam, at=now)
    assert history(session, machine)[-1].action == Note.CLAIMED


def test_the_same_log_again_is_the_same_claim_and_none_is_ever_changed(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    raw = (LOGS / "0.42.log").read_bytes()
    assert claim_wipe(session, machine, raw, by=cast.sam, at=now) is claim_wipe(
        session, machine, raw, by=cast.kim, at=now
    )
    assert len(claims_of(session, machine)) == 1
    for statement in ("UPDATE wipe_claims SET tool = 'x'", "DELETE FROM wipe_claims"):
        with pytest.raises(IntegrityError, match="ordi:wipe_claims"), session.begin_nested():
            session.execute(text(statement))


@pytest.mark.parametrize(
    "raw",
    [b"", b"hello", b"nwipe", b"\x00\xff" * 500, b"nwipe\n" + b"x" * MOST_BYTES],
    ids=["empty", "words", "no drive", "binary", "heavy"],
)
def test_what_is_no_log_is_refused(session: Session, cast: Cast, now: datetime, raw: bytes) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    with pytest.raises(NotALog):
        claim_wipe(session, machine, raw, by=cast.sam, at=now)


def test_a_hostile_log_stays_inert_and_bounded() -> None:
    hostile = b"nwipe 0.42\n" + b"".join(
        b"[x]  notice: Found /dev/sd%d, SATA, <script>\x1b[31m^XZ, 5 GB, S/N==cmd\n" % n for n in range(500)
    )
    log = read_log(hostile)
    assert len(log.drives) == 64
    assert "\x1b" not in log.drives[0].model


def test_only_the_bench_keeps_claims(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    for who in (cast.noor, cast.bruno, cast.ada):
        with pytest.raises(NotAllowed):
            claim_wipe(session, machine, (LOGS / "0.42.log").read_bytes(), by=who, at=now)
