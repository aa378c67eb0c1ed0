"""Requests: one need, filed with the person, followed until a machine is handed over.

A request holds codes: who asks is in `parties.households`, what papers were shown is nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, Select, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused
from ordi.parties.access import ACCESS, require
from ordi.parties.covers import Cover, in_force
from ordi.parties.households import Household
from ordi.parties.organisations import Organisation
from ordi.parties.people import Membership, Person, Role
from ordi.sealing import Sealer
from ordi.sharing.facts import QPV, unmet
from ordi.sharing.programmes import Programme

LONGEST_NOTE = 200


class RequestState(StrEnum):
    """Where a request is."""

    WAITING = "waiting"
    ALLOCATED = "allocated"
    HANDED_OVER = "handed_over"
    UNCONFIRMED = "unconfirmed"
    """It waited long without a sign of life: its place is kept, and nothing is promised to it until its service confirms it."""
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


LIVE = (RequestState.WAITING, RequestState.ALLOCATED, RequestState.UNCONFIRMED)
"""Those a family still waits for."""


class Reach(StrEnum):
    """How the family wants to be told."""

    SMS = "sms"
    MAIL = "mail"
    CALL = "call"
    LETTER = "letter"
    IN_PERSON = "in_person"


class Qpv(StrEnum):
    """Whether a household lives in a priority district (quartier prioritaire de la politique de la ville)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = ""


class OutOfTerritory(Refused):
    """This programme or this machine belongs to another pole."""

    code = "out-of-territory"


class NotWaiting(Refused):
    """The request has gone further, or was withdrawn."""

    code = "not-waiting"


class OwnConditions(Refused):
    """Who asks for an organisation declares its conditions; somebody else verifies them."""

    code = "own-conditions"


