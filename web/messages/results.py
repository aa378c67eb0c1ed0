"""The result of a call, as its applicant reads it: what was decided, why in a sentence, and what to do next.

In the language of who signed the application, with the French beneath; to the office's own address.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ordi.messages.outbox import Message
from ordi.messages.written import Written
from ordi.sharing.applications import Application, Outcome
from ordi.sharing.deliberating import Because
from ordi.sharing.translations import Sheet
from web.messages.answering import review_of
from web.messages.leaving import Letter, Unreachable
from web.messages.result_words import BECAUSE, DECIDED, LANGUAGES, SUBJECT


def lines(application: Application, told: dict[str, object], outcome: Outcome, language: str, phone: str) -> list[str]:
    """What is said, sentence after sentence. `told` is the message's own facts: a later decision does not change it."""
    granted = int(str(told["granted"]))
    words = {
        "fr": f"{granted} ordinateur{'s' if granted > 1 else ''}",
        "en": f"{granted} computer{'s' if granted > 1 else ''}",
    }
    said = DECIDED[outcome][language]
    if told["because"]:
        said += BECAUSE[Because(str(told["because"]))][language]
    number = (application.call.pole.phone or phone).replace(" ", "\u00a0")
    return [one.format(granted=words[language], asked=application.machines, phone=number) for one in said]


def letter(session: Session, message: Message, phone: str) -> Letter:
    """The result on paper. Raises `Unreachable` when the office has no street."""
    application, language = _of(session, message)
    partner = application.partner
    if not partner.street:
        raise Unreachable(erased=False)
    return Letter(
        (partner.name, partner.street, f"{partner.postcode} {partner.commune}"),
        language,
        False,
        SUBJECT[language].format(call=application.call.code),
        _said(message, application, language, phone),
        review_of(session, Sheet.RESULTS, language),
        _said(message, application, "fr", phone) if language != "fr" else [],
        application.code,
    )


def written(session: Session, message: Message, phone: str) -> Written:
    """The result by mail. Raises `Unreachable` when the office has no address any more."""
    application, language = _of(session, message)
    if not application.partner.email:
        raise Unreachable(erased=False)
    said = [f"{application.code} · {application.call.title}", *_said(message, application, language, phone)]
    if language != "fr":
        said += [review_of(session, Sheet.RESULTS, language), "—", *_said(message, application, "fr", phone)]
    subject = SUBJECT[language].format(call=application.call.code)
    return Written(message.uuid, application.partner.email, subject, "\n\n".join([*said, "Ordi"]) + "\n")


def applications_of(session: Session, shown: Sequence[Message]) -> dict[int, Application]:
    """The applications that messages tell of, in one query."""
    numbers = [one.application_id for one in shown if one.application_id is not None]
    told = (joinedload(Application.call), joinedload(Application.partner))
    return {
        one.id: one for one in session.scalars(select(Application).where(Application.id.in_(numbers)).options(*told))
    }


def sentences(session: Session, shown: Sequence[Message], phone: str) -> dict[int, list[str]]:
    """What each of these messages says, in French."""
    found = applications_of(session, shown)
    return {one.id: _said(one, found[one.application_id or 0], "fr", phone) for one in shown}


def _of(session: Session, message: Message) -> tuple[Application, str]:
    application = session.get_one(Application, message.application_id)
    spoken = application.signed_by.language if application.signed_by else "fr"
    return application, spoken if spoken in LANGUAGES else "fr"


def _said(message: Message, application: Application, language: str, phone: str) -> list[str]:
    outcome = Outcome(message.kind.removeprefix("call_"))
    return lines(application, json.loads(message.facts), outcome, language, phone)
