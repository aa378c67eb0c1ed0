"""User names and passwords (argon2id). The domain knows people, not how they prove who they are."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid
from ordi.parties.people import Person

SHORTEST = 12
LONGEST = 200
_HASHER = PasswordHasher()


@cache
def _nobody() -> str:
    """Checked when the name is unknown, so that both answers take the same time."""
    return _HASHER.hash(secrets.token_hex(16))


class Account(Base):
    """How one person signs in."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


def open_account(session: Session, person: Person, username: str, password: str, *, at: datetime) -> Account:
    """Let `person` sign in. Raises `Invalid` (username, password)."""
    name = folded(username)
    if not 2 <= len(name) <= 60 or any(char.isspace() for char in name):
        raise Invalid(field="username", why="shape")
    if session.scalar(select(Account.id).where(Account.username == name)):
        raise Invalid(field="username", why="taken")
    account = Account(person=person, username=name, password_hash=_hash(password, name), changed_at=at)
    session.add(account)
    session.flush()
    return account


def change_password(session: Session, account: Account, password: str, *, at: datetime) -> None:
    """Replace a password; the caller ends the other sessions. Raises `Invalid`."""
    account.password_hash = _hash(password, account.username)
    account.changed_at = at
    session.flush()


def account_of(session: Session, username: str, password: str) -> Account | None:
    """The account with this name, if the password is its own; unknown names take as long."""
    account = session.scalar(select(Account).where(Account.username == folded(username)))
    if not is_password(account, password) or account is None:
        return None
    if _HASHER.check_needs_rehash(account.password_hash):
        account.password_hash = _HASHER.hash(password)
    return account


def is_password(account: Account | None, password: str) -> bool:
    """Whether `password` opens `account`."""
    return matches(account.password_hash if account else None, password)


def matches(kept: str | None, said: str) -> bool:
    """Whether `said` is what was `hashed`; nothing kept takes as long."""
    try:
        return _HASHER.verify(kept or _nobody(), said[: LONGEST + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def hashed(secret: str) -> str:
    """A short secret, hashed as passwords are."""
    return _HASHER.hash(secret)


def folded(username: str) -> str:
    """A user name as it is kept: case and surrounding spaces do not count."""
    return username.strip().casefold()


def _hash(password: str, username: str) -> str:
    if len(password) < SHORTEST or len(password) > LONGEST:
        raise Invalid(field="password", why="length")
    if username in password.casefold() or len(set(password)) < 5:
        raise Invalid(field="password", why="weak")
    return _HASHER.hash(password)
