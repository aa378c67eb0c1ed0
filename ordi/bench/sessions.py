"""Bench sessions: a live system says hello with a key made at boot; a signed-in technician adopts it for one machine.

TRUST.md steps 1 and 2. Before its adoption a session may only leave inventories; images hold no secret at all.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, Refused, TooMuch
from ordi.http_signatures import keyid_of
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person

HOLD = {"key_share": True}
"""How a session is held against change: first of all locks, and without stopping whoever only refers to it (a job)."""

LASTS = timedelta(hours=12)
"""How long an adoption holds: one working day at the bench."""

PICTOGRAMS = ("cat", "key", "boat", "sun", "tree", "umbrella", "bell", "star", "apple", "fish", "bike", "cloud")
"""Told apart at arm's length, without a word: the same three on the machine's screen and on the phone."""


class SessionNotYours(Refused):
    """The code on the screen is not of this session's key: somebody else's screen, or a swapped code."""

    code = "session-not-yours"


class SessionTaken(Refused):
    """Somebody adopted this session already, for another machine."""

    code = "session-taken"


class SessionOver(Refused):
    """The session ended: start the machine again."""

    code = "session-over"


class NoTestDisksHere(Refused):
    """Test disks are wiped on a demonstration only."""

    code = "tests-not-here"


WINDOW = timedelta(hours=1)
MOST_WAITING = 500
"""Sessions opened within the window that nobody has adopted: every bench of the network at once, several times over."""
MOST_WAITING_BYTES = 512 << 20
"""What they may leave together within the window."""
MOST_REPORTS, MOST_REPORT_BYTES = 8, 32 << 20
"""What one session may leave before somebody answers for it; one inventory is a few hundred thousand bytes."""
MOST_ADOPTED_REPORTS, MOST_ADOPTED_BYTES = 200, 256 << 20
"""The same once it is adopted: a report for each drive put in and out in a day."""


class TooManyWaiting(TooMuch):
    """Many sessions wait for somebody to adopt them: those first, or later."""

    code = "too-many-waiting"


class TooMuchLeft(TooMuch):
    """This session has left more reports than a bench needs: somebody adopts it, or it starts again."""

    code = "too-much-left"


class BenchSession(Base):
    """One boot of a live system."""

    __tablename__ = "bench_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    keyid: Mapped[str] = mapped_column(String(43), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    counter: Mapped[int] = mapped_column(BigInteger, default=0)
    agent: Mapped[str] = mapped_column(String(24), default="")
    image_sha256: Mapped[str | None] = mapped_column(String(64))
    host_uuid: Mapped[str | None] = mapped_column(String(36))
    host_key: Mapped[str | None] = mapped_column(String(1200))
    """The SSH host key this boot made, posted under its boot key: an SSH start to its machine accepts exactly that one."""
    test: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime] = mapped_column(index=True)
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machines.id"), index=True)
    adopter_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    adopted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reports: Mapped[int] = mapped_column(default=0)
    report_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    """How many reports it left, and their bytes as sent."""

    machine: Mapped[Machine | None] = relationship()
    adopter: Mapped[Person | None] = relationship()

    @property
    def pictograms(self) -> list[str]:
        """Three pictograms drawn from its key."""
        return [
            PICTOGRAMS[byte % len(PICTOGRAMS)] for byte in hashlib.sha256(b"pictograms" + self.public_key).digest()[:3]
        ]

    @property
    def fingerprint(self) -> str:
        """What the code on its screen carries of its key: 20 upper-case hexadecimal characters."""
        return hashlib.sha256(self.public_key).hexdigest()[:20].upper()

    @property
    def expires_at(self) -> datetime | None:
        """When its adoption ends."""
        return self.adopted_at + LASTS if self.adopted_at else None

    def adopted(self, at: datetime) -> bool:
        """Whether a person answers for it now."""
        return self.adopted_at is not None and self.ended_at is None and at < self.adopted_at + LASTS

    def state(self, at: datetime) -> str:
        """waiting, adopted or ended."""
        if self.adopted(at):
            return "adopted"
        return "waiting" if self.adopted_at is None and self.ended_at is None else "ended"


def open_session(
    session: Session,
    uuid: str,
    public_key: bytes,
    *,
    agent: str,
    image_sha256: str | None,
    host_uuid: str | None,
    test: bool,
    demonstration: bool,
    at: datetime,
    host_key: str | None = None,
) -> BenchSession:
    """A live system says hello; the same uuid and key again is the same session.

    Raises `NoTestDisksHere`, `SessionNotYours` when the uuid is known under another key, `Invalid`, `TooManyWaiting`.
    """
    if len(public_key) != 32:
        raise Invalid(field="boot_pub", why="length")
    if test and not demonstration:
        raise NoTestDisksHere()
    known = session.scalar(select(BenchSession).where(BenchSession.uuid == uuid))
    if known:
        if known.public_key != public_key:
            raise SessionNotYours()
        return known
    if _waiting(session, at)[0] >= MOST_WAITING:
        raise TooManyWaiting(after_s=int(WINDOW.total_seconds()) // 6)
    opened = BenchSession(
        uuid=uuid,
        keyid=keyid_of(public_key),
        public_key=public_key,
        agent=agent[:24],
        image_sha256=image_sha256,
        host_uuid=host_uuid[:36] if host_uuid else None,
        host_key=host_key,
        test=test,
        opened_at=at,
    )
    session.add(opened)
    session.flush()
    return opened


def session_shown(session: Session, uuid: str, fingerprint: str) -> BenchSession:
    """The session whose code was scanned. Raises `SessionNotYours` alike when there is none or the key differs."""
    found = session.scalar(select(BenchSession).where(BenchSession.uuid == uuid))
    if found is None or not hmac.compare_digest(found.fingerprint, fingerprint.upper()):
        raise SessionNotYours()
    return found


def adopt(
    session: Session, bench: BenchSession, machine: Machine, fingerprint: str, *, by: Person, at: datetime
) -> BenchSession:
    """A technician takes a session for the machine whose label was scanned. Twice for the same is once.

    Raises `NotAllowed`, `SessionNotYours`, `SessionTaken`, `SessionOver`.
    """
    require(by, "bench.adopt", machine.workshop, at=at)
    session.refresh(bench, with_for_update=HOLD)
    if not hmac.compare_digest(bench.fingerprint, fingerprint.upper()):
        raise SessionNotYours()
    if bench.adopted_at is not None:
        if (bench.machine_id, bench.adopter_id) != (machine.id, by.id):
            raise SessionTaken(tag=bench.machine.tag if bench.machine else None)
        return bench
    if bench.ended_at is not None:
        raise SessionOver()
    bench.machine, bench.adopter, bench.adopted_at = machine, by, at
    session.flush()
    return bench


def hold(session: Session, bench: BenchSession, *, at: datetime) -> None:
    """Hold a session until this transaction ends, as it is now. Raises `SessionOver`: what it says would wait for ever."""
    session.refresh(bench, with_for_update=HOLD)
    if bench.state(at) == "ended":
        raise SessionOver()


def leave_report(session: Session, bench: BenchSession, size: int, *, at: datetime) -> None:
    """Count a new report of a held session, `size` bytes as sent. Raises `TooMuchLeft`, `TooManyWaiting`."""
    adopted = bench.adopted(at)
    most, bytes_ = (MOST_ADOPTED_REPORTS, MOST_ADOPTED_BYTES) if adopted else (MOST_REPORTS, MOST_REPORT_BYTES)
    if bench.reports >= most or bench.report_bytes + size > bytes_:
        raise TooMuchLeft(after_s=60, most=most)
    if not adopted and _waiting(session, at)[1] + size > MOST_WAITING_BYTES:
        raise TooManyWaiting(after_s=int(WINDOW.total_seconds()) // 6)
    bench.reports += 1
    bench.report_bytes += size
    session.flush()


def _waiting(session: Session, at: datetime) -> tuple[int, int]:
    """How many sessions opened within the window wait to be adopted, and the bytes they left."""
    count, left = session.execute(
        select(func.count(), func.coalesce(func.sum(BenchSession.report_bytes), 0)).where(
            BenchSession.opened_at > at - WINDOW, BenchSession.adopted_at.is_(None)
        )
    ).one()
    return count, int(left)


def count_up(session: Session, bench: BenchSession, counter: int) -> bool:
    """Take a request's counter; false when it does not grow."""
    taken = session.execute(
        update(BenchSession)
        .where(BenchSession.id == bench.id, BenchSession.counter < counter)
        .values(counter=counter)
        .returning(BenchSession.id)
    ).scalar()
    return taken is not None


def end(session: Session, bench: BenchSession, *, at: datetime) -> None:
    """End a session: it can do nothing more."""
    session.refresh(bench, with_for_update=HOLD)
    bench.ended_at = bench.ended_at or at
    session.flush()
