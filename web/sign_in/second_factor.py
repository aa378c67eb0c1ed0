"""A second factor for who reads families' files: six digits of a telephone, new every thirty seconds (RFC 6238).

The secret is sealed. A code, once taken, opens nothing more; wrong ones are slowed as passwords are. Eight recovery codes, shown
once and kept as hashes, each open once. A browser may be known for thirty days; its person ends that at any time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.parties.people import Person
from ordi.sealing import Sealer

STEP_S, DIGITS, DRIFT = 30, 6, 1
"""Seconds of a code, its length, and how many codes early or late a telephone's clock may be."""
SECRET_BYTES = 20
RECOVERY_CODES, RECOVERY_LENGTH = 8, 12
KNOWN_FOR = timedelta(days=30)
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class SecondFactor(Base):
    """One person's secret, shared with their telephone."""

    __tablename__ = "second_factors"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, default=-1)
    """The step of the last code that was taken: neither it nor an earlier one is taken again."""
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    """When a first code showed that the telephone has it."""


class RecoveryCode(Base):
    """One of the codes for the day the telephone is lost. It opens once."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


class KnownBrowser(Base):
    """A browser in which a person is not asked for a code, for a while. The table keeps its token's hash."""

    __tablename__ = "known_browsers"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), index=True)
    browser: Mapped[str] = mapped_column(String(40), default="")
    since: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a step of time (RFC 4226, 5.3, with SHA-1, as every telephone reads it)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_at(at: datetime) -> int:
    """The step of an instant (RFC 6238, 4)."""
    return int(at.timestamp()) // STEP_S


def prepare(session: Session, person: Person, *, sealer: Sealer, at: datetime) -> SecondFactor:
    """This person's factor; a new secret, not confirmed yet, when there is none."""
    factor = session.get(SecondFactor, person.id)
    if factor is None:
        secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
        sealed = sealer.seal("second_factors", "secret", str(person.id), secret)
        factor = SecondFactor(person_id=person.id, secret_sealed=sealed, last_step=-1, made_at=at)
        session.add(factor)
        session.flush()
    return factor


def secret_of(factor: SecondFactor, sealer: Sealer) -> str:
    """The secret as a telephone takes it: 32 characters of base 32."""
    return sealer.open("second_factors", "secret", str(factor.person_id), factor.secret_sealed)


def address_of(factor: SecondFactor, person: Person, sealer: Sealer, issuer: str) -> str:
    """What the telephone scans. Drawn on one page, never in a link."""
    named = f"{quote(issuer)}:{quote(person.op_code)}"
    told = {"secret": secret_of(factor, sealer), "issuer": issuer, "digits": DIGITS, "period": STEP_S}
    return f"otpauth://totp/{named}?{urlencode(told, quote_via=quote)}"


def next_code(factor: SecondFactor, sealer: Sealer, *, at: datetime) -> str:
    """The code that opens now: what a demonstration shows in the telephone's place."""
    secret = base64.b32decode(secret_of(factor, sealer))
    return code_at(secret, max(step_at(at), factor.last_step + 1))


def opens(session: Session, person: Person, said: str, *, sealer: Sealer, at: datetime) -> bool:
    """Whether this is a code of this person's telephone, or of their paper, that was never taken before."""
    factor = session.get(SecondFactor, person.id, with_for_update=True, populate_existing=True)
    if factor is None:
        return False
    typed = "".join(said.split()).upper().replace("-", "")
    if len(typed) == DIGITS and typed.isdecimal() and typed.isascii():
        return _by_telephone(factor, typed, sealer, at)
    return factor.confirmed_at is not None and _by_paper(session, person, typed, at)


def confirm(session: Session, person: Person, *, at: datetime) -> list[str]:
    """The telephone showed that it has the secret: eight recovery codes, shown once, kept nowhere as they are."""
    factor = session.get_one(SecondFactor, person.id, with_for_update=True)
    factor.confirmed_at = at
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.add_all(RecoveryCode(person_id=person.id, code_hash=_hash(code)) for code in codes)
    session.flush()
    return ["-".join(code[n : n + 4] for n in range(0, RECOVERY_LENGTH, 4)) for code in codes]


def take_away(session: Session, person: Person, *, at: datetime) -> None:
    """A new telephone, or a lost one: the next sign-in begins with a new secret, in every browser."""
    end_known(session, person, at=at)
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.execute(delete(SecondFactor).where(SecondFactor.person_id == person.id))
    session.expire_all()


def codes_left(session: Session, person: Person) -> int:
    """How many recovery codes still open."""
    query = select(RecoveryCode.id).where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
    return len(session.scalars(query).all())


def remember(session: Session, person: Person, token: str, *, browser: str, at: datetime) -> None:
    """Do not ask this person again in the browser that keeps `token`."""
    session.add(
        KnownBrowser(person_id=person.id, token_hash=_hash(token), browser=browser, since=at, until=at + KNOWN_FOR)
    )
    session.flush()


def is_known(session: Session, person: Person, token: str, *, at: datetime) -> bool:
    """Whether this browser's token is one this person chose to be known by."""
    return any(one.token_hash == _hash(token) for one in known_to(session, person, at=at)) if token else False


def known_to(session: Session, person: Person, *, at: datetime) -> list[KnownBrowser]:
    """The browsers in which this person is not asked, newest first."""
    query = select(KnownBrowser).where(
        KnownBrowser.person_id == person.id, KnownBrowser.ended_at.is_(None), KnownBrowser.until > at
    )
    return list(session.scalars(query.order_by(KnownBrowser.id.desc())))


def end_known(session: Session, person: Person, *, at: datetime, only: int | None = None) -> None:
    """Ask again: in one browser, or in all of this person's."""
    mine = update(KnownBrowser).where(KnownBrowser.person_id == person.id, KnownBrowser.ended_at.is_(None))
    session.execute((mine.where(KnownBrowser.id == only) if only is not None else mine).values(ended_at=at))


def forget_old(session: Session, *, at: datetime) -> int:
    """Drop the browsers that are known no more; how many."""
    gone = delete(KnownBrowser).where((KnownBrowser.until <= at) | KnownBrowser.ended_at.is_not(None))
    return len(session.scalars(gone.returning(KnownBrowser.id)).all())


def _by_telephone(factor: SecondFactor, typed: str, sealer: Sealer, at: datetime) -> bool:
    secret, now = base64.b32decode(secret_of(factor, sealer)), step_at(at)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > factor.last_step and hmac.compare_digest(code_at(secret, step), typed):
            factor.last_step = step
            return True
    return False


def _by_paper(session: Session, person: Person, typed: str, at: datetime) -> bool:
    query = select(RecoveryCode).where(RecoveryCode.person_id == person.id, RecoveryCode.code_hash == _hash(typed))
    code = session.scalar(query.where(RecoveryCode.used_at.is_(None)).with_for_update())
    if code is not None:
        code.used_at = at
    return code is not None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
