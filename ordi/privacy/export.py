"""Everything that is kept of one household, gathered for the household itself: plain values, codes and days."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ordi.database import Base
from ordi.fleet.check_ins import CheckIn
from ordi.fleet.enrolment import Enrolment
from ordi.fleet.help_requests import HelpRequest
from ordi.machines.custody import CustodyTransfer, Holder
from ordi.machines.machine import Machine
from ordi.messages.outbox import Message
from ordi.parties.households import Contact, Household, HouseholdReading
from ordi.places.communes import Commune, District, named
from ordi.sealing import Sealer
from ordi.sharing.bookings import Appointment
from ordi.sharing.class_lists import ClassPupil, child_name
from ordi.sharing.connections import Connection
from ordi.sharing.consents import Consent
from ordi.sharing.levels import levels_of
from ordi.sharing.loan_ends import LoanEnd
from ordi.sharing.naming import Naming
from ordi.sharing.packs import PackItem
from ordi.sharing.placements import Placement
from ordi.sharing.promises import Allocation
from ordi.sharing.repairs import Repair
from ordi.sharing.requests import Request, note_of
from ordi.sharing.still_wanted import steps_of
from ordi.sharing.tenant_codes import TenantCode
from ordi.sharing.training import Attendance, Place, TrainingSession
from ordi.sharing.visit_tickets import VisitTicket, words_of
from ordi.sharing.visits import Visit

Plain = dict[str, Any]
_Kept = TypeVar("_Kept", bound=Base)


def everything(
    session: Session, household: Household, contact: Contact, requests: Sequence[Request], *, sealer: Sealer
) -> Plain:
    """What is kept of a household: the contact that its reader opened, and these requests of it."""
    consents = select(Consent).where(Consent.household_id == household.id).order_by(Consent.id)
    children = select(ClassPupil).where(ClassPupil.household_id == household.id).order_by(ClassPupil.id)
    readings = select(HouseholdReading).where(HouseholdReading.household_id == household.id)
    return {
        "household": {
            "code": household.code,
            "service": household.partner.name,
            "opened": day(household.created_at),
            "last_contact": day(household.last_contact_at),
            "name": contact.name,
            "phone": contact.phone,
            "email": contact.email,
            "address": contact.address,
            "language": contact.language,
        },
        "requests": [_request(session, one, sealer) for one in requests],
        "consents": [
            {
                "given": one.given,
                "version": one.version,
                "language": one.language,
                "by": one.reader.op_code,
                "on": day(one.at),
            }
            for one in session.scalars(consents)
        ],
        "children": [
            {"name": child_name(one, sealer), "class": one.class_name, "absent": day(one.absent_on)}
            for one in session.scalars(children)
        ],
        "readings": [
            {"on": day(one.at), "who": one.person.op_code, "what": one.what}
            for one in session.scalars(readings.order_by(HouseholdReading.id))
        ],
    }


def _all(session: Session, kind: type[_Kept], *conditions: ColumnElement[bool]) -> Sequence[_Kept]:
    """The rows that are theirs, in order."""
    key: Any = kind
    return session.scalars(select(kind).where(*conditions).order_by(key.id)).all()


def day(moment: datetime | date | None) -> str | None:
    """A day as text."""
    return None if moment is None else moment.isoformat()[:10]


def _request(session: Session, one: Request, sealer: Sealer) -> Plain:
    visits = select(Visit).where(Visit.request_id == one.id).order_by(Visit.id)
    access = select(Connection).where(Connection.request_id == one.id).order_by(Connection.id)
    places = select(Place).where(Place.request_id == one.id).order_by(Place.id)
    promises = select(Allocation).where(Allocation.request_id == one.id).order_by(Allocation.id)
    return {
        "code": one.code,
        "programme": one.programme.name,
        "state": one.state,
        "needs": one.need_codes,
        "reach": one.reach,
        "commune": named(session, Commune, one.commune_code),
        "priority_district": {"answer": one.qpv or "unknown", "name": named(session, District, one.district_code)},
        "note": note_of(one, sealer),
        "filed": day(one.filed_at),
        "filed_by": one.filed_by.op_code,
        "followed_by": one.follower.op_code,
        "profile": one.profile,
        "ended": day(one.ended_at),
        "verified": [
            {"what": given.criterion, "by": given.by.op_code, "on": day(given.at)} for given in one.attestations
        ],
        "derogation": {
            "why": one.derogation,
            "by": one.derogated_by.op_code if one.derogated_by else None,
            "on": day(one.derogated_at),
        },
        "moved": {"where": one.moved, "on": day(one.moved_at)},
        "last_heard_of": day(one.heard_at),
        "asked_whether_wanted": day(one.asked_at),
        "out_of_the_proposals": day(one.aside_at),
        "silence": [
            {"step": line.step, "by": line.by.op_code if line.by else None, "on": day(line.at)}
            for line in steps_of(session, one)
        ],
        "code_used": day(session.scalar(select(TenantCode.used_at).where(TenantCode.request_id == one.id))),
        "built": [
            {"tag": named.machine.tag, "on": day(named.at), "ended": day(named.ended_at)}
            for named in _all(session, Naming, Naming.request_id == one.id)
        ],
        "placed": [
            {"place": put.place, "fleet": put.fleet, "on": day(put.at)}
            for put in _all(session, Placement, Placement.request_id == one.id)
        ],
        "appointments": [
            {
                "begins": when.begins.isoformat(),
                "place": when.place.name,
                "state": when.state,
                "booked": day(when.booked_at),
                "moves": when.moves,
                "reminded": day(when.reminded_at),
                "ended": day(when.ended_at),
            }
            for when in _all(session, Appointment, Appointment.request_id == one.id)
        ],
        "messages": [
            {
                "kind": said.kind,
                "channel": said.channel,
                "state": said.state,
                "facts": json.loads(said.facts or "{}"),
                "made": day(said.made_at),
                "ended": day(said.ended_at),
            }
            for said in _all(session, Message, Message.request_id == one.id)
        ],
        "machines": [_machine(session, promise) for promise in session.scalars(promises)],
        "visits": [
            {"on": day(made.at), "cause": made.cause, "findings": json.loads(made.findings)}
            for made in session.scalars(visits)
        ],
        "visits_planned": [
            {
                "code": ticket.code,
                "why": ticket.cause,
                "opened_from": ticket.origin,
                "words": words_of(ticket, sealer),
                "day": day(ticket.day),
                "who": ticket.goes.op_code,
                "on": day(ticket.at),
                "state": ticket.state,
                "ended": day(ticket.ended_at),
            }
            for ticket in _all(session, VisitTicket, VisitTicket.request_id == one.id)
        ],
        "level": levels_of(session, [one.id]).get(one.id, ""),
        "access": [
            {
                "opened": day(line.opened_on),
                "free_until": day(line.free_until),
                "then_cents": line.then_cents,
                "closed": day(line.closed_at),
            }
            for line in session.scalars(access)
        ],
        "training": [_training(session, place) for place in session.scalars(places)],
    }


def _machine(session: Session, promise: Allocation) -> Plain:
    """A machine while it was this household's: what another had or gets is not told."""
    machine: Machine = promise.machine

    def meanwhile(moment: Any) -> ColumnElement[bool]:
        """From the hand-over until the machine came back."""
        since: ColumnElement[bool] = moment >= (promise.handed_over_at or promise.at)
        return since if promise.ended_at is None else since & (moment <= promise.ended_at)

    theirs = promise.handed_over_at is not None
    news = _all(session, CheckIn, CheckIn.machine_id == machine.id, meanwhile(CheckIn.recorded_at)) if theirs else []
    asked = _all(session, HelpRequest, HelpRequest.machine_id == machine.id, meanwhile(HelpRequest.asked_at))
    signed = _all(
        session,
        CustodyTransfer,
        CustodyTransfer.machine_id == machine.id,
        CustodyTransfer.holder == Holder.HOUSEHOLD,
        meanwhile(CustodyTransfer.at),
    )
    sends = _all(session, Enrolment, Enrolment.machine_id == machine.id, meanwhile(Enrolment.enrolled_at))
    ends = session.get(LoanEnd, promise.id)
    return {
        "tag": machine.tag,
        "model": " ".join(filter(None, (machine.manufacturer, machine.model))),
        "promised": day(promise.at),
        "promised_by": promise.by.op_code,
        "price_cents": promise.price_cents,
        "kept_until": day(promise.kept_until),
        "heard": day(promise.heard_at),
        "handed_over": day(promise.handed_over_at),
        "handed_over_by": promise.handed_over_by.op_code if promise.handed_over_by else None,
        "signatures": [
            {"on": day(one.at), "png": base64.b64encode(one.signature).decode()} for one in signed if one.signature
        ],
        "signed_on_paper": day(promise.signed_on_paper),
        "witness": promise.witness.op_code if promise.witness else None,
        "pack": [
            {
                "what": thing.code,
                "scanned": thing.scanned,
                "handed": day(thing.handed_at),
                "handed_by": thing.handed_by.op_code if thing.handed_by else None,
                "done_without": day(thing.dropped_at),
            }
            for thing in _all(session, PackItem, PackItem.allocation_id == promise.id)
        ],
        "loan_ends": day(promise.contract_ends),
        "loan_end": None
        if ends is None
        else {
            "asked": day(ends.asked_at),
            "letters": ends.letters,
            "answer": ends.answer,
            "by_silence": ends.by_silence,
            "answered": day(ends.answered_at),
            "paper": ends.paper.label if ends.paper else None,
        },
        "back": day(promise.ended_at),
        "why_back": promise.ending,
        "paper": promise.paper.label if promise.paper else None,
        "repairs": [
            {
                "code": one.code,
                "fault": one.fault,
                "on": day(one.at),
                "mended": day(one.mended_at),
                "ended": day(one.ended_at),
                "outcome": one.outcome,
            }
            for one in _all(session, Repair, Repair.allocation_id == promise.id)
        ],
        "help": [
            {"trouble": one.trouble, "asked": day(one.asked_at), "closed": day(one.closed_at)}
            for one in (asked if theirs else [])
        ],
        "sends": [{"since": day(one.enrolled_at), "stopped": day(one.stopped_at)} for one in (sends if theirs else [])],
        "check_ins": len(news),
        "last_check_in": day(news[-1].recorded_at) if news else None,
        "news": [{"on": day(one.recorded_at), "told": json.loads(one.payload)} for one in news],
    }


def _training(session: Session, place: Place) -> Plain:
    came = (
        select(TrainingSession.begins)
        .join(Attendance, Attendance.session_id == TrainingSession.id)
        .where(Attendance.place_id == place.id)
        .order_by(TrainingSession.begins)
    )
    return {
        "group": place.group.code,
        "step": place.step,
        "came": [day(begins) for begins in session.scalars(came)],
        "certificate": place.certificate,
        "left_why": place.left_why,
        "able": place.able.split(),
        "onward": place.onward,
    }
