"""Messages leave in the family's language, by its way, once; and a person decides what nobody knows."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.messages.outbox import Channel, Message, Posting
from ordi.messages.short_text import plain, room
from ordi.parties.households import Contact, HouseholdReading, erase, open_file
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Person
from ordi.sharing.requests import Reach, Request
from ordi.sharing.telling import Telling, tell
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.ground.mail import mail_server
from tests.ground.texts import TextHouse, text_house
from tests.papers.reading import words as words_of
from tests.sharing.families import a_request
from web.messages.composing import LEAST_WHERE, SHORT_NUMBER, Facts, full, sentence_of, short
from web.messages.telling_words import LANGUAGES, TELLINGS
from web.worker import run_all

Enter = Callable[[Person], TestApp]
NAME, MOBILE = "Amina Diallo", "06 39 98 11 22"


@pytest.fixture
def house(app: Flask) -> Iterator[TextHouse]:
    """A gateway that knows what comes twice, and the application that sends to it."""
    before = app.extensions["ordi-settings"]
    with text_house() as house:
        ours = dataclasses.replace(before, sms_url=house.url, sms_key_header="Idempotency-Key")
        app.extensions["ordi-settings"] = ours
        yield house
        app.extensions["ordi-settings"] = before


def asked(session: Session, cast: Cast, app: Flask, reach: Reach, **contact: str) -> Request:
    """A family that Inès follows."""
    sealer = app.extensions["ordi-sealer"]
    given = {
        "name": NAME,
        "phone": MOBILE,
        "email": "amina@famille.example",
        "address": "3 rue des Lilas, 25000 Besançon",
    }
    home = open_file(session, cast.partner, Contact(**given | contact), sealer=sealer, by=cast.ines, at=NOW)
    request = a_request(session, cast, household=home)
    request.reach = reach
    return request


def told(session: Session, cast: Cast, request: Request, telling: Telling = Telling.BOOKED) -> Message:
    facts: dict[str, object] = {
        "begins": datetime(2026, 11, 26, 13, 30, tzinfo=UTC).isoformat(),
        "place": cast.workshop.id,
    }
    message = tell(session, request, telling, facts, about=f"appointment:{request.id}", once=str(request.id), at=NOW)
    session.commit()
    assert message
    return message


def state_of(session: Session, message: Message) -> str:
    session.expire_all()
    return session.get_one(Message, message.id).state


LONGEST = Facts(
    datetime(2026, 12, 28, 17, 30, tzinfo=UTC),
    date(2026, 12, 28),
    Organisation(kind=Kind.WORKSHOP, name="Maison du numérique et de l’économie sociale", path="/1/"),
    "+33 3 81 00 00 00",
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("telling", Telling)
def test_every_sentence_is_one_text_with_room_for_the_place(telling: Telling, language: str) -> None:
    sent = short(telling, language, LONGEST)
    assert room(sent) >= 0
    sentence = sentence_of(telling, language)
    if "{where}" in sentence:
        fixed = sentence.format(when="28/12 17:30", day="28/12/2026", phone="0" * SHORT_NUMBER, where="")
        assert room(plain(f"Ordi: {fixed}")) >= LEAST_WHERE
        assert plain("Maison")[:LEAST_WHERE] in sent
    assert all("{" not in line for line in full(telling, language, LONGEST))


def test_every_telling_has_every_language() -> None:
    assert set(TELLINGS) == set(Telling)
    assert all(set(said) == set(LANGUAGES) for said in TELLINGS.values())


def test_a_text_leaves_once_in_the_familys_language_and_nothing_is_logged_of_it(
    session: Session, cast: Cast, app: Flask, house: TextHouse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    message = told(session, cast, asked(session, cast, app, Reach.SMS, language="tr"))
    assert run_all(app)["messages"] == 1
    assert run_all(app)["messages"] == 0
    (body,) = house.bodies
    sent = json.loads(body)
    assert sent["to"] == "+33639981122"
    assert sent["text"].startswith("Ordi: Bilgisayariniz sizi bekliyor: 26/11 14:30, Atelier de la Gare")
    assert state_of(session, message) == Posting.SENT
    assert not [one for one in caplog.messages if NAME in one or "39981122" in one or "639981122" in one]


def test_with_a_key_what_may_have_arrived_goes_again_under_it(
    session: Session, cast: Cast, app: Flask, house: TextHouse, later: Callable[..., None]
) -> None:
    house.answers = [0, 500]
    message = told(session, cast, asked(session, cast, app, Reach.SMS))
    run_all(app)
    later(minutes=2)
    run_all(app)
    later(minutes=10)
    run_all(app)
    assert house.keys == [message.uuid] * 3
    assert state_of(session, message) == Posting.SENT


def test_without_a_key_a_person_decides(
    session: Session, cast: Cast, app: Flask, house: TextHouse, enter: Enter, later: Callable[..., None]
) -> None:
    app.extensions["ordi-settings"] = dataclasses.replace(app.extensions["ordi-settings"], sms_key_header="")
    house.answers = [0]
    message = told(session, cast, asked(session, cast, app, Reach.SMS))
    run_all(app)
    later(days=2)
    run_all(app)
    assert len(house.bodies) == 1
    page = enter(cast.ines).get("/messages")
    assert "Peut-être envoyé" in page.text
    form = next(one for one in page.forms.values() if one.action.endswith(f"/{message.id}/again"))
    form.submit()
    run_all(app)
    assert len(house.bodies) == 2
    assert state_of(session, message) == Posting.SENT


def test_a_person_who_asked_the_family_says_that_it_arrived(
    session: Session, cast: Cast, app: Flask, house: TextHouse, enter: Enter
) -> None:
    app.extensions["ordi-settings"] = dataclasses.replace(app.extensions["ordi-settings"], sms_key_header="")
    house.answers = [0]
    message = told(session, cast, asked(session, cast, app, Reach.SMS))
    run_all(app)
    page = enter(cast.ada).get("/messages")
    next(one for one in page.forms.values() if one.action.endswith(f"/{message.id}/done")).submit()
    assert state_of(session, message) == Posting.SENT
    assert len(house.bodies) == 1


def test_a_mail_says_it_in_both_languages_and_who_reviewed_it(session: Session, cast: Cast, app: Flask) -> None:
    told(session, cast, asked(session, cast, app, Reach.MAIL, language="uk"))
    before = app.extensions["ordi-settings"]
    with mail_server() as server:
        app.extensions["ordi-settings"] = dataclasses.replace(before, mail_url=server.url)
        assert run_all(app)["messages"] == 1
        app.extensions["ordi-settings"] = before
    (mail,) = server.mails
    body = mail.get_body()
    assert body
    text = body.get_content()
    assert mail["Subject"] == "Ваша зустріч"
    assert "ще ніхто не перевірив" in text
    assert "Votre ordinateur vous attend jeudi 26 novembre à 14 h 30, Atelier de la Gare, Besançon." in text
    assert NAME not in text


def test_a_line_that_takes_no_texts_is_told_by_somebody(
    session: Session, cast: Cast, app: Flask, house: TextHouse
) -> None:
    message = told(session, cast, asked(session, cast, app, Reach.SMS, phone="03 81 00 00 00"))
    run_all(app)
    session.expire_all()
    assert (message.channel, message.state, house.bodies) == (Channel.SPOKEN, Posting.WAITING, [])


def test_an_erased_family_is_told_nothing(session: Session, cast: Cast, app: Flask, house: TextHouse) -> None:
    request = asked(session, cast, app, Reach.SMS)
    message = told(session, cast, request)
    assert request.household
    erase(session, request.household, at=NOW)
    session.commit()
    run_all(app)
    assert (state_of(session, message), house.bodies) == (Posting.DROPPED, [])


def test_letters_are_printed_in_one_pile_and_each_reading_is_kept(
    session: Session, cast: Cast, app: Flask, enter: Enter, tmp_path: Path
) -> None:
    for language in ("ar", "fr"):
        told(session, cast, asked(session, cast, app, Reach.LETTER, language=language))
    browser = enter(cast.ines)
    page = browser.get("/messages")
    assert NAME not in page.text
    pile = next(one for one in page.forms.values() if one.action == "/messages/letters").submit().follow()
    paper = pile.click("Les lettres")
    said = words_of(paper.body, tmp_path)
    assert said.count("3 rue des Lilas") == 2
    assert "En français" in said
    assert NAME in said
    assert len(session.scalars(select(HouseholdReading)).all()) == 2
    enter(cast.noor).get(pile.request.path, status=404)
    next(one for one in pile.forms.values() if one.action.endswith("/printed")).submit()
    session.expire_all()
    assert {one.state for one in session.scalars(select(Message))} == {Posting.SENT}
    browser.get(pile.request.path, status=404)


def test_what_is_to_be_said_stands_on_the_list_without_a_name(
    session: Session, cast: Cast, app: Flask, enter: Enter
) -> None:
    message = told(session, cast, asked(session, cast, app, Reach.CALL))
    page = enter(cast.ines).get("/messages")
    assert "jeudi 26 novembre à 14 h 30" in page.text
    assert NAME not in page.text
    next(one for one in page.forms.values() if one.action.endswith(f"/{message.id}/done")).submit()
    assert state_of(session, message) == Posting.SENT
    assert "Dit" in enter(cast.ines).get("/messages?shelf=gone").text
    enter(cast.sam).get("/messages", status=403)
    assert "Rien à faire ici" in enter(cast.noor).get("/messages").text
