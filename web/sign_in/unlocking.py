"""Opening a device of the workshop without a network: what the server knows of it, which is little.

The device keeps, of each person who came in there with their badge, something that only that badge with those pictures
opens (web/static/unlocking.js). Here is a mark for each, so that the device hears which it must erase. A mark opens nothing.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.parties.people import Person
from web.sign_in.badges import Badge
from web.sign_in.devices import BenchDevice

LASTS = timedelta(hours=12)
"""From one badge before the server to the next: a working day."""


class BadgeUnlock(Base):
    """One badge that may open one device without a network; removed, the device erases it at its next contact."""

    __tablename__ = "badge_unlocks"

    id: Mapped[int] = mapped_column(primary_key=True)
    badge_id: Mapped[int] = mapped_column(ForeignKey("badges.id"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("bench_devices.id"), index=True)
    mark: Mapped[str] = mapped_column(String(32), unique=True)
    made_at: Mapped[datetime]

    badge: Mapped[Badge] = relationship()


def allow(session: Session, person: Person, device: BenchDevice, *, at: datetime) -> str:
    """This person just came in here with their badge: the mark of what this device keeps of it, in place of the one before."""
    badge_id = session.scalars(select(Badge.id).where(Badge.person_id == person.id, Badge.ended_at.is_(None))).one()
    here = delete(BadgeUnlock).where(BadgeUnlock.device_id == device.id)
    session.execute(here.where((BadgeUnlock.badge_id == badge_id) | (BadgeUnlock.made_at <= at - LASTS)))
    mark = secrets.token_hex(16)
    session.add(BadgeUnlock(badge_id=badge_id, device_id=device.id, mark=mark, made_at=at))
    session.flush()
    return mark


def marks_of(session: Session, device: BenchDevice, *, at: datetime) -> list[str]:
    """What this device may still keep: of badges in force, of people who work here still, of today."""
    query = (
        select(BadgeUnlock)
        .join(Badge)
        .where(BadgeUnlock.device_id == device.id, BadgeUnlock.made_at > at - LASTS, Badge.ended_at.is_(None))
        .order_by(BadgeUnlock.id)
    )
    return [one.mark for one in session.scalars(query) if any(one.badge.person.current(at))]


def end_unlocks(session: Session, person: Person, device: BenchDevice | None = None) -> None:
    """This person's badge opens nothing more without a network: on one device, or on any."""
    mine = delete(BadgeUnlock).where(BadgeUnlock.badge_id.in_(select(Badge.id).where(Badge.person_id == person.id)))
    session.execute(mine.where(BadgeUnlock.device_id == device.id) if device else mine)
