"""What a firmware erase is worth: its level only with all of its evidence, a PASS never without the bytes read back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from ordi.bench.jobs import order_wipe
from ordi.bench.judging import Outcome, answer
from ordi.bench.techniques import Technique
from ordi.bench.verdict import Judgement
from ordi.machines.drive import Drive, Medium, Standing
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from tests.bench.benches import Bench, honest, report, send
from tests.cast import Cast
from tests.factories import a_drive, a_machine

SENSE = "SG_IO: bad/missing sense data, sb[]: 70 00 0b 00 00 00 00 0a 04 41 40 01"
ASKED = {"command": "hdparm --yes-i-know-what-i-am-doing --sanitize-block-erase /dev/sda", "status": 0, "stderr": None}


def erased(**changes: Any) -> dict[str, Any]:
    """What an honest agent tells of a Sanitize that ran."""
    told: dict[str, Any] = {
        "technique": Technique.ATA_BLOCK_ERASE, "ending": "completed", "why": None, "offered": True, "accepted": True,
        "seen_running": True, "state_before": "idle", "state_after": "idle ended-well", "password_left_set": None,
        "markers": {"bytes": 1 << 20, "written": 8, "changed": 8, "unread": 0}, "steps": [ASKED], "polls": 3, "ms": 9000,
    }  # fmt: skip
    return told | changes


@pytest.fixture
def kept(session: Session, cast: Cast, now: datetime) -> tuple[Machine, Drive]:
    """A machine received and kept, with one small SSD."""
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    return machine, a_drive(session, machine, medium=Medium.SSD, size=512 * 1024 + 512)


def wiped(
    session: Session, cast: Cast, kept: tuple[Machine, Drive], now: datetime, firmware: Any, **changes: Any
) -> Judgement:
    """A wipe ordered with a block erase, told with `firmware`, its challenge answered."""
    machine, drive = kept
    bench = Bench(session, now).adopted(machine, cast.sam)
    job = order_wipe(session, bench, drive, by=cast.sam, at=now)
    job.technique = Technique.ATA_BLOCK_ERASE
    session.flush()
    told = report(job, firmware=firmware, technique=job.technique, **changes)
    outcome: Outcome = send(session, told, bench=bench, at=now)
    if outcome.challenge is not None:
        outcome = answer(session, bench, job.uuid, honest(job, outcome.challenge), at=now)
    assert outcome.judgement
    return outcome.judgement


def test_an_erase_with_all_its_evidence_reaches_purge(
    session: Session, cast: Cast, kept: tuple[Machine, Drive], now: datetime
) -> None:
    told = wiped(session, cast, kept, now, erased())
    assert (told.verdict, told.level, told.reasons) == ("PASS", "purge", ())
    assert kept[1].standing == Standing.SANITISED


MARKS = {"bytes": 1 << 20, "written": 8, "changed": 0, "unread": 0}


@pytest.mark.parametrize(
    ("firmware", "reason"),
    [
        (erased(markers=MARKS), "firmware-marks-stay"),
        (erased(markers=MARKS, seen_running=False, state_before="idle ended-well"), "firmware-marks-stay"),
        (erased(markers=MARKS | {"changed": 7}), "firmware-marks-stay"),
        (erased(markers=MARKS | {"changed": 7, "unread": 1}), "firmware-marks-stay"),
        (erased(markers=MARKS | {"written": 0}, seen_running=False), "firmware-unseen"),
        (erased(steps=[ASKED | {"stderr": SENSE}]), "firmware-refused"),
        (erased(steps=[ASKED | {"status": 5}]), "firmware-refused"),
        (erased(steps=[]), "firmware-refused"),
        (erased(ending="frozen", accepted=False, markers=MARKS | {"written": 0}), "firmware-frozen"),
        (
            erased(ending="not-offered", offered=False, accepted=False, markers=MARKS | {"written": 0}),
            "firmware-not-offered",
        ),
        (erased(ending="refused", accepted=False, markers=MARKS), "firmware-refused"),
        (erased(ending="something-new", markers=MARKS), "firmware-failed"),
    ],
)
def test_without_its_evidence_an_erase_counts_for_nothing_and_the_overwrite_for_clear(
    session: Session, cast: Cast, kept: tuple[Machine, Drive], now: datetime, firmware: dict[str, Any], reason: str
) -> None:
    told = wiped(session, cast, kept, now, firmware)
    assert (told.verdict, told.level, told.reasons) == ("PASS", "clear", (reason,))


@pytest.mark.parametrize(
    "firmware",
    [
        None,
        erased(technique="nvme-sanitize-block-erase"),
        erased(offered=False),
        erased(accepted=False),
        erased(markers=MARKS | {"changed": 9}),
        erased(ending="refused", accepted=False, markers=MARKS | {"changed": 8}),
    ],
)
def test_a_report_that_contradicts_itself_about_the_erase_is_not_believed(
    session: Session, cast: Cast, kept: tuple[Machine, Drive], now: datetime, firmware: Any
) -> None:
    told = wiped(session, cast, kept, now, firmware)
    assert (told.verdict, told.level, told.reasons) == ("UNKNOWN", "none", ("firmware-contradicts",))
    assert kept[1].standing == Standing.HOLDS_DATA


def test_a_password_left_on_the_drive_is_a_failure(
    session: Session, cast: Cast, kept: tuple[Machine, Drive], now: datetime
) -> None:
    told = wiped(session, cast, kept, now, erased(ending="failed", password_left_set=True))
    assert (told.verdict, told.reasons[0]) == ("FAIL", "password-left-set")


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"read__bytes": 0}, "FAIL"),
        ({"read__mismatches": 1}, "FAIL"),
        ({"write__bytes": 0, "raw_status": {"outcome": "failed", "reason": "firmware-gone"}}, "FAIL"),
        ({"raw_status": {"outcome": "aborted"}}, "FAIL"),
    ],
)
def test_no_erase_spares_reading_the_drive_back(
    session: Session, cast: Cast, kept: tuple[Machine, Drive], now: datetime, changes: dict[str, Any], verdict: str
) -> None:
    told = wiped(session, cast, kept, now, erased(), **changes)
    assert (told.verdict, told.level) == (verdict, "none")


def test_an_erase_nobody_ordered_is_not_believed(
    session: Session, cast: Cast, kept: tuple[Machine, Drive], now: datetime
) -> None:
    machine, drive = kept
    bench = Bench(session, now).adopted(machine, cast.sam)
    job = order_wipe(session, bench, drive, by=cast.sam, at=now)
    outcome = send(session, report(job, firmware=erased()), bench=bench, at=now)
    assert outcome.challenge
    judged = answer(session, bench, job.uuid, honest(job, outcome.challenge), at=now).judgement
    assert judged
    assert (judged.verdict, judged.reasons) == ("UNKNOWN", ("firmware-contradicts",))
