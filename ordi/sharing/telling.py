"""What is told to a family or an association: which event, by the way it asked for. The face has the words, in its language.

Nothing of its file is written here: a message leads to the request, and the file is opened when the message leaves.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from ordi.errors import NotFound
from ordi.messages.outbox import Channel, Message, drop_to, put_once
from ordi.parties.households import Household
from ordi.parties.people import Person
from ordi.sharing.applications import Application
from ordi.sharing.calls import Call, calls_seen_by
from ordi.sharing.consents import taken_back
from ordi.sharing.requests import Reach, Request, requests_seen_by


class Telling(StrEnum):
    """What there is to say."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REMINDER = "reminder"
    MISSED = "missed"
    """With a second appointment."""
    MISSED_AGAIN = "missed_again"
    NO_ANSWER = "no_answer"
    """A machine is kept and nobody answers: without news it goes to another family, the place stays."""
    LOAN_ENDS = "loan_ends"
    LOAN_REMINDER = "loan_reminder"
    LOAN_KEPT = "loan_kept"
    LOAN_RETURN = "loan_return"
    REPAIRED = "repaired"
    TRAINING_MEETING = "training_meeting"
    """The letter to the pre-list: workshops are near, with an information meeting first."""
    TRAINING_BEGINS = "training_begins"
    """The invitation of who committed themselves, with the days."""


OF_A_CONTRACT = (*(one for one in Telling if one.startswith("loan")), Telling.REPAIRED)
"""What is owed to who has a machine, whatever was said of consent."""


def fall_silent(session: Session, household: Household, *, at: datetime) -> None:
    """A household took its consent back: what has not left and needs it is not sent."""
    mine = select(Request.id).where(Request.household_id == household.id)
    drop_to(session, mine, [one for one in Telling if one not in OF_A_CONTRACT], at=at)


def tell(
    session: Session,
    request: Request,
    telling: Telling,
    facts: dict[str, object],
    *,
    about: str,
    once: str,
    on_paper: bool = False,
    by_hand: bool = False,
    at: datetime,
) -> Message | None:
    """Say it once, by the way this family asked for; nothing when it was already said under `once`, or consent was taken back.

    `on_paper`: by letter wherever the file has an address, whatever was asked; `by_hand`: by letter without one too, a pupil brings it home.
    """
    if telling not in OF_A_CONTRACT and taken_back(session, request.household_id):
        return None
    way = channel_of(request)
    if by_hand or (on_paper and request.household is not None and request.household.address_sealed):
        way = Channel.LETTER
    return put_once(session, telling, way, request.id, facts, about=about, once=f"{telling}:{once}", at=at)


def channel_of(request: Request) -> Channel:
    """By what a family is told: as it asked, where its file has what that takes; else somebody says it."""
    home = request.household
    if home is None:
        return _channel_of_partner(request)
    held = {
        Reach.SMS: (Channel.TEXT, home.phone_sealed),
        Reach.MAIL: (Channel.MAIL, home.email_sealed),
        Reach.LETTER: (Channel.LETTER, home.address_sealed),
    }
    way, sealed = held.get(Reach(request.reach), (Channel.SPOKEN, None))
    return way if sealed else Channel.SPOKEN


def _channel_of_partner(request: Request) -> Channel:
    """An association is an office: by mail where it has an address of its own, unless it asked for letters; else by letter."""
    partner = request.partner
    if partner.email and not (request.reach == Reach.LETTER and partner.street):
        return Channel.MAIL
    return Channel.LETTER if partner.street else Channel.SPOKEN


def messages_seen_by(reader: Person, *, at: datetime) -> Select[Message]:
    """The messages to the families and associations whose requests `reader` follows, and to who applied to their calls."""
    mine = requests_seen_by(reader, "messages.see", at=at).with_only_columns(Request.id)
    calls = calls_seen_by(reader, "calls.run", at=at).with_only_columns(Call.id)
    applied = select(Application.id).where(Application.call_id.in_(calls))
    return select(Message).where(or_(Message.request_id.in_(mine), Message.application_id.in_(applied)))


def seen_message(session: Session, reader: Person, number: int, *, at: datetime) -> Message:
    """One of them. Raises `NotFound` alike for none and not yours."""
    found = session.scalar(messages_seen_by(reader, at=at).where(Message.id == number))
    if found is None:
        raise NotFound()
    return found
