"""Everything that is kept of one household, gathered for the household itself: plain values, codes and days."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.fleet.check_ins import CheckIn
from ordi.machines.machine import Machine
from ordi.parties.households import Contact, Household, HouseholdReading
from ordi.sealing import Sealer
from ordi.sharing.class_lists import ClassPupil, child_name
from ordi.sharing.connections import Connection
from ordi.sharing.consents import Consent
from ordi.sharing.levels import levels_of
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request, note_of
from ordi.sharing.training import Attendance, Place, TrainingSession
from ordi.sharing.visits import Visit

Plain = dict[str, Any]


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
            {"given": one.given, "version": one.version, "language": one.language, "on": day(one.at)}
            for one in session.scalars(consents)
        ],
        "children": [{"name": child_name(one, sealer), "class": one.class_name} for one in session.scalars(children)],
        "readings": [
            {"on": day(one.at), "who": one.person.op_code, "what": one.what}
            for one in session.scalars(readings.order_by(HouseholdReading.id))
        ],
    }


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
        "note": note_of(one, sealer),
        "filed": day(one.filed_at),
        "ended": day(one.ended_at),
        "verified": [{"what": given.criterion, "on": day(given.at)} for given in one.attestations],
        "machines": [_machine(session, promise) for promise in session.scalars(promises)],
        "visits": [
            {"on": day(made.at), "cause": made.cause, "findings": json.loads(made.findings)}
            for made in session.scalars(visits)
        ],
        "access": [{"opened": day(line.opened_on), "closed": day(line.closed_at)} for line in session.scalars(access)],
        "level": levels_of(session, [one.id]).get(one.id, ""),
        "training": [_training(session, place) for place in session.scalars(places)],
    }


def _machine(session: Session, promise: Allocation) -> Plain:
    """A machine while it was this household's: what another had or gets is not told."""
    machine: Machine = promise.machine
    news = select(func.count(), func.max(CheckIn.recorded_at)).where(
        CheckIn.machine_id == machine.id, CheckIn.recorded_at >= (promise.handed_over_at or promise.at)
    )
    if promise.ended_at is not None:
        news = news.where(CheckIn.recorded_at < promise.ended_at)
    count, last = session.execute(news).one() if promise.handed_over_at else (0, None)
    return {
        "tag": machine.tag,
        "model": " ".join(filter(None, (machine.manufacturer, machine.model))),
        "promised": day(promise.at),
        "handed_over": day(promise.handed_over_at),
        "loan_ends": day(promise.contract_ends),
        "back": day(promise.ended_at),
        "paper": promise.paper.label if promise.paper else None,
        "check_ins": count,
        "last_check_in": day(last),
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
