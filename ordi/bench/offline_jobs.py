"""Benches without network: jobs signed in advance, carried on a stick, and brought back as signed reports.

A stick is a bench session of its own. Its key is made here, goes onto the stick with the jobs and is kept nowhere else: what comes
back signed by it was on that stick. Unlike a session's, its jobs name drives of any machine of a workshop, are known before they
are asked for, and carry K for as long as the stick lives: whoever copies it can type a report and compute its answers without the
drive. That is why each is used once, within days, for drives known by an inventory, marked *hors ligne* on the record and on the
certificate, judged PASS only once the drive answered a challenge, and never checked by who prepared or used it.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ValidationError
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, aliased, joinedload, mapped_column, relationship, selectinload

from ordi.bench.facts import WipeFacts
from ordi.bench.jobs import RUNNING, Kind, NotWipeable, WipeJob, new_job, require_inside, signed
from ordi.bench.judging import Outcome, commit
from ordi.bench.plan import last_inventory, plan_of
from ordi.bench.sessions import BenchSession
from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.http_signatures import keyid_of
from ordi.machines.drive import Drive, Removal, Sighting, Standing, seen_now_in
from ordi.machines.inventory import AT_BENCH, OutOfBench
from ordi.machines.journal import instant, lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.signatures import SigningKey, b64url, from_b64url, public_bytes

FORMAT = "ordi-offline/1"
REPORTS = "ordi-offline-reports/1"
LARGEST = 40
"""Drives of one stick: what a workshop wipes in a week."""

LONGEST = timedelta(days=30)
LARGEST_FILE = 8 << 20
_SIGNED = b"ordi-offline-report/1\n"


class NothingToPrepare(Refused):
    """None of these drives can be wiped from a stick."""

    code = "nothing-to-prepare"


class StickUnknown(Refused):
    """This file is not the return of one of our sticks."""

    code = "stick-unknown"


class StickEdited(Refused):
    """Something in this file is not what the machine wrote."""

    code = "stick-edited"


class OfflineStick(Base):
    """A stick: its session, who prepared it, until when it serves."""

    __tablename__ = "offline_sticks"

    id: Mapped[int] = mapped_column(primary_key=True)
    bench_session_id: Mapped[int] = mapped_column(ForeignKey("bench_sessions.id"), unique=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    prepared_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(String(8))
    """Written on it, and the name of its file: nothing secret."""
    prepared_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    returned_at: Mapped[datetime | None]

    bench: Mapped[BenchSession] = relationship()
    workshop: Mapped[Organisation] = relationship()


def prepare(
    session: Session,
    workshop: Organisation,
    chosen: list[tuple[Machine, Drive]],
    *,
    wiper: Person,
    lasts: timedelta,
    test: bool,
    by: Person,
    at: datetime,
) -> tuple[OfflineStick, Ed25519PrivateKey]:
    """Jobs on one stick for these drives, for `wiper` to do. The key returned is written nowhere else.

    Raises `NotAllowed`, `NothingToPrepare`, `Invalid` (lasts, drives), `OutOfBench`, `DriveNotThere`, `JobRunning`.
    """
    require(by, "bench.offline", workshop, at=at)
    require(wiper, "bench.wipe", workshop, at=at)
    if not timedelta(0) < lasts <= LONGEST:
        raise Invalid(field="days", why="range")
    if len(chosen) > LARGEST:
        raise Invalid(field="drives", why="too-many")
    key = Ed25519PrivateKey.generate()
    public = public_bytes(key)
    bench = BenchSession(
        uuid=str(uuid4()), keyid=keyid_of(public), public_key=public, agent="", test=test, opened_at=at
    )
    bench.adopter, bench.adopted_at = wiper, at
    session.add(bench)
    session.flush()
    stick = OfflineStick(
        bench=bench,
        workshop=workshop,
        prepared_by_id=by.id,
        name=secrets.token_hex(3).upper(),
        prepared_at=at,
        expires_at=at + lasts,
    )
    session.add(stick)
    for machine, drive in sorted(chosen, key=lambda pair: (pair[0].id, pair[1].id)):
        _one_job(session, stick, machine, drive, by=by, at=at)
    if not chosen:
        raise NothingToPrepare()
    session.flush()
    return stick, key


def _one_job(
    session: Session, stick: OfflineStick, machine: Machine, drive: Drive, *, by: Person, at: datetime
) -> WipeJob:
    lock(session, machine)
    if machine.workshop_id != stick.workshop_id or machine.state not in AT_BENCH:
        raise OutOfBench(tag=machine.tag, state=machine.state)
    require_inside(session, machine, drive)
    planned = plan_of(drive, last_inventory(session, machine))
    if planned.refusal:
        raise NotWipeable(tag=machine.tag, why=planned.refusal, drive=f"…{drive.serial[-4:]}")
    job = new_job(session, stick.bench, machine, drive, Kind.WIPE, at)
    if drive.standing != Standing.HOLDS_DATA:
        raise NothingToPrepare()
    job.key, job.technique = secrets.token_bytes(32), planned.technique
    job.valid_until, job.prepared_by_id = stick.expires_at, by.id
    session.flush()
    told: dict[str, Any] = {"drive": drive.id, "job": job.uuid, "technique": job.technique, "offline": True}
    record(session, machine, Note.WIPE_ORDERED, by=by, at=at, **told)
    return job


def waiting_drives(session: Session, workshop: Organisation, *, most: int = 200) -> list[tuple[Machine, Drive]]:
    """The drives of a workshop that an inventory knows, that hold data, and on which nothing is under way."""
    record = aliased(Machine)
    query = (
        select(Machine, Drive)
        .join(record, seen_now_in(record, Machine))
        .join(Sighting, Sighting.machine_id == record.id)
        .join(Drive, Drive.id == Sighting.drive_id)
        .where(
            Machine.workshop_id == workshop.id,
            Machine.state.in_(AT_BENCH),
            Drive.standing == Standing.HOLDS_DATA,
            Sighting.id.not_in(select(Removal.sighting_id)),
            Drive.id.not_in(select(WipeJob.drive_id).where(WipeJob.phase.in_(RUNNING))),
        )
        .distinct()
        .order_by(Machine.state_since, Machine.id, Drive.id)
        .limit(most)
    )
    return [(machine, drive) for machine, drive in session.execute(query)]


def jobs_of(session: Session, stick: OfflineStick) -> list[WipeJob]:
    """The jobs of a stick."""
    query = select(WipeJob).where(WipeJob.bench_session_id == stick.bench_session_id)
    return list(
        session.scalars(query.options(selectinload(WipeJob.machine), selectinload(WipeJob.drive)).order_by(WipeJob.id))
    )


def file_of(
    session: Session, stick: OfflineStick, key: Ed25519PrivateKey, signing: SigningKey, server: str
) -> dict[str, Any]:
    """What goes onto the stick."""
    return {
        "format": FORMAT,
        "stick": stick.bench.uuid,
        "name": stick.name,
        "server": server,
        "expires": instant(stick.expires_at),
        "seed": b64url(key.private_bytes_raw()),
        "jobs": [signed(job, signing) for job in jobs_of(session, stick)],
    }


def take_back(session: Session, body: bytes, *, by: Person, at: datetime) -> tuple[OfflineStick, list[Outcome]]:
    """Take what a stick brought back: each report checked with the stick's key, then judged like any other.

    Nothing is taken of a file in which anything was edited; what was taken before is answered again.
    Raises `StickUnknown`, `StickEdited`, `NotAllowed`.
    """
    told = _read(body)
    query = select(OfflineStick).join(OfflineStick.bench).where(BenchSession.uuid == told["stick"])
    stick = session.scalar(query)
    if stick is None:
        raise StickUnknown()
    require(by, "bench.wipe", stick.workshop, at=at)
    reports = [_checked(stick.bench, report) for report in told["reports"]]
    stick.returned_at = at
    source = f"stick:{stick.bench.uuid}"
    return stick, [commit(session, facts, sent, source=source, bench=stick.bench, at=at) for facts, sent in reports]


def sticks_of(session: Session, workshops: list[Organisation], *, most: int = 50) -> list[OfflineStick]:
    """The sticks of these workshops, newest first."""
    query = select(OfflineStick).where(OfflineStick.workshop_id.in_([one.id for one in workshops]))
    return list(
        session.scalars(query.options(joinedload(OfflineStick.bench)).order_by(OfflineStick.id.desc()).limit(most))
    )


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body) if len(body) <= LARGEST_FILE else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.get("format") != REPORTS:
        raise StickUnknown()
    reports = told.get("reports")
    if not isinstance(told.get("stick"), str) or not isinstance(reports, list) or len(reports) > 4 * LARGEST:
        raise StickUnknown()
    return told


def _checked(bench: BenchSession, report: object) -> tuple[WipeFacts, bytes]:
    """A report and its bytes, as the machine wrote them. Raises `StickEdited`."""
    try:
        if not isinstance(report, dict):
            raise StickEdited()
        body, signature = base64.b64decode(report["body"], validate=True), from_b64url(report["signature"])
        Ed25519PublicKey.from_public_bytes(bench.public_key).verify(signature, _SIGNED + body)
        return WipeFacts.model_validate_json(body), body
    except (KeyError, TypeError, ValueError, binascii.Error, InvalidSignature, ValidationError):
        raise StickEdited() from None
