"""Which proven wipes a third person reads again (TRUST.md step 9): nobody can know before the commit, everybody can check after.

Each month has a seed of 32 random bytes. Its SHA-256 is shown from the first draw on, the seed itself once the month is over.
A wipe judged PASS is drawn when

    first 8 bytes of HMAC-SHA256(seed, "ordi-audit/1:" + the signed job's uuid)  <  percent / 100 × 2^64

so that each wipe has its share's chance whatever came before it; and it is drawn in any case when, of the `place` wipes of this
workshop in this month (this one included), fewer than `percent` in a hundred would else have come out. To know that one *will*
be drawn helps nobody; to know that one will not is never possible. `place` and `before` are kept with each draw: with the
seed, every one can be repeated (`ordi audit draws`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.machines.audit import LEAST_PERCENT, AuditDraw, AuditSeed
from ordi.machines.drive import Sanitisation
from ordi.machines.journal import record
from ordi.machines.lifecycle import Note
from ordi.machines.policy import asked_of_drives


def falls(seed: bytes, job_uuid: str, percent: int, place: int, before: int) -> bool:
    """Whether a wipe is drawn. Pure: anyone with these five repeats it."""
    told = hmac.digest(seed, f"ordi-audit/1:{job_uuid}".encode(), "sha256")
    by_chance = int.from_bytes(told[:8], "big") * 100 < percent << 64
    return by_chance or before < place * percent // 100


def draw_for_audit(session: Session, proof: Sanitisation, *, at: datetime) -> AuditDraw | None:
    """Draw a wipe that was just judged PASS, and write its lot down. Tests and demonstrations prove nothing: none is drawn."""
    if proof.verdict != "PASS" or proof.test or proof.demonstration or proof.job_uuid is None:
        return None
    machine = proof.machine
    seed = _seed(session, at)
    mine = (AuditDraw.workshop_id == machine.workshop_id, AuditDraw.seed_id == seed.id)
    place = (session.scalar(select(func.count(AuditDraw.id)).where(*mine)) or 0) + 1
    before = session.scalar(select(func.count(AuditDraw.id)).where(*mine, AuditDraw.drawn)) or 0
    asked = asked_of_drives(session, [proof.drive_id])[proof.drive_id]
    percent = max(LEAST_PERCENT, asked.audit_percent)
    drawn = AuditDraw(
        sanitisation_id=proof.id,
        seed_id=seed.id,
        workshop_id=machine.workshop_id,
        percent=percent,
        place=place,
        before=before,
        drawn=falls(seed.seed, proof.job_uuid, percent, place, before),
        at=at,
    )
    session.add(drawn)
    session.flush()
    if drawn.drawn:
        record(session, machine, Note.AUDIT_DRAWN, by=None, at=at, drive=proof.drive_id, sanitisation=proof.uuid)
    return drawn


@dataclass(frozen=True)
class Seed:
    """A month as it is published: its fingerprint, and the seed once the month is over."""

    period: str
    sha256: str
    seed: str | None
    wipes: int
    drawn: int


def published(session: Session, *, at: datetime) -> list[Seed]:
    """Every month that was drawn from, the last first."""
    counted = {
        seed: (int(wipes), int(drawn))
        for seed, wipes, drawn in session.execute(
            select(
                AuditDraw.seed_id, func.count(AuditDraw.id), func.count(AuditDraw.id).filter(AuditDraw.drawn)
            ).group_by(AuditDraw.seed_id)
        )
    }
    seeds = session.scalars(select(AuditSeed).order_by(AuditSeed.period.desc()))
    return [
        Seed(
            one.period,
            hashlib.sha256(one.seed).hexdigest(),
            one.seed.hex() if one.period < _period(at) else None,
            *counted.get(one.id, (0, 0)),
        )
        for one in seeds
    ]


def drawn_again(session: Session, *, at: datetime) -> Iterator[tuple[AuditDraw, str, bool]]:
    """Each draw of the months that are over, its job, and whether it comes out the same from the published seed."""
    query = (
        select(AuditDraw, AuditSeed, Sanitisation.job_uuid)
        .join(AuditSeed, AuditSeed.id == AuditDraw.seed_id)
        .join(Sanitisation, Sanitisation.id == AuditDraw.sanitisation_id)
        .where(AuditSeed.period < _period(at))
        .order_by(AuditDraw.id)
    )
    for drawn, seed, job in session.execute(query):
        yield drawn, job or "", drawn.drawn == falls(seed.seed, job or "", drawn.percent, drawn.place, drawn.before)


def _period(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m")


def _seed(session: Session, at: datetime) -> AuditSeed:
    """This month's seed, held until the transaction ends: one draw at a time, so that places have no gap."""
    query = select(AuditSeed).where(AuditSeed.period == _period(at)).with_for_update()
    seed = session.scalar(query)
    if seed is None:
        seed = AuditSeed(period=_period(at), seed=secrets.token_bytes(32), made_at=at)
        session.add(seed)
        session.flush()
    return seed
