"""No line of a French page begins with a colon, a question mark or a closing guillemet."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale, gettext, ngettext

from web.typography import French, tight


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Prêt ?", "Prêt\u00a0?"),
        ("Suite : « oui » !", "Suite\u00a0: «\u00a0oui\u00a0»\u00a0!"),
        ("%(price)s € et 5 %% ; fin", "%(price)s\u00a0€ et 5\u00a0%% ; fin".replace(" ;", "\u00a0;")),
        ("%(a)s %(b)s", "%(a)s %(b)s"),
        ("https://ordi.example à 9:50", "https://ordi.example à 9:50"),
    ],
)
def test_what_may_not_begin_a_line_is_held_to_the_word_before(written: str, printed: str) -> None:
    assert tight(written) == printed
    assert tight(printed) == printed


def test_french_counts_none_as_one_and_english_is_left_alone(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert [ngettext("%(num)s jour", "%(num)s jours", count) for count in (0, 1, 2)] == [
            "0 jour",
            "1 jour",
            "2 jours",
        ]
        assert gettext("Prêt ?") == "Prêt\u00a0?"
        with force_locale("en"):
            assert gettext("Prêt ?") == "Prêt ?"


def test_a_page_is_printed_so(app: Flask) -> None:
    page = app.test_client().get("/sign-in", headers={"Accept-Language": "fr"}).get_data(as_text=True)
    for mark in ":;?!»":
        assert f" {mark}" not in page.split("<main", 1)[1].split("</main", 1)[0]


def test_nothing_is_never_said_as_one_in_words() -> None:
    french = French()
    assert french.ungettext("une séance", "%(num)s séances", 0) == "%(num)s séances"
    assert french.ungettext("une séance", "%(num)s séances", 1) == "une séance"
    assert french.ungettext("%(num)s ordinateur", "%(num)s ordinateurs", 0) == "%(num)s ordinateur"
    assert french.ungettext("%(num)s ordinateur", "%(num)s ordinateurs", 2) == "%(num)s ordinateurs"
