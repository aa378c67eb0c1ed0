"""Registered bench devices: a browser that stands in a workshop, where badges open and five idle minutes lock.

The browser keeps a random token of its own, apart from anybody's session; the table keeps its hash.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app, g, request
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship
from werkzeug.wrappers import Response

from ordi.database import Base
from ordi.errors import Invalid
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from web.session import db

IDLE = timedelta(minutes=5)
_KEPT_FOR = timedelta(days=400)
_COOKIE_NAME = "ordi-device"


class BenchDevice(Base):
    """One browser of a workshop."""

    __tablename__ = "bench_devices"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    registered_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    registered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    workshop: Mapped[Organisation] = relationship()


def register(
    session: Session, workshop: Organisation, name: str, *, by: Person, at: datetime
) -> tuple[BenchDevice, str]:
    """Register a browser; its token goes into its cookie, and nowhere else. Raises `NotAllowed`, `Invalid`."""
    require(by, "bench.devices", workshop, at=at)
    called = " ".join(name.split())
    if not 1 <= len(called) <= 40 or not called.isprintable():
        raise Invalid(field="name", why="length")
    token = secrets.token_urlsafe(32)
    device = BenchDevice(
        name=called, workshop=workshop, token_hash=_hash(token), registered_by_id=by.id, registered_at=at
    )
    session.add(device)
    session.flush()
    return device, token


def end(session: Session, device: BenchDevice, *, by: Person, at: datetime) -> None:
    """A device is no longer of the workshop: lost, sold, or nobody's. Raises `NotAllowed`."""
    require(by, "bench.devices", device.workshop, at=at)
    device.ended_at = device.ended_at or at
    session.flush()


def devices_of(session: Session, workshops: Sequence[Organisation]) -> list[BenchDevice]:
    """The devices in force of these workshops, by name."""
    rooms = [workshop.id for workshop in workshops]
    query = select(BenchDevice).where(BenchDevice.workshop_id.in_(rooms), BenchDevice.ended_at.is_(None))
    return list(session.scalars(query.order_by(BenchDevice.name, BenchDevice.id)))


def device_here() -> BenchDevice | None:
    """The registered device this request comes from, if it is one."""
    if "bench_device" not in g:
        token = request.cookies.get(_cookie(), "")
        query = select(BenchDevice).where(BenchDevice.token_hash == _hash(token), BenchDevice.ended_at.is_(None))
        g.bench_device = db().scalar(query) if token else None
    device: BenchDevice | None = g.bench_device
    return device


def idle_here() -> timedelta | None:
    """How long somebody may be idle here, when this is a device of a workshop."""
    return IDLE if device_here() else None


def mark(answer: Response, token: str) -> None:
    """Make this browser the device."""
    answer.set_cookie(_cookie(), token, max_age=_KEPT_FOR, path="/", secure=_secure(), httponly=True, samesite="Lax")


def _cookie() -> str:
    return f"__Host-{_COOKIE_NAME}" if _secure() else _COOKIE_NAME


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
