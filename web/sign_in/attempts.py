"""Wrong passwords, counted in the database so that every worker counts alike: the more there were, the longer to wait.

Counted twice: for the name that was tried, and for the address it came from. Neither is kept readable.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from web.sign_in.accounts import folded

FREE = {"name": 5, "address": 20}
"""How many wrong passwords cost nothing: a whole workshop may share one address."""

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = {"name": timedelta(minutes=5), "address": timedelta(hours=1)}
"""A stranger may make somebody wait, not shut them out for the day."""

FORGOTTEN = timedelta(hours=24)


class SignInFailure(Base):
    """How many wrong passwords in a row, for one name or one address."""

    __tablename__ = "sign_in_failures"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    times: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]


def wait(session: Session, username: str, address: str, *, at: datetime) -> timedelta:
    """How long before another password may be tried."""
    longest = timedelta(0)
    for kind, key in _keys(username, address):
        failure = session.get(SignInFailure, key)
        if failure is not None and failure.times >= FREE[kind] and at < failure.last_at + FORGOTTEN:
            grown = FIRST_WAIT * 2 ** min(failure.times - FREE[kind], 16)
            longest = max(longest, failure.last_at + min(grown, LONGEST_WAIT[kind]) - at)
    return longest


def failed(session: Session, username: str, address: str, *, at: datetime) -> None:
    """Count a wrong password."""
    for _kind, key in _keys(username, address):
        failure = session.get(SignInFailure, key, with_for_update=True)
        if failure is None:
            failure = SignInFailure(key=key, times=0, last_at=at)
            session.add(failure)
        if at >= failure.last_at + FORGOTTEN:
            failure.times = 0
        failure.times += 1
        failure.last_at = at
    session.flush()


def succeeded(session: Session, username: str, address: str) -> None:
    """The name's count starts again; the address's stays, or one's own account would hide a search through others'."""
    (_kind, key), _address = _keys(username, address)
    session.execute(delete(SignInFailure).where(SignInFailure.key == key))


def forget_old(session: Session, *, at: datetime) -> None:
    """Drop counts nobody needs any more."""
    session.execute(delete(SignInFailure).where(SignInFailure.last_at < at - FORGOTTEN))


def counted(session: Session) -> int:
    """How many names and addresses are being counted."""
    return len(session.scalars(select(SignInFailure.key)).all())


def _keys(username: str, address: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("name", _key("n", folded(username))), ("address", _key("a", address))


def _key(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"
