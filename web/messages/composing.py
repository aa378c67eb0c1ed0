"""From a telling and a file to words: what one person reads, in their language, for the way it goes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date, format_datetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.messages.outbox import Channel, Message
from ordi.messages.short_text import mobile, one_segment, plain, room
from ordi.messages.written import Written
from ordi.papers import PARIS
from ordi.parties.households import Contact, for_message
from ordi.parties.organisations import Organisation, pole_of
from ordi.sealing import Sealer
from ordi.sharing.class_lists import ClassList, ClassPupil, child_name
from ordi.sharing.loan_ends import WITH_COUPON
from ordi.sharing.requests import Request
from ordi.sharing.telling import Telling
from ordi.sharing.translations import Sheet
from web.messages import results
from web.messages.answering import review_of
from web.messages.leaving import Coupon as Coupon
from web.messages.leaving import Letter as Letter
from web.messages.leaving import Unreachable as Unreachable
from web.messages.telling_words import (
    COUPON,
    DAYS,
    LANGUAGES,
    NEWS,
    NUMBER,
    PREVENTED,
    PREVENTED_SHORT,
    RIGHT_TO_LEFT,
    TELLINGS,
)
from web.papers.qr import picture
from web.typography import tight
from web.wording.consent import CONSENT

LEAST_WHERE = 10
"""Characters of a place's name that one text always has room for; a test holds every sentence to it."""
SHORT_NUMBER = 14
APPOINTMENTS = (Telling.BOOKED, Telling.MOVED, Telling.REMINDER, Telling.MISSED)


@dataclass(frozen=True)
class Facts:
    """What a sentence is filled with."""

    begins: datetime | None = None
    day: date | None = None
    place: Organisation | None = None
    phone: str = ""
    number: str = ""
    """What is said, or scanned, at the door of a session."""
    days: tuple[datetime, ...] = ()
    """The sessions of a group: on paper and by mail, where there is room."""


def facts_of(session: Session, message: Message, request: Request, phone: str) -> Facts:
    """A message's codes, looked up: the place's own telephone, else its service's, its pole's, the installation's."""
    told = json.loads(message.facts)
    place = session.get(Organisation, told["place"]) if "place" in told else None
    return Facts(
        datetime.fromisoformat(told["begins"]) if "begins" in told else None,
        date.fromisoformat(told["day"]) if "day" in told else None,
        place,
        (place.phone if place else "") or request.partner.phone or pole_of(request.partner).phone or phone,
        request.code if message.kind == Telling.TRAINING_BEGINS else "",
        tuple(datetime.fromisoformat(one) for one in told.get("days", ())),
    )


def short(telling: Telling, language: str, facts: Facts) -> str:
    """The sentence as one text: the place's name gives way when it is long. Raises `TextTooLong`."""
    name = facts.place.name if facts.place else ""
    words = {
        "when": f"{facts.begins.astimezone(PARIS):%d/%m %H:%M}" if facts.begins else "",
        "day": f"{facts.day:%d/%m/%Y}" if facts.day else "",
        "phone": _dialled(facts.phone),
    }
    sentence = f"Ordi: {sentence_of(telling, language)}"
    left = room(plain(sentence.format(**words, where="")))
    if len(plain(name)) > left:
        name = plain(name)[: max(0, left)].rstrip()
    return one_segment(sentence.format(**words, where=name))


def sentence_of(telling: Telling, language: str) -> str:
    """What one text says, still to fill."""
    said = TELLINGS[telling][language][1]
    return f"{said} {PREVENTED_SHORT[language]}" if telling in APPOINTMENTS else said


def full(telling: Telling, language: str, facts: Facts) -> list[str]:
    """The same on paper and by mail: the day in letters, the place with its street."""
    place = facts.place
    where = ", ".join(part for part in (place.name, place.street, place.commune) if part) if place else ""
    words = {
        "when": said_in_full(facts.begins, language) if facts.begins else "",
        "day": format_date(facts.day, "long", locale=language) if facts.day else "",
        "where": where,
        "phone": facts.phone.replace(" ", "\u00a0"),
    }
    said = [TELLINGS[telling][language][1].format(**words).replace("..", ".")]  # a year may end with a point: 2027 р.
    if facts.number:
        said.append(f"{NUMBER[language]} : {facts.number}")
    if facts.days:
        said.append(f"{DAYS[language]} : " + " · ".join(said_in_full(one, language) for one in facts.days))
    if telling in APPOINTMENTS:
        said.append(PREVENTED[language].format(**words))
    return [tight(one) for one in said] if language == "fr" else said


