"""French first, English complete: the choice, and what is still missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.parties.people import Person
from tests.cast import Cast
from tests.web.conftest import form_to
from web import translating

MISSING_AT_MOST = 0
"""How many sentences English may lack."""


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    translating.compile_all()


def test_a_browser_gets_its_language(visitor: TestApp) -> None:
    assert visitor.get("/sign-in").html.html["lang"] == "fr"
    assert visitor.get("/sign-in", headers={"Accept-Language": "en-GB,en"}).html.html["lang"] == "en"
    assert visitor.get("/sign-in", headers={"Accept-Language": "de"}).html.html["lang"] == "fr"


def test_a_choice_is_kept_by_the_browser_and_by_the_person(
    session: Session, cast: Cast, visitor: TestApp, enter: Callable[[Person], TestApp]
) -> None:
    form_to(visitor.get("/sign-in"), "/language").submit("lang", value="en").follow()
    assert visitor.get("/sign-in").html.html["lang"] == "en"
    browser = enter(cast.ada)
    assert form_to(browser.get("/figures"), "/language").submit("lang", value="en").location.endswith("/figures")
    session.refresh(cast.ada)
    assert cast.ada.language == "en"
    assert enter(cast.ada).get("/").html.html["lang"] == "en"


def test_a_language_we_do_not_speak_is_refused(visitor: TestApp) -> None:
    form = form_to(visitor.get("/sign-in"), "/language")
    visitor.post("/sign-in/language", {"csrf_token": form["csrf_token"].value, "lang": "xx"}, status=422)


def test_english_lacks_nothing() -> None:
    missing = translating.missing("en")
    assert len(missing) <= MISSING_AT_MOST, missing[:40]


def test_the_catalogue_is_what_the_source_says() -> None:
    known = {message.id for message in translating.catalogue("en") if message.id}
    said = {message.id for message in translating.gathered() if message.id}
    assert known <= said
