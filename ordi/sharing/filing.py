"""Filing a request with the person: what it must hold, and whether the family is already waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotFound, Refused
from ordi.papers import PARIS, next_number, year_of
from ordi.parties.access import require
from ordi.parties.households import Household, alike
from ordi.parties.organisations import Nature, Organisation, pole_of
from ordi.parties.people import Membership, Person, Role
from ordi.sealing import Sealer
from ordi.sharing.consents import Consent, give, last_of
from ordi.sharing.derogations import Derogation
from ordi.sharing.facts import QPV
from ordi.sharing.living import NOT_SAID, Living, note_living
from ordi.sharing.needs import NeedCode
from ordi.sharing.programmes import Programme, ProgrammeClosed
from ordi.sharing.requests import (
    LIVE,
    LONGEST_NOTE,
    Attestation,
    OutOfTerritory,
    Reach,
    Request,
    RequestState,
    sealed_note,
)
from ordi.sharing.rules import HolderKind, Requester, Rules
from ordi.sharing.tenant_codes import redeem

CASEWORKERS = {
    Requester.CASEWORKER: Role.SOCIAL_WORKER,
    Requester.LANDLORD: Role.LANDLORD_OFFICER,
    Requester.SCHOOL: Role.SCHOOL_OFFICER,
}
"""Who files with a household, by what the programme calls them."""


class NotForYou(Refused):
    """This programme is asked for by others: social workers, a landlord, an EPN…"""

    code = "not-for-you"


class NoConsent(Refused):
    """A household's request needs its consent, read to it by somebody."""

    code = "no-consent"


class AlreadyAsked(Refused):
    """This household already waits for a machine under this programme."""

    code = "already-asked"


@dataclass(frozen=True)
class Reading:
    """A consent text read to somebody: which version, in which language."""

    version: str
    language: str


@dataclass(frozen=True)
class Filing:
    """What a request says."""

    programme: Programme
    needs: tuple[str, ...]
    attested: tuple[str, ...] = ()
    household: Household | None = None
    consent: Reading | None = None
    reach: Reach = Reach.IN_PERSON
    note: str = ""
    profile: str = ""
    tenant_code: str = ""
    form_uuid: str | None = None
    living: Living = NOT_SAID
    of_class_list: bool = False
    """One child of a class list: consent is read at the desk, before the signature, and siblings each have their own request."""


def file_request(
    session: Session,
    partner: Organisation,
    filing: Filing,
    *,
    by: Person,
    at: datetime,
    sealer: Sealer | None = None,
) -> Request:
    """File a request for a household of `partner`, or for `partner` itself when the programme is for associations.

    A condition that does not hold never stops it: the request waits for a person's decision. A note needs its `sealer`. Raises `NotAllowed`,
    `NotForYou`, `Invalid` (an answer, a fact or a district that is none), `ProgrammeClosed`, `OutOfTerritory`, `NoConsent`, `AlreadyAsked`, `CodeUnknown`.
    """
    programme = filing.programme
    association = filing.household is None
    require(by, "requests.apply" if association else "requests.write", partner, at=at)
    _check(filing, partner, association, at)
    if not may_ask(session, programme.rules, partner, by, at=at):
        raise NotForYou(programme=programme.code)
    if filing.household is not None:
        session.refresh(filing.household, with_for_update=True)  # two who file the same family wait for each other
        _check_household(session, filing, filing.household, partner)
    code, note = _next_code(session, at), filing.note.strip()
    if note and sealer is None:
        raise ValueError("a note is never kept in the clear")
    request = Request(
        code=code,
        programme=programme,
        partner=partner,
        household=filing.household,
        needs=" ".join(dict.fromkeys(filing.needs)),
        reach=filing.reach,
        profile=filing.profile,
        state=RequestState.WAITING,
        filed_by_id=by.id,
        filed_at=at,
        attestations=[Attestation(criterion=one, by=by, at=at) for one in dict.fromkeys(filing.attested)],
        note=sealed_note(code, note, sealer) if note and sealer else None,
        form_uuid=filing.form_uuid,
    )
    if not association:
        note_living(session, request, filing.living)
    session.add(request)
    session.flush()
    if programme.rules.needs_code:
        redeem(session, request, filing.tenant_code, at=at)
    if filing.household is not None and filing.consent is not None:
        give(session, filing.household, filing.consent.version, filing.consent.language, by=by, at=at)
    return request


