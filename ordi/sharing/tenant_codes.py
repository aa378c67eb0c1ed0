"""Single-use codes that a partner organisation gives to its tenants: one opens one request. Only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sharing.requests import Request
from ordi.tags import ALPHABET

LENGTH = 10
"""Characters of a code: 31 to the tenth is 49 bits, tried only by people who are signed in."""
MOST_AT_ONCE = 600


class CodeUnknown(Refused):
    """No such code of this organisation under this programme, or somebody used it."""

    code = "code-unknown"


class TenantCode(Base):
    """One code: for which programme, of which organisation, and the request it opened."""

    __tablename__ = "tenant_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    programme_code: Mapped[str] = mapped_column(String(24))
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"))
    used_at: Mapped[datetime | None]


def give_codes(
    session: Session, partner: Organisation, programme_code: str, count: int, *, by: Person, at: datetime
) -> list[str]:
    """New codes to print and hand out; they are told once. Raises `NotAllowed`, `Invalid` beyond 600."""
    require(by, "sharing.tenants", partner, at=at)
    if not 1 <= count <= MOST_AT_ONCE:
        raise Invalid(field="count", why="out-of-range", least=1, most=MOST_AT_ONCE)
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(count)]
    session.add_all(
        TenantCode(
            hash=_hash(partner, programme_code, one),
            programme_code=programme_code,
            partner_id=partner.id,
            by_id=by.id,
            at=at,
        )
        for one in codes
    )
    session.flush()
    return codes


def left(session: Session, partner: Organisation, programme_code: str) -> tuple[int, int]:
    """How many codes nobody used yet, and how many were given."""
    mine = (TenantCode.partner_id == partner.id, TenantCode.programme_code == programme_code)
    given = session.scalar(select(func.count()).select_from(TenantCode).where(*mine)) or 0
    used = session.scalar(select(func.count(TenantCode.used_at)).where(*mine)) or 0
    return given - used, given


def redeem(session: Session, request: Request, said: str, *, at: datetime) -> None:
    """Use a code for a request. Raises `CodeUnknown` alike for one that never was and one that was used."""
    wanted = _hash(request.partner, request.programme.code, "".join(said.split()).upper())
    found = session.scalar(select(TenantCode).where(TenantCode.hash == wanted).with_for_update())
    if found is None or found.used_at is not None:
        raise CodeUnknown(programme=request.programme.code)
    found.request_id, found.used_at = request.id, at
    session.flush()


def _hash(partner: Organisation, programme_code: str, code: str) -> str:
    return hashlib.sha256(f"tenant-code/{partner.id}/{programme_code}/{code}".encode()).hexdigest()