class Request(Base):
    """One need of one household, or of one association for a project."""

    __tablename__ = "requests"
    __table_args__ = (Index("ix_requests_state_filed", "state", "filed_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    """`D-2026-0041`: what everyone but its own service calls it."""
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("households.id"), index=True)
    """Nobody: the partner organisation itself is the holder."""
    needs: Mapped[str] = mapped_column(String(400))
    """Codes of `needs.NeedCode`, separated by spaces."""
    reach: Mapped[str] = mapped_column(String(12), default=Reach.IN_PERSON)
    state: Mapped[str] = mapped_column(String(12), default=RequestState.WAITING)
    filed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    followed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Whom it was handed on to; nothing: who filed it follows it."""
    filed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    """The last sign of life of its service since it was filed."""
    asked_at: Mapped[datetime | None]
    """Since when its service is asked whether it is still wanted; nothing: nobody asks."""
    aside_at: Mapped[datetime | None]
    """Since when it is to be confirmed."""
    form_uuid: Mapped[str | None] = mapped_column(String(36), unique=True)
    """The form it was filed with: sent twice because an answer was lost, it is one request."""
    profile: Mapped[str] = mapped_column(String(40), default="")
    """The software profile chosen for the project, among those of the programme."""
    application_id: Mapped[int | None] = mapped_column(ForeignKey("applications.id"), index=True)
    """The application to a call that it was granted to."""
    derogation: Mapped[str] = mapped_column(String(24), default="")
    """Why a person lets it be served although a condition is not met; nothing: nobody did."""
    derogated_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    derogated_at: Mapped[datetime | None]
    moved: Mapped[str] = mapped_column(String(8), default="", server_default="")
    """Where a committee put it: `first`, `later`, or in its order."""
    moved_at: Mapped[datetime | None]
    commune_code: Mapped[str] = mapped_column(String(5), default="", server_default="")
    """Where the household lives, as an INSEE code; nothing: not known. Its address is in its own file, sealed."""
    qpv: Mapped[str] = mapped_column(String(8), default=Qpv.UNKNOWN, server_default="")
    """Whether it lives in a priority district."""
    district_code: Mapped[str] = mapped_column(String(8), default="", server_default="")
    """Which one, when somebody said so."""
    version: Mapped[int] = mapped_column()

    programme: Mapped[Programme] = relationship()
    partner: Mapped[Organisation] = relationship()
    household: Mapped[Household | None] = relationship()
    filed_by: Mapped[Person] = relationship(foreign_keys=[filed_by_id])
    followed_by: Mapped[Person | None] = relationship(foreign_keys=[followed_by_id])
    derogated_by: Mapped[Person | None] = relationship(foreign_keys=[derogated_by_id])
    attestations: Mapped[list[Attestation]] = relationship(order_by="Attestation.id")
    note: Mapped[RequestNote | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol

    @property
    def follower(self) -> Person:
        """Who answers for it in its service."""
        return self.followed_by or self.filed_by

    @property
    def last_sign(self) -> datetime:
        """When its service was last heard of."""
        return self.heard_at or self.filed_at

    def hear(self, at: datetime) -> None:
        """A sign of life: nothing is asked any more."""
        self.heard_at, self.asked_at, self.aside_at = at, None, None

    @property
    def need_codes(self) -> list[str]:
        """What it asks for."""
        return self.needs.split()

    @property
    def attested(self) -> list[str]:
        """What was verified: what an organisation says of itself counts once somebody else verified it; a priority district
        holds by its own answer, and only when it is yes."""
        verified = [one.criterion for one in self.attestations if not self.declares(one)]
        return [*verified, *([QPV] if self.qpv == Qpv.YES else [])]

    def declares(self, attestation: Attestation) -> bool:
        """Whether it is the applicant's own word: an organisation that asks for itself."""
        return self.household_id is None and attestation.by_id == self.filed_by_id

    @property
    def unmet(self) -> list[str]:
        """The facts still to verify before its conditions hold."""
        return unmet(self.programme.rules.criteria, self.attested)

    @property
    def software(self) -> str:
        """The profile its machine carries."""
        return self.profile or self.programme.profile


follower_id = func.coalesce(Request.followed_by_id, Request.filed_by_id)
"""`Request.follower`, in a query."""


class Attestation(Base):
    """Somebody verified a condition on a day. The paper they saw is kept nowhere."""

    __tablename__ = "attestations"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    criterion: Mapped[str] = mapped_column(String(24))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    by: Mapped[Person] = relationship()


class RequestNote(Base):
    """A few free words, sealed, and apart from everything else so that they can be forgotten alone."""

    __tablename__ = "request_notes"

    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)


def sealed_note(code: str, text: str, sealer: Sealer) -> RequestNote:
    """The free words of the request under this code."""
    return RequestNote(text_sealed=sealer.seal("request_notes", "text", code, text))


def note_of(request: Request, sealer: Sealer) -> str:
    """The free words of a request, or nothing."""
    if request.note is None:
        return ""
    return sealer.open("request_notes", "text", request.code, request.note.text_sealed)


def withdraw(session: Session, request: Request, *, by: Person, at: datetime) -> None:
    """The family no longer wants it. A machine already promised stays put aside until the coordinator releases it.

    Raises `NotAllowed`, `NotWaiting`.
    """
    association = request.household_id is None
    require(by, "requests.apply" if association else "requests.write", request.partner, at=at)
    session.refresh(request, with_for_update={"of": Request})
    if request.state not in LIVE:
        raise NotWaiting(request=request.code, state=request.state)
    request.state, request.ended_at = RequestState.WITHDRAWN, at
    session.flush()


def attest(session: Session, request: Request, facts: Iterable[str], *, by: Person, at: datetime) -> None:
    """Somebody verified more facts of a request that waits; the pole verifies those of an organisation.

    Raises `NotAllowed`, `OwnConditions`, `Invalid`, `NotWaiting`.
    """
    own = request.household_id is None
    require(by, "sharing.allocate" if own else "requests.write", request.partner, at=at)
    if own and by.id == request.filed_by_id:
        raise OwnConditions(request=request.code)
    new = [one for one in dict.fromkeys(facts) if one not in request.attested]
    if not set(new) <= set(request.programme.rules.facts) - {QPV}:
        raise Invalid(field="attested", why="unknown")
    session.refresh(request, with_for_update={"of": Request})
    if request.state != RequestState.WAITING:
        raise NotWaiting(request=request.code, state=request.state)
    request.attestations += [Attestation(criterion=one, by=by, at=at) for one in new]
    request.hear(at)
    session.flush()


OWN_LIST = (Role.LANDLORD_OFFICER, Role.SCHOOL_OFFICER)
"""Who sees the list of their own office alone, not every family of their structure (TRUST.md)."""


def requests_seen_by(reader: Person, permission: str = "requests.see", *, at: datetime) -> Select[Request]:
    """The requests `reader` may see under a permission: every query of the face starts here."""
    reach = []
    for held in reader.current(at):
        if held.role not in ACCESS[permission]:
            continue
        beneath = select(Organisation.id).where(Organisation.path.startswith(held.organisation.path, autoescape=True))
        within: ColumnElement[bool] = Request.partner_id.in_(beneath)
        if held.role == Role.SIGNATORY:
            within &= Request.household_id.is_(None)
        elif held.role in OWN_LIST:
            within &= Request.filed_by_id.in_(_colleagues(held)) | (follower_id == reader.id) | _covered(reader, at)
        reach.append(within)
    return select(Request).where(or_(*reach) if reach else Request.id.is_(None))


def _colleagues(held: Membership) -> Select[int]:
    """Who has this same role in the same organisation, or had it: their list goes on when one of them leaves."""
    same = (Membership.role == held.role, Membership.organisation_id == held.organisation_id)
    return select(Membership.person_id).where(*same)


def _covered(reader: Person, at: datetime) -> ColumnElement[bool]:
    """What this reader answers for today in the place of somebody of the service."""
    same = (Cover.cover_id == reader.id, Cover.partner_id == Request.partner_id, Cover.away_id == follower_id)
    return select(Cover.id).where(*same, in_force(at)).correlate(Request).exists()


def seen_request(
    session: Session, reader: Person, code: str, permission: str = "requests.see", *, at: datetime
) -> Request:
    """The request under this code, if this reader may see it. Raises `NotFound` alike for none and not yours."""
    request = session.scalar(requests_seen_by(reader, permission, at=at).where(Request.code == code.upper()))
    if request is None:
        raise NotFound(request=code[:16])
    return request
