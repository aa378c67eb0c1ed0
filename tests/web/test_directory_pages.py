"""A coordinator sees what a file would do before it does it; a social worker finds the place and its number."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse, Upload

from ordi.parties.directory import take
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.parties.place_file import read_places
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]
pytestmark = pytest.mark.usefixtures("app")

HEADS = "id;nom;commune;code_postal;adresse;telephone;presentation_detail"
LIBRARY = 'a;Médiathèque;Besançon;25000;1 rue de l’Exemple;01 99 00 00 01;"lundi\n<b>mardi</b>"'
WRONG = "b;Sans code;Besançon;250;2 rue de l’Exemple;;"


def previewed(browser: TestApp, *rows: str, heads: str = HEADS) -> TestResponse:
    form = form_to(browser.get("/directory/import"), "/directory/import")
    form["file"] = Upload("lieux.csv", "\n".join([heads, *rows]).encode("utf-8-sig"))
    return form.submit()


def test_a_file_is_seen_before_it_is_written(session: Session, cast: Cast, enter: Enter) -> None:
    ada = enter(cast.ada)
    page = previewed(ada, LIBRARY, WRONG)
    assert "Code postal : cinq chiffres" in page.text.replace("\u00a0", " ")
    assert "ligne 4" in page.text
    assert "Médiathèque" not in ada.get("/directory").text
    assert "Un lieu est écrit" in form_to(page, "/import/take").submit().follow().text
    page = enter(cast.ines).get("/directory?q=mediateque")
    assert "Voici" in page.text
    page = page.click("Médiathèque")
    assert "01 99 00 00 01" in page.text
    assert "&lt;b&gt;mardi&lt;/b&gt;" in page.text


def test_what_changed_since_the_preview_is_shown_again(session: Session, cast: Cast, enter: Enter) -> None:
    page = previewed(enter(cast.ada), LIBRARY)
    other = f"{HEADS}\n{LIBRARY.replace('Médiathèque', 'Autre nom')}"
    take(session, read_places(other.encode()), by=cast.ada, at=NOW)
    session.commit()
    page = form_to(page, "/import/take").submit(status=409)
    assert "Autre nom" in page.text
    form_to(page, "/import/take").submit(status=302)


def test_the_file_that_comes_out_goes_in_again(session: Session, cast: Cast, enter: Enter) -> None:
    ada = enter(cast.ada)
    form_to(previewed(ada, LIBRARY), "/import/take").submit()
    body = ada.get("/directory/file").body
    form = form_to(ada.get("/directory/import"), "/directory/import")
    form["file"] = Upload("lieux.csv", body)
    assert "Déjà là, pareils" in form.submit().text


@pytest.mark.parametrize(
    ("body", "said"), [(b"nom\nx", "ne nomme pas les colonnes"), (b"\x81", "pas un fichier CSV"), (b"", "ne nomme pas")]
)
def test_a_file_that_is_none_says_why(cast: Cast, enter: Enter, body: bytes, said: str) -> None:
    form = form_to(enter(cast.ada).get("/directory/import"), "/directory/import")
    form["file"] = Upload("x.csv", body)
    assert said in form.submit(status=422).text


def test_the_list_and_the_preview_take_as_many_queries_however_long(
    session: Session, cast: Cast, enter: Enter, queries: Callable[[], Any]
) -> None:
    ada = enter(cast.ada)

    def asked(count: int) -> tuple[int, int]:
        rows = [LIBRARY.replace("a;", f"{number};", 1) for number in range(count)]
        with queries() as previewing:
            page = previewed(ada, *rows)
        form_to(page, "/import/take").submit()
        with queries() as listing:
            ada.get("/directory")
        return len(previewing), len(listing)

    assert asked(2) == asked(30)


def test_the_pages_of_the_directory_and_of_messages_light_the_requests(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.ines)
    for room in ("directory", "messages"):
        lit = re.findall(r'href="([^"]*)" aria-current="page"', browser.get(f"/{room}").text)
        assert set(lit) == {"/sharing"}, room


def test_a_firm_is_founded_with_a_siret_that_is_right(session: Session, cast: Cast, enter: Enter) -> None:
    form = form_to(enter(cast.zoe).get("/administration/organisations"), "/administration/organisations")
    form["name"], form["kind"], form["nature"] = "Transports Colin", "donor", "company"
    form["parent"], form["postcode"], form["siret"] = str(cast.pole.id), "25000", "000 000 001 00009"
    page = form.submit(status=422)
    assert "le dernier ne tombe pas juste" in page.text
    form = form_to(page, "/administration/organisations")
    form["siret"] = "000 000 001 00008"
    form.submit(status=302)
    made = session.query(Organisation).filter_by(name="Transports Colin").one()
    assert (made.siret, made.postcode) == ("00000000100008", "25000")
