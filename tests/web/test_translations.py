"""Who answers for a translation: signed after reading, named where families read, void when a text changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from webtest import Form, TestApp, TestResponse

from ordi.errors import NotAllowed
from ordi.parties.people import Person
from ordi.sharing.translations import Sheet, TextsChanged, sign, standing, withdraw
from tests.cast import Cast
from tests.ground.clock import NOW
from web.messages.answering import every_review, filled, fingerprint, pairs, review_of, sheets
from web.messages.telling_words import LANGUAGES, NOT_REVIEWED

Enter = Callable[[Person], TestApp]
TURKISH = fingerprint(Sheet.MESSAGES, "tr")


def signed(session: Session, by: Person) -> None:
    sign(session, Sheet.MESSAGES, "tr", TURKISH, seen=TURKISH, by=by, at=NOW)


def test_every_sheet_but_the_results_is_in_every_language_and_no_text_is_missing() -> None:
    for sheet in (Sheet.CONSENT, Sheet.HAND_OVER, Sheet.MESSAGES):
        assert {language for one, language in sheets() if one == sheet} == set(LANGUAGES) - {"fr"}
    assert (Sheet.RESULTS, "en") in sheets()
    assert all(french and other for sheet, language in sheets() for french, other in pairs(sheet, language))


def test_a_fingerprint_belongs_to_one_sheet_in_one_language() -> None:
    assert len({fingerprint(*one) for one in sheets()}) == len(sheets())
    assert filled("Le {when}, {where}.") == "Le […], […]."


def test_until_somebody_signs_families_read_that_nobody_did(session: Session, cast: Cast) -> None:
    assert review_of(session, Sheet.MESSAGES, "tr") == NOT_REVIEWED["tr"]
    signed(session, cast.ines)
    said = review_of(session, Sheet.MESSAGES, "tr")
    assert cast.ines.name in said
    assert "2026" in said
    assert every_review(session, Sheet.MESSAGES)["ar"] == NOT_REVIEWED["ar"]
    assert review_of(session, Sheet.MESSAGES, "fr") == ""


def test_signing_what_changed_meanwhile_is_refused(session: Session, cast: Cast) -> None:
    with pytest.raises(TextsChanged):
        sign(session, Sheet.MESSAGES, "tr", TURKISH, seen="0" * 64, by=cast.ada, at=NOW)


def test_a_changed_text_has_nobody_behind_it(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    signed(session, cast.ada)
    assert list(standing(session, [TURKISH])) == [TURKISH]
    monkeypatch.setattr("web.messages.answering.pairs", lambda sheet, language: (("Bonjour", "Merhaba"),))
    assert fingerprint.__wrapped__(Sheet.MESSAGES, "tr") not in standing(session, [TURKISH])


def test_one_takes_back_ones_own_and_a_coordinator_anybodys(session: Session, cast: Cast) -> None:
    signed(session, cast.ada)
    with pytest.raises(NotAllowed):
        withdraw(session, TURKISH, by=cast.ines, at=NOW)
    signed(session, cast.ines)
    withdraw(session, TURKISH, by=cast.ines, at=NOW)
    assert standing(session, [TURKISH])[TURKISH].by_id == cast.ada.id
    withdraw(session, TURKISH, by=cast.ada, at=NOW + timedelta(days=1))
    assert not standing(session, [TURKISH])


def test_a_technician_signs_nothing(session: Session, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        signed(session, cast.sam)


def test_a_page_shows_each_text_beside_its_french_and_takes_a_name(session: Session, cast: Cast, enter: Enter) -> None:
    her = cast.ines
    client = enter(her)
    page = client.get("/messages/translations").click(href="/messages/translations/ar/hand_over")
    shown = page.html.find_all(attrs={"lang": "ar", "dir": "rtl"})
    assert len(shown) == len(pairs(Sheet.HAND_OVER, "ar"))
    _form(page, "hand_over").submit().follow()
    assert her.name in client.get("/messages/translations").text
    assert her.name in every_review(session, Sheet.HAND_OVER)["ar"]
    again = client.get("/messages/translations/ar/hand_over")
    _form(again, "withdraw").submit().follow()
    assert every_review(session, Sheet.HAND_OVER)["ar"] == NOT_REVIEWED["ar"]


def _form(page: TestResponse, ends: str) -> Form:
    """The form of a page whose address ends so."""
    (found,) = {id(one): one for one in page.forms.values() if one.action.endswith(ends)}.values()
    return found
