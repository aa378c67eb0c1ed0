"""API tokens: shown once when made, hashed at rest, with scopes, an organisation, an end, and a way to revoke."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.parties.access import require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person

SCOPES = ("evidence:write", "machines:read", "figures:read", "journal:read")
"""What a token can be made for."""


class TokenRefused(Refused):
    """No such token, or it ended, or it was not made for this: all answer alike."""

    code = "token-refused"


class ApiToken(Base):
    """A key for a program."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    scopes: Mapped[str] = mapped_column(String(200))
    """Separated by spaces."""
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    """Where it reaches: this organisation and what stands beneath."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Nobody: made on the server's own command line."""
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Who answers for what it writes: its acts are theirs, within their roles. A token that only reads needs nobody."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    answers: Mapped[Person | None] = relationship(foreign_keys=[answers_id])

    def in_force(self, at: datetime) -> bool:
        """Whether it opens anything at this instant."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


def make_token(
    session: Session,
    name: str,
    scopes: list[str],
    organisation: Organisation,
    *,
    by: Person | None,
    at: datetime,
    expires_at: datetime | None = None,
    answers: Person | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is written nowhere. Raises `NotAllowed`, `Invalid` (name, scopes)."""
    if by is not None:
        require(by, "network.tokens", organisation, at=at)
    if not name.strip():
        raise Invalid(field="name", why="missing")
    if not scopes or any(scope not in SCOPES for scope in scopes):
        raise Invalid(field="scopes", why="unknown")
    secret = f"ordi_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        name=name.strip(),
        scopes=" ".join(scopes),
        secret_hash=_hash(secret),
        organisation=organisation,
        created_by_id=by.id if by else None,
        answers_id=answers.id if answers else None,
        created_at=at,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    return token, secret


def token_for(session: Session, secret: str, scope: str, *, at: datetime) -> ApiToken:
    """The token with this secret, if it is in force and made for this scope. Raises `TokenRefused`."""
    mine = select(ApiToken).where(ApiToken.secret_hash == _hash(secret))
    token = session.scalar(mine.options(joinedload(ApiToken.organisation), joinedload(ApiToken.answers)))
    if token is None or not token.in_force(at) or scope not in token.scopes.split():
        raise TokenRefused(scope=scope)
    return token


def revoke(session: Session, token: ApiToken, *, by: Person, at: datetime) -> None:
    """End a token. Raises `NotAllowed`."""
    require(by, "network.tokens", token.organisation, at=at)
    if token.revoked_at is None:
        token.revoked_at = at
    session.flush()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
