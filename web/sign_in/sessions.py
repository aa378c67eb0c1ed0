"""Who is signed in, where: one row per browser, so that each can be seen and ended by itself.

The cookie carries a random token; the table keeps its hash. A session ends after 30 idle minutes (12 hours for those
who work at a bench with gloves on), after 12 hours in any case, when it is ended by hand, and when the password changes.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from flask import request
from flask import session as cookie
from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.parties.access import ACCESS, BENCH
from ordi.parties.people import Person
from web.clock import now
from web.session import apart, db, looks_only
from web.sign_in.unlocking import end_unlocks

IDLE = timedelta(minutes=30)
AT_THE_BENCH = timedelta(hours=12)
LONGEST = timedelta(hours=12)
READERS = ACCESS["households.read"]
"""The roles that read families' files: they need a second factor, whatever else they do."""
_NOTED_EVERY = timedelta(minutes=1)
_COOKIE_NAME = "token"
_BROWSERS = ("Edg", "Firefox", "Chrome", "Safari")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")


class Opened(StrEnum):
    """How a session was opened, and so what it opens."""

    FULL = "full"
    HALF = "half"
    """The password was right, the second factor is still to come: it opens nothing but the page that asks for it."""
    ALONE = "alone"
    """With a password alone, by somebody who read no family's file: it opens nothing from the moment they may, until a code is given."""
    BADGE = "badge"
    """With a badge at a bench: everything its person does there, no family's file."""


class SignInSession(Base):
    """One browser in which somebody signed in."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(40), default="")
    """`Firefox, Linux`: enough to recognise one's own, no more."""
    opened: Mapped[str] = mapped_column(String(8), default=Opened.FULL)
    idle_seconds: Mapped[int]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    def alive(self, at: datetime) -> bool:
        """Whether it still lets its person in."""
        idle = timedelta(seconds=self.idle_seconds)
        return self.ended_at is None and at < self.last_seen_at + idle and at < self.created_at + LONGEST


def begin(
    session: Session,
    person: Person,
    *,
    at: datetime,
    agent: str = "",
    idle: timedelta | None = None,
    opened: Opened = Opened.FULL,
) -> str:
    """Open a session for `person`; the token to put into the browser's cookie. `idle`: else by what the person does."""
    token = secrets.token_urlsafe(32)
    bench = any(held.role in BENCH for held in person.current(at))
    session.add(
        SignInSession(
            person_id=person.id,
            token_hash=_hash(token),
            browser=recognised(agent),
            opened=opened,
            idle_seconds=int((idle or (AT_THE_BENCH if bench else IDLE)).total_seconds()),
            created_at=at,
            last_seen_at=at,
        )
    )
    session.flush()
    return token


def enter(
    session: Session,
    person: Person,
    *,
    at: datetime,
    idle: timedelta | None = None,
    opened: Opened = Opened.FULL,
) -> None:
    """Sign `person` in on this browser: a new token, and nothing kept of what the cookie held."""
    leave(session, at=at)
    language = cookie.get("language")
    cookie.clear()
    if language:
        cookie["language"] = language
    cookie[_COOKIE_NAME] = begin(session, person, at=at, agent=request.user_agent.string, idle=idle, opened=opened)


def leave(session: Session, *, at: datetime) -> None:
    """Sign out on this browser."""
    token = cookie.pop(_COOKIE_NAME, None)
    if token:
        session.execute(
            update(SignInSession)
            .where(SignInSession.token_hash == _hash(token), SignInSession.ended_at.is_(None))
            .values(ended_at=at)
        )


def living(session: Session, person: Person, *, at: datetime) -> list[SignInSession]:
    """The sessions that let this person in, last seen first."""
    rows = session.scalars(
        select(SignInSession)
        .where(SignInSession.person_id == person.id, SignInSession.ended_at.is_(None))
        .order_by(SignInSession.last_seen_at.desc())
    )
    return [row for row in rows if row.alive(at)]


def end_others(session: Session, person: Person, *, at: datetime) -> None:
    """End this person's sessions in every other browser, and what devices keep to open without a network."""
    end_unlocks(session, person)
    session.execute(
        update(SignInSession)
        .where(
            SignInSession.person_id == person.id,
            SignInSession.ended_at.is_(None),
            SignInSession.token_hash != _hash(cookie.get(_COOKIE_NAME, "")),
        )
        .values(ended_at=at)
    )


def end_all(session: Session, person: Person, *, at: datetime) -> None:
    """End this person's sessions everywhere: they left, or somebody else may have their password."""
    end_unlocks(session, person)
    session.execute(
        update(SignInSession)
        .where(SignInSession.person_id == person.id, SignInSession.ended_at.is_(None))
        .values(ended_at=at)
    )


def is_this_browser(row: SignInSession) -> bool:
    """Whether `row` is the session of this very request."""
    return row.token_hash == _hash(cookie.get(_COOKIE_NAME, ""))


def sitting() -> str:
    """A name for this session that tells it apart from the next and opens nothing."""
    return _hash(_hash(cookie.get(_COOKIE_NAME, "")))[:16]


def person_of_request() -> Person | None:
    """Whoever this browser's cookie lets in; notes that it was seen. A badge leaves the roles that read families aside."""
    row, at = _row(), now()
    if row is None or _owes_a_code(row, at):
        return None
    if row.opened == Opened.BADGE:
        row.person.lay_down(READERS)
        if not any(row.person.current(at)):
            return None
    if at - row.last_seen_at >= _NOTED_EVERY:
        _note(row, at)
    return row.person


def half_way() -> Person | None:
    """Whoever gave a password here and owes a code: by the roles of this very moment, not those of the sign-in."""
    row = _row()
    return row.person if row is not None and _owes_a_code(row, now()) else None


def reads_families(person: Person, at: datetime) -> bool:
    """Whether one of this person's roles reads families' files."""
    return any(held.role in READERS for held in person.current(at))


def _owes_a_code(row: SignInSession, at: datetime) -> bool:
    return row.opened == Opened.HALF or (row.opened == Opened.ALONE and reads_families(row.person, at))


def _row() -> SignInSession | None:
    """This browser's session, while it is alive and its person has a role."""
    token = cookie.get(_COOKIE_NAME)
    if not token:
        return None
    row = db().scalar(select(SignInSession).where(SignInSession.token_hash == _hash(token)))
    return row if row is not None and row.alive(now()) and any(row.person.current(now())) else None


def _note(row: SignInSession, at: datetime) -> None:
    seen = update(SignInSession).where(SignInSession.id == row.id).values(last_seen_at=at)
    if looks_only():
        with apart() as session:
            session.execute(seen)
    else:
        db().execute(seen)  # kept if the view commits


def recognised(agent: str) -> str:
    """A browser as its person recognises it, no more."""
    browser = next((name for name in _BROWSERS if f"{name}/" in agent), "")
    system = next((name for name in _SYSTEMS if name in agent), "")
    return ", ".join(filter(None, (browser.replace("Edg", "Edge"), system.replace("Macintosh", "macOS"))))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
