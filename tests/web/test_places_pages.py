"""A postcode offers its communes and never stops anybody; the administration sees what a file would do before it does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse, Upload

from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sharing.requests import Request
from tests.cast import Cast
from tests.places.test_importing import COMMUNES, DISTRICTS, brought
from tests.sharing import families
from tests.sharing.families import a_programme
from tests.web.conftest import form_to
from tests.web.test_sharing_pages import step_on
from web import vendoring
from web.commands import cli
from web.commands.places import SHIPPED

Enter = Callable[[Person], TestApp]


@pytest.fixture(autouse=True)
def the_apps_own_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])


@pytest.fixture
def lists(session: Session, cast: Cast) -> None:
    cast.partner.postcode, cast.partner.commune = "25000", "Besançon"
    for text in (COMMUNES, DISTRICTS):
        brought(session, text)
    session.commit()


def previewed(browser: TestApp, body: str | bytes, status: int = 200) -> TestResponse:
    form = form_to(browser.get("/places"), "/places/preview")
    form["file"] = Upload("liste.csv", body if isinstance(body, bytes) else body.encode("latin-1"))
    return form.submit(status=status)


def test_a_file_is_seen_before_it_is_written(cast: Cast, enter: Enter) -> None:
    zoe = enter(cast.zoe)
    page = previewed(zoe, COMMUNES)
    assert "Avanne-Aveney" in page.text
    assert "Aucune commune" in zoe.get("/places").text
    assert "c’est à jour" in form_to(page, "/places/take").submit().follow().text.replace("\u00a0", " ")
    assert "Celui-ci n’apporte rien" in previewed(zoe, COMMUNES).text
    assert "Beure" in zoe.get("/places?q=25720").text


@pytest.mark.usefixtures("lists")
def test_what_changed_since_the_preview_is_shown_again(session: Session, cast: Cast, enter: Enter) -> None:
    page = previewed(enter(cast.zoe), COMMUNES.replace("Beure", "Beure-le-Neuf"))
    brought(session, COMMUNES.replace("Beure", "Beure-le-Vieux"))
    session.commit()
    page = form_to(page, "/places/take").submit(status=409)
    assert "Beure-le-Vieux" in page.text
    form_to(page, "/places/take").submit(status=302)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"nom;prenom\nA;B\n", "Sa première ligne ne nomme"),
        (COMMUNES.encode().decode("latin-1").encode(), "Ses accents sont abîmés"),
        (b"\x81", "pas un fichier CSV"),
        (COMMUNES.replace("25720", "?").encode(), "est-ce le bon fichier"),
    ],
    ids=["another", "spoiled", "bytes", "shifted"],
)
@pytest.mark.usefixtures("lists")
def test_a_wrong_file_says_why_and_changes_nothing(cast: Cast, enter: Enter, body: bytes, said: str) -> None:
    zoe = enter(cast.zoe)
    page = previewed(zoe, body, status=422)
    assert said in page.text
    assert "Rien n’a été changé" in page.text
    assert "7 communes" in zoe.get("/places").text.replace("\u00a0", " ")


@pytest.mark.usefixtures("lists")
def test_a_page_gets_the_communes_that_begin_alike_in_as_many_queries_however_many(
    session: Session, cast: Cast, enter: Enter, queries: Callable[[], Any]
) -> None:
    ines = enter(cast.ines)
    told = ines.get("/places/near/25")
    assert told.json["communes"] == {
        "25000": [["25056", "Besançon"]],
        "25720": [["25036", "Avanne-Aveney"], ["25058", "Beure"]],
    }
    assert told.json["districts"] == {"25056": [["QP025900", "Planoise"]]}
    assert told.headers["Cache-Control"] == "private, max-age=21600"
    assert ines.get("/places/near/97").json["communes"] == {"97400": [["97411", "Saint-Denis"]]}
    ines.get("/places/near/2A", status=404)
    with queries() as few:
        ines.get("/places/near/25")
    brought(session, COMMUNES + "".join(f"25{600 + n};Autre {n};25480\n" for n in range(30)))
    session.commit()
    with queries() as many:
        ines.get("/places/near/25")
    assert len(many) == len(few)


def last_step(cast: Cast, enter: Enter, programme: int) -> TestResponse:
    page = step_on(enter(cast.ines).get("/sharing/new"), programme=str(programme), uses=["school"])
    return step_on(step_on(page), agreed=True)


@pytest.mark.parametrize(
    ("answers", "kept", "address"),
    [
        ({"postcode": "25000"}, ("25056", "", ""), "3 rue des Lilas, 25000"),
        (
            {"postcode": "25000", "commune": "besancon", "qpv": "yes"},
            ("25056", "yes", ""),
            "3 rue des Lilas, 25000 besancon",
        ),
        ({"postcode": "25720", "commune": "Beure"}, ("25058", "no", ""), "3 rue des Lilas, 25720 Beure"),
        ({"postcode": "99999", "commune": "Ailleurs"}, ("", "", ""), "3 rue des Lilas, 99999 Ailleurs"),
        ({"postcode": "", "commune": ""}, ("", "", ""), "3 rue des Lilas"),
    ],
)
@pytest.mark.usefixtures("lists")
def test_what_was_typed_is_kept_and_nothing_is_refused(
    session: Session,
    cast: Cast,
    enter: Enter,
    answers: dict[str, str],
    kept: tuple[str, str, str],
    address: str,
) -> None:
    programme = a_programme(session, cast, criteria=("qpv",))
    session.commit()
    done = step_on(last_step(cast, enter, programme.id), name="Amina Diallo", address="3 rue des Lilas", **answers)
    assert done.status_int == 302
    request = session.scalars(select(Request)).one()
    assert (request.commune_code, request.qpv, request.district_code) == kept
    page = done.follow()
    assert address in page.text
    assert ("n’est pas dans la liste : à vérifier dans le dossier" in page.text.replace("\u00a0", " ")) is (
        answers["postcode"] == "99999"
    )


@pytest.mark.usefixtures("lists")
def test_an_answer_that_waits_is_given_on_the_page_of_the_request(session: Session, cast: Cast, enter: Enter) -> None:
    programme = a_programme(session, cast, criteria=("qpv",))
    session.commit()
    page = step_on(last_step(cast, enter, programme.id), name="Amina Diallo", postcode="25000").follow()
    assert "On ne sait pas" in page.text
    assert "Reste à vérifier" in page.text.replace("\u00a0", " ")
    form = next(one for one in page.forms.values() if "qpv" in one.fields)
    form["qpv"], form["district"] = "yes", "QP025900"
    page = form.submit().follow()
    assert "Oui, Planoise" in page.text
    assert "Reste à vérifier" not in page.text.replace("\u00a0", " ")
    assert session.scalars(select(Request)).one().commune_code == "25056"


@pytest.mark.usefixtures("lists")
def test_an_organisation_is_known_by_its_commune_and_an_unknown_postcode_is_only_said(
    session: Session, cast: Cast, enter: Enter
) -> None:
    for name, postcode, said in (("Ici", "25720", False), ("Nulle part", "99999", True)):
        form = form_to(enter(cast.zoe).get("/administration/organisations"), "/administration/organisations")
        form["name"], form["kind"], form["parent"] = name, "partner", str(cast.pole.id)
        form["postcode"], form["commune"] = postcode, "Beure"
        assert ("n’est pas dans la liste : à vérifier" in form.submit().follow().text.replace("\u00a0", " ")) is said
    made = session.scalars(
        select(Organisation).where(Organisation.name.in_(["Ici", "Nulle part"])).order_by(Organisation.id)
    )
    assert [one.commune_code for one in made] == ["25058", ""]


def test_the_terminal_brings_a_file_in_and_refuses_a_wrong_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("ORDI_DATABASE_URL", raising=False)
    run, file = CliRunner(), tmp_path / "communes.csv"
    assert run.invoke(cli, ["upgrade"]).exit_code == 0
    file.write_text(COMMUNES, encoding="latin-1")
    assert "communes: 7 new" in run.invoke(cli, ["places", "import", "--look", str(file)]).output
    assert "communes: 7 new" in run.invoke(cli, ["places", "import", str(file)]).output
    assert "0 new, 0 changed, 0 gone, 7 same" in run.invoke(cli, ["places", "import", str(file)]).output
    file.write_text("nom;prenom\n")
    refused = run.invoke(cli, ["places", "import", str(file)])
    assert (refused.exit_code, "nothing was changed" in refused.output) == (1, True)


def test_the_communes_that_come_with_ordi_are_the_whole_country() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert text == vendoring.communes()
    assert len(text.splitlines()) > 35_000
    for line in (
        "25056;Besançon;25000",
        "75112;Paris 12e Arrondissement;75012",
        "2A004;Ajaccio;20090",
        "97411;Saint-Denis;97400",
    ):
        assert f"\n{line}\n" in text
