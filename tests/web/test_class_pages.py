"""A school brings its list: seen before it is written, lost in no case, read by those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse, Upload

from ordi.parties.households import HouseholdReading
from ordi.parties.people import Person
from ordi.sharing.class_desks import serve
from ordi.sharing.class_lists import ClassList, ClassPupil, file_list, open_list
from ordi.sharing.class_reading import read
from ordi.sharing.programmes import Programme
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.classes import SMALL, a_school_loan, pupils_of, sent
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]
pytestmark = pytest.mark.usefixtures("app")

FILE = """Classe;Nom;Prénom;Responsable;Téléphone
CE2 A;Diallo;Amina;Fatou Diallo;06 12 34 56 78
CM1 B;Diallo;Ibrahim;Fatou Diallo;0612345678
CE2 A;Martin;Zoé;Anne Martin;
;Sans-Classe;Léo;Anne Martin;
"""


@pytest.fixture
def programme(session: Session, cast: Cast, app: object) -> Programme:
    """Lent to pupils; schools ask."""
    made = a_school_loan(session, cast)
    session.commit()
    return made


def brought(browser: TestApp, body: bytes, status: int = 200) -> TestResponse:
    """What the preview answers to a file."""
    form = form_to(browser.get("/classes/import"), "/classes/import")
    form["name"], form["file"] = "Rentrée", Upload("liste.csv", body)
    return form.submit(status=status)


def taken(page: TestResponse, status: int = 302) -> TestResponse:
    """The same, written."""
    form = form_to(page, "/import/take")
    form["attested"] = True
    return form.submit(status=status)


def a_list(session: Session, app: Any, cast: Cast, programme: Programme, text: str = SMALL) -> ClassList:
    """Filed by Éva with the keys of the application, opened by Ada."""
    how: dict[str, Any] = {"attested": ("pupil",), "form_uuid": "c" * 36, "by": cast.eva, "at": NOW}
    sealer = app.extensions["ordi-sealer"]
    made = file_list(session, cast.partner, programme, "Rentrée", read(text).lines, sealer=sealer, **how).the_list
    open_list(session, made, by=cast.ada, at=NOW)
    session.commit()
    return made


def count(session: Session, what: type) -> int:
    """Rows of a table."""
    session.expire_all()
    return session.scalar(select(func.count()).select_from(what)) or 0


def test_a_list_is_seen_before_it_is_written(session: Session, cast: Cast, enter: Enter, programme: Programme) -> None:
    page = brought(enter(cast.eva), FILE.encode("utf-8-sig"))
    assert "Amina Diallo" in page.text
    assert "La classe manque." in page.text
    assert count(session, ClassPupil) == 0
    page = taken(page).follow()
    assert "3 enfants sont sur la liste" in page.text
    assert count(session, ClassPupil) == 3


def test_a_corrected_list_says_who_changes_class(
    session: Session, cast: Cast, enter: Enter, programme: Programme
) -> None:
    eva = enter(cast.eva)
    taken(brought(eva, FILE.encode()))
    page = brought(eva, FILE.replace("CE2 A;Diallo", "CM2;Diallo").encode("cp1252"))
    assert "Changent de classe" in page.text
    assert "Sans doute déjà là" in page.text  # Zoé, whose mother left no telephone
    taken(page)
    session.expire_all()
    assert sorted(session.scalars(select(ClassPupil.class_name))) == ["CE2 A", "CM1 B", "CM2"]


def test_the_facts_are_vouched_for_by_somebody(
    session: Session, cast: Cast, enter: Enter, programme: Programme
) -> None:
    page = brought(enter(cast.eva), FILE.encode())
    form_to(page, "/import/take").submit(status=409)
    assert count(session, ClassPupil) == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "vide"),
        (b"PK\x03\x04xlsx", "classeur"),
        (b"\x00\x01\x02", "Ce n’est pas une liste"),
        (FILE.encode().decode("cp1252", "replace").encode(), "accents de ce fichier"),
        (b"bonjour", "Aucune ligne ne peut"),
        (b"a;b;c\n" * 3001, "trop longue"),
    ],
    ids=["empty", "workbook", "binary", "accents", "no line", "endless"],
)
def test_a_bad_file_says_what_to_do_and_loses_nothing(
    session: Session, cast: Cast, enter: Enter, programme: Programme, body: bytes, said: str
) -> None:
    page = brought(enter(cast.eva), body, status=422)
    assert said in page.text
    assert form_to(page, "/classes/import")["name"].value == "Rentrée"
    assert count(session, ClassList) == 0


def test_unicode_text_of_a_spreadsheet_is_read(cast: Cast, enter: Enter, programme: Programme) -> None:
    assert "Zoé Martin" in brought(enter(cast.eva), FILE.replace(";", "\t").encode("utf-16")).text


def test_who_reads_a_list_and_who_does_not(
    session: Session, app: Any, cast: Cast, enter: Enter, programme: Programme
) -> None:
    number = a_list(session, app, cast, programme).id
    for who in (cast.eva, cast.ines, cast.ada):
        assert "Rentrée" in enter(who).get(f"/classes/{number}").text
    for who, status in ((cast.awa, 403), (cast.lise, 403), (cast.said, 403), (cast.sam, 403), (cast.noor, 404)):
        enter(who).get(f"/classes/{number}", status=status)
    assert count(session, HouseholdReading) == 9  # three families, three readers
    enter(cast.eva).get(f"/classes/{number}")
    assert count(session, HouseholdReading) == 9  # once a person and day


def test_the_list_tells_where_each_stands_and_is_corrected(
    session: Session, app: Any, cast: Cast, enter: Enter, programme: Programme
) -> None:
    the_list = a_list(session, app, cast, programme)
    amina, *_others = pupils_of(session, the_list)
    machine = a_machine(session, cast)
    serve(session, the_list, sent((amina.id, machine.tag)), by=cast.eva, at=NOW)
    session.commit()
    eva = enter(cast.eva)
    page = eva.get(f"/classes/{the_list.id}").click("CE2 A")
    assert machine.tag in page.text
    page = form_to(page, "/withdraw").submit().follow()
    assert "Retiré" in page.text
    form = form_to(page, "/correct")
    form["class"] = "CM2"
    assert "CM2" in form.submit().follow().text
    search = next(one for one in page.forms.values() if one.action == f"/classes/{the_list.id}/search")
    search["name"] = "martim zoe"
    assert "Zoé Martin" in search.submit().text


def test_the_pages_take_as_many_queries_however_long(
    session: Session, app: Any, cast: Cast, enter: Enter, programme: Programme, queries: Callable[[], Any]
) -> None:
    text = "\n".join(f"CE2 {n % 3};Enfant {n};Parent {n};06{n:08d}" for n in range(40))
    short_one, long_one = a_list(session, app, cast, programme).id, 0
    how: dict[str, Any] = {"attested": ("pupil",), "form_uuid": "d" * 36, "by": cast.eva, "at": NOW}
    sealer = app.extensions["ordi-sealer"]
    long_one = file_list(session, cast.partner, programme, "Autre", read(text).lines, sealer=sealer, **how).the_list.id
    open_list(session, session.get_one(ClassList, long_one), by=cast.ada, at=NOW)
    session.commit()
    eva = enter(cast.eva)
    eva.get("/classes")

    def asked(number: int) -> int:
        with queries() as counted:
            eva.get(f"/classes/{number}")
        return len(counted)

    assert asked(short_one) == asked(long_one)
