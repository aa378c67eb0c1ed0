"""What lies beside an eMMC, and what a drive hides: judged from facts, said on its certificate, and never counted for more than it is."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.bench.jobs import WipeJob, order_wipe, signed
from ordi.bench.judging import answer
from ordi.bench.plan import Before
from ordi.bench.statements import wiped as stated
from ordi.bench.techniques import Technique
from ordi.bench.verdict import Judgement
from ordi.machines.drive import Drive, Medium, Sanitisation, Standing, open_sightings
from ordi.machines.journal import history
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.signatures import SigningKey, from_b64url
from tests.bench.benches import Bench, honest, report, send
from tests.bench.test_plans import ata, taken
from tests.cast import Cast
from tests.factories import a_drive, a_machine

SIZE = 512 * 1024 + 512
BOOT = {"name": "mmcblk0boot0", "kind": "boot", "bytes": 4096, "written": 4096, "read": 4096, "mismatches": 0, "lifted": True, "why": None}  # fmt: skip
RPMB = {"name": "mmcblk0rpmb", "kind": "rpmb", "bytes": 0, "written": 0, "read": 0, "mismatches": 0, "lifted": False, "why": "needs-its-key"}  # fmt: skip
SANITISED = {
    "technique": Technique.EMMC_SANITIZE, "ending": "completed", "offered": True, "accepted": True,
    "markers": {"bytes": 1 << 20, "written": 8, "changed": 8, "unread": 0},
    "steps": [{"command": "ioctl BLKDISCARD /dev/mmcblk0", "status": 0}, {"command": "mmc sanitize /dev/mmcblk0", "status": 0}],
}  # fmt: skip


def emmc_wiped(session: Session, cast: Cast, now: datetime, areas: Any) -> Judgement:
    """A Sanitize of an eMMC with all of its evidence, and what is told of the areas beside it."""
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    drive = a_drive(session, machine, medium=Medium.EMMC, size=SIZE)
    bench = Bench(session, now).adopted(machine, cast.sam)
    job = order_wipe(session, bench, drive, by=cast.sam, at=now)
    job.technique = Technique.EMMC_SANITIZE
    session.flush()
    outcome = send(session, report(job, firmware=SANITISED, technique=job.technique, areas=areas), bench=bench, at=now)
    assert outcome.challenge
    judged = answer(session, bench, job.uuid, honest(job, outcome.challenge), at=now).judgement
    assert judged
    return judged


@pytest.mark.parametrize(
    ("areas", "verdict", "level", "reasons"),
    [
        ([BOOT, RPMB], "PASS", "purge", ()),
        ([], "PASS", "purge", ()),
        (None, "PASS", "clear", ("boot-area-kept",)),
        ([BOOT | {"why": "starts-from-it", "written": 0, "read": 0}], "PASS", "clear", ("boot-area-kept",)),
        ([BOOT | {"mismatches": 1}], "FAIL", "none", ("boot-area-differs",)),
        ([BOOT | {"read": 4000}], "FAIL", "none", ("boot-area-differs",)),
        ([BOOT | {"why": "EIO", "mismatches": 3}], "FAIL", "none", ("boot-area-differs",)),
    ],
)
def test_a_boot_area_that_stays_costs_the_level_and_one_that_lies_the_wipe(
    session: Session, cast: Cast, now: datetime, areas: Any, verdict: str, level: str, reasons: tuple[str, ...]
) -> None:
    told = emmc_wiped(session, cast, now, areas)
    assert (told.verdict, told.level, told.reasons) == (verdict, level, reasons)


def test_the_certificate_says_what_became_of_each_area(session: Session, cast: Cast, now: datetime) -> None:
    emmc_wiped(session, cast, now, [BOOT, RPMB])
    proof = session.scalars(select(Sanitisation).order_by(Sanitisation.id.desc()).limit(1)).one()
    told = stated(session, proof, publish_key=False)["sanitisation"]["areas"]
    assert [(area["name"], area["why"]) for area in told] == [("mmcblk0boot0", None), ("mmcblk0rpmb", "needs-its-key")]


WHOLE = SIZE + 1024
HIDES = {"hidden": {"visible": SIZE // 512, "native": WHOLE // 512}}


@dataclasses.dataclass
class Hiding:
    """A machine whose drive hides two sectors, and a bench adopted for it."""

    machine: Machine
    drive: Drive
    bench: Any


@pytest.fixture
def hiding(session: Session, cast: Cast, now: datetime) -> Hiding:
    """As its inventory tells it."""
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    bench = taken(session, machine, cast, now, size=SIZE, capabilities=ata(enhanced=False) | HIDES)
    (sighting,) = open_sightings(session, machine)
    return Hiding(machine, sighting.drive, bench)


def ordered(session: Session, cast: Cast, now: datetime, hiding: Hiding) -> WipeJob:
    """A wipe for which Sam agreed that the area be lifted."""
    return order_wipe(session, hiding.bench, hiding.drive, by=cast.sam, at=now, agreed={Before.REVEAL})


REVEALED = [{"what": "reveal", "ending": "revealed", "before": [1025, 1027, None], "after": [1027, 1027, None]}]


def whole_report(job: WipeJob, **changes: Any) -> dict[str, Any]:
    """What an honest agent tells of a drive that showed all of itself."""
    every = {"identity__bytes": WHOLE, "write__bytes": WHOLE, "read__bytes": WHOLE, "prepared": REVEALED}
    return report(job, **(every | changes))


def test_the_job_says_what_was_agreed_and_how_large_the_drive_will_be(
    session: Session, cast: Cast, now: datetime, hiding: Hiding
) -> None:
    job = ordered(session, cast, now, hiding)
    token = signed(job, SigningKey.of("job", Ed25519PrivateKey.generate()))
    payload = json.loads(from_b64url(token.split(".")[1]))
    assert (payload["prepare"], payload["bytes"], payload["whole_bytes"]) == (["reveal"], SIZE, WHOLE)
    event = next(one for one in history(session, hiding.machine) if one.action == Note.WIPE_ORDERED)
    assert '"prepare":["reveal"]' in event.facts


def test_a_lifted_area_is_wiped_proved_and_certified_with_the_rest_and_the_drive_stays_the_same_drive(
    session: Session, cast: Cast, now: datetime, hiding: Hiding
) -> None:
    job = ordered(session, cast, now, hiding)
    outcome = send(session, whole_report(job), bench=hiding.bench, at=now)
    assert outcome.challenge
    judged = answer(session, hiding.bench, job.uuid, honest(job, outcome.challenge), at=now)
    assert judged.judgement
    assert judged.judgement.verdict == "PASS"
    assert (hiding.drive.bytes, hiding.drive.standing) == (WHOLE, Standing.SANITISED)
    assert Note.AREA_REVEALED in {event.action for event in history(session, hiding.machine)}
    assert judged.proof
    assert stated(session, judged.proof, publish_key=False)["sanitisation"]["prepared"][0]["ending"] == "revealed"
    taken(session, hiding.machine, cast, now, size=WHOLE, capabilities=ata(enhanced=False))
    assert [one.drive_id for one in open_sightings(session, hiding.machine)] == [hiding.drive.id]


@pytest.mark.parametrize("seen", [SIZE, WHOLE])
def test_a_wipe_of_less_than_the_whole_is_no_pass_once_the_whole_was_asked_for(
    session: Session, cast: Cast, now: datetime, hiding: Hiding, seen: int
) -> None:
    job = ordered(session, cast, now, hiding)
    told = whole_report(job, identity__bytes=seen, write__bytes=SIZE, read__bytes=SIZE)
    outcome = send(session, told, bench=hiding.bench, at=now)
    assert outcome.challenge
    judged = answer(session, hiding.bench, job.uuid, honest(job, outcome.challenge), at=now).judgement
    assert judged
    assert (judged.verdict, judged.reasons) == ("FAIL", ("not-all-written", "not-all-read"))


def test_after_a_power_cycle_the_inventory_knows_the_drive_again_and_what_it_still_hides(
    session: Session, cast: Cast, now: datetime, hiding: Hiding
) -> None:
    job = ordered(session, cast, now, hiding)
    refused = {"outcome": "refused", "reason": "power-cycle-needed"}
    judged = send(session, report(job, raw_status=refused), bench=hiding.bench, at=now).judgement
    assert judged
    assert (judged.verdict, judged.reasons) == ("UNHANDLED", ("refused:power-cycle-needed",))
    taken(session, hiding.machine, cast, now, size=WHOLE, capabilities=ata(enhanced=False))
    assert [(one.drive_id, one.drive.bytes) for one in open_sightings(session, hiding.machine)] == [
        (hiding.drive.id, WHOLE)
    ]
    again = taken(session, hiding.machine, cast, now, size=WHOLE, capabilities=ata(enhanced=False))
    assert order_wipe(session, again, hiding.drive, by=cast.sam, at=now).whole_bytes is None


def test_a_drive_grows_to_nothing_that_nobody_agreed_to_and_never_once_it_is_clean(
    session: Session, cast: Cast, now: datetime, hiding: Hiding
) -> None:
    def refuses(size: int) -> None:
        with pytest.raises(IntegrityError, match="ordi:drives_identity"), session.begin_nested():
            session.execute(text("UPDATE drives SET bytes = :b WHERE id = :id"), {"b": size, "id": hiding.drive.id})

    refuses(WHOLE)
    job = ordered(session, cast, now, hiding)
    refuses(WHOLE + 512)
    refuses(SIZE - 512)
    outcome = send(session, whole_report(job), bench=hiding.bench, at=now)
    assert outcome.challenge
    answer(session, hiding.bench, job.uuid, honest(job, outcome.challenge), at=now)
    refuses(WHOLE + 512)
