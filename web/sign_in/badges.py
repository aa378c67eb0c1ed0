"""Signing in with gloves: a person's own badge (a code with 130 random bits) and four pictures they chose.

A badge opens on registered devices alone. Who finds one still lacks the pictures: wrong ones are slowed as passwords
are, and ten in a row end the badge. The pictures are hashed like a password, the badge's code like a token.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.bench.sessions import PICTOGRAMS
from ordi.database import Base
from ordi.errors import Invalid
from ordi.parties.people import Person
from web.sign_in.accounts import hashed, matches

PREFIX = "ORDIBADGE"
"""Letters and digits alone, no address: no browser keeps it, any scanner types it on any keyboard."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_LENGTH = 26
PICTURES = PICTOGRAMS
LONG, DIFFERENT = 4, 3
MOST_WRONG = 10


class Badge(Base):
    """One badge of a person; a new one ends the one before."""

    __tablename__ = "badges"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    pictures_hash: Mapped[str] = mapped_column(String(200))
    wrong: Mapped[int] = mapped_column(default=0)
    """Wrong pictures in a row."""
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


def make_badge(session: Session, person: Person, pictures: Sequence[str], *, at: datetime) -> str:
    """A new badge for `person`; what its code says, which is kept nowhere. Raises `Invalid` (pictures)."""
    if len(pictures) != LONG or not set(pictures) <= set(PICTURES):
        raise Invalid(field="pictures", why="length")
    if len(set(pictures)) < DIFFERENT:
        raise Invalid(field="pictures", why="weak")
    end_badges(session, person, at=at)
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    session.add(
        Badge(
            person_id=person.id,
            secret_hash=_hash(secret),
            pictures_hash=hashed(" ".join(pictures)),
            made_at=at,
        )
    )
    session.flush()
    return PREFIX + secret


def end_badges(session: Session, person: Person, *, at: datetime) -> None:
    """This person's badges open nothing any more."""
    session.execute(update(Badge).where(Badge.person_id == person.id, Badge.ended_at.is_(None)).values(ended_at=at))


def badge_of(session: Session, person: Person) -> Badge | None:
    """The badge this person has now."""
    return session.scalar(select(Badge).where(Badge.person_id == person.id, Badge.ended_at.is_(None)))


def opened(session: Session, said: str, pictures: Sequence[str], *, at: datetime) -> Person | None:
    """Whoever this badge and these pictures let in. An unknown badge takes as long and answers alike."""
    secret = said.strip().upper().removeprefix(PREFIX)
    query = select(Badge).where(Badge.secret_hash == _hash(secret), Badge.ended_at.is_(None))
    badge = session.scalar(query.with_for_update())
    right = matches(badge.pictures_hash if badge else None, " ".join(pictures))
    if badge is None:
        return None
    if not right:
        badge.wrong += 1
        if badge.wrong >= MOST_WRONG:
            badge.ended_at = at
        return None
    badge.wrong = 0
    return badge.person if any(badge.person.current(at)) else None


def counted_as(said: str) -> str:
    """The name under which wrong pictures are counted: the badge's hash, never its code."""
    return f"badge {_hash(said.strip().upper().removeprefix(PREFIX))[:24]}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