def file_granted(
    session: Session,
    programme: Programme,
    partner: Organisation,
    needs: Sequence[str],
    application_id: int,
    *,
    signed_by: Person,
    by: Person,
    at: datetime,
) -> Request:
    """One machine granted by the committee of a call to a partner organisation: a request that waits like the others."""
    request = Request(
        code=_next_code(session, at),
        programme=programme,
        partner=partner,
        household=None,
        needs=" ".join(dict.fromkeys(needs)),
        reach=Reach.LETTER,
        state=RequestState.WAITING,
        filed_by_id=signed_by.id,
        filed_at=at,
        application_id=application_id,
        derogation=Derogation.COMMITTEE,
        derogated_by=by,
        derogated_at=at,
        attestations=[],
    )
    session.add(request)
    session.flush()
    return request


def _next_code(session: Session, at: datetime) -> str:
    return f"D-{year_of(at)}-{next_number(session, 'request', year_of(at)):04d}"


def live_of(session: Session, household: Household) -> list[Request]:
    """The requests a household still waits for."""
    return list(session.scalars(select(Request).where(Request.household_id == household.id, Request.state.in_(LIVE))))


def duplicates(session: Session, partner: Organisation, name: str, phone: str = "", *, sealer: Sealer) -> list[Request]:
    """Live requests of the same partner organisation under the same name or telephone: shown before a family is filed twice."""
    households = [one.id for one in alike(session, partner, name, phone, sealer=sealer)]
    live = select(Request).where(Request.household_id.in_(households), Request.state.in_(LIVE)).order_by(Request.id)
    return list(session.scalars(live)) if households else []


def filed_with(session: Session, form_uuid: str, by: Person) -> Request | None:
    """The request this person already filed with this very form."""
    return session.scalar(select(Request).where(Request.form_uuid == form_uuid, Request.filed_by_id == by.id))


def consent_of(session: Session, request: Request) -> Consent | None:
    """The last consent given or withdrawn by the request's household."""
    return last_of(session, request.household_id)


def kind_of(partner: Organisation) -> HolderKind:
    """What an organisation is when it asks for itself: a company is a firm, every other an association."""
    return HolderKind.FIRM if partner.nature == Nature.COMPANY else HolderKind.ASSOCIATION


def may_ask(session: Session, rules: Rules, partner: Organisation, by: Person, *, at: datetime) -> bool:
    """Whether this person, for this organisation, is one of those who may request."""
    if not rules.requesters:
        return True
    roles = {held.role for held in by.current(at) if held.organisation.holds(partner)}
    return any(_is(session, requester, partner, roles, at) for requester in rules.requesters)


def _is(session: Session, requester: Requester, partner: Organisation, roles: set[str], at: datetime) -> bool:
    if requester in CASEWORKERS:
        return CASEWORKERS[requester] in roles
    if Role.SIGNATORY not in roles:
        return False
    if requester == Requester.FIRM:
        return partner.nature == Nature.COMPANY
    if requester == Requester.EPN:
        return runs_a_room(session, partner, at=at)
    return partner.nature != Nature.COMPANY


def runs_a_room(session: Session, partner: Organisation, *, at: datetime) -> bool:
    """Whether an organisation is an EPN: somebody animates there."""
    held = select(Membership).where(Membership.organisation_id == partner.id, Membership.role == Role.ANIMATOR)
    return any(one.in_force(at) for one in session.scalars(held))


def _check(filing: Filing, partner: Organisation, association: bool, at: datetime) -> None:
    programme = filing.programme
    known = {str(code) for code in NeedCode}
    if not filing.needs or not set(filing.needs) <= known:
        raise Invalid(field="needs", why="unknown" if filing.needs else "missing")
    if len(filing.note.strip()) > LONGEST_NOTE:
        raise Invalid(field="note", why="too-long", longest=LONGEST_NOTE)
    if not programme.open_on(at.astimezone(PARIS).date()):
        raise ProgrammeClosed(programme=programme.code)
    if programme.pole_id not in (None, pole_of(partner).id):
        raise OutOfTerritory(programme=programme.code)
    if not association and HolderKind.HOUSEHOLD not in programme.rules.holders:
        raise Invalid(field="household", why="does-not-fit-programme")
    if association and kind_of(partner) not in programme.rules.holders:
        raise NotForYou(programme=programme.code)
    if filing.profile and filing.profile not in programme.rules.profiles:
        raise Invalid(field="profile", why="unknown")
    if not set(filing.attested) <= set(programme.rules.facts) - {QPV}:
        raise Invalid(field="attested", why="unknown")
    if not association and filing.consent is None and not filing.of_class_list:
        raise NoConsent(programme=programme.code)


def _check_household(session: Session, filing: Filing, household: Household, partner: Organisation) -> None:
    if household.partner_id != partner.id:
        raise NotFound(household=household.code)
    for live in () if filing.of_class_list else live_of(session, household):
        if live.programme.code == filing.programme.code:  # under whichever version
            raise AlreadyAsked(request=live.code)