def said_in_full(begins: datetime, language: str) -> str:
    """`jeudi 26 novembre à 14 h 30`, as each language says a day."""
    pattern = "EEEE d MMMM 'à' H 'h' mm" if language == "fr" else "EEEE d MMMM, HH:mm"
    return str(format_datetime(begins.astimezone(PARIS), pattern, tzinfo=PARIS, locale=language))


def letter(session: Session, message: Message, sealer: Sealer, phone: str) -> Letter:
    """A message as a letter. Raises `Unreachable`."""
    if message.application_id is not None:
        return results.letter(session, message, phone)
    request, contact = _file(session, message, sealer)
    address = contact.address or _at_school(session, message, sealer)
    if not address:
        raise Unreachable(erased=False)
    language, telling = language_of(contact), Telling(message.kind)
    facts = facts_of(session, message, request, phone)
    return Letter(
        (contact.name, *(line for line in address.replace(", ", "\n").splitlines() if line.strip())),
        language,
        language in RIGHT_TO_LEFT,
        TELLINGS[telling][language][0],
        full(telling, language, facts),
        review_of(session, Sheet.MESSAGES, language),
        full(telling, "fr", facts) if language != "fr" else [],
        request.code,
        _coupon(telling, language),
        picture(request.code) if telling == Telling.TRAINING_BEGINS else "",
    )


def _at_school(session: Session, message: Message, sealer: Sealer) -> str:
    """Without an address, a pupil's letter is given in class; nothing for others."""
    found = select(ClassPupil, ClassList.name).join(ClassList).where(ClassPupil.request_id == message.request_id)
    for pupil, school in session.execute(found).tuples():
        if name := child_name(pupil, sealer):
            return f"À remettre en classe :\n{name}\n{pupil.class_name}\n{school}"
    return ""


def _coupon(telling: Telling, language: str) -> Coupon | None:
    if telling not in WITH_COUPON:
        return None
    spoken = tuple(dict.fromkeys((language, "fr")))
    words = zip(*(COUPON[one] + NEWS[one] for one in spoken), strict=True)
    send, keep, give_back, sign, news, yes, no = (" · ".join(both) for both in words)
    return Coupon(send, keep, give_back, sign, tuple(CONSENT[one] for one in spoken), news, yes, no)


def written(session: Session, message: Message, sealer: Sealer, phone: str) -> Written:
    """A message as it leaves by mail or text. Raises `Unreachable`."""
    if message.application_id is not None:
        return results.written(session, message, phone)
    if message.request_id is None:
        return Written.of(message)
    request, contact = _file(session, message, sealer)
    language, telling = language_of(contact), Telling(message.kind)
    facts = facts_of(session, message, request, phone)
    if message.channel == Channel.TEXT:
        number = mobile(contact.phone)
        if not number:
            raise Unreachable(erased=False)
        return Written(message.uuid, number, "", short(telling, language, facts))
    if not contact.email:
        raise Unreachable(erased=False)
    lines = full(telling, language, facts)
    if language != "fr":
        lines += [review_of(session, Sheet.MESSAGES, language), "—", *full(telling, "fr", facts)]
    return Written(message.uuid, contact.email, TELLINGS[telling][language][0], "\n\n".join([*lines, "Ordi"]) + "\n")


def language_of(contact: Contact) -> str:
    """The language somebody is written to in."""
    return contact.language if contact.language in LANGUAGES else "fr"


def _file(session: Session, message: Message, sealer: Sealer) -> tuple[Request, Contact]:
    """Who it is for. An association is written to at its own address, in French. Raises `Unreachable` when erased."""
    request = session.get_one(Request, message.request_id)
    home = request.household
    if home is None:
        partner = request.partner
        street = f"{partner.street}\n{partner.postcode} {partner.commune}" if partner.street else ""
        return request, Contact(partner.name, partner.phone, partner.email, street)
    if home.erased_at is not None:
        raise Unreachable(erased=True)
    return request, for_message(home, sealer=sealer)


def _dialled(phone: str) -> str:
    return "".join(phone.split())[:SHORT_NUMBER]
