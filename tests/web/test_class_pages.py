"""A school brings its list: seen before it is written, lost in no case, read by those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse, Upload

from ordi.fleet.enrolment import Enrolment
from ordi.journeys.returns import take_back
from ordi.parties.households import HouseholdReading
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation
from ordi.sharing.class_desks import serve
from ordi.sharing.class_lists import ClassList, ClassPupil, file_list, open_list
from ordi.sharing.class_reading import read
from ordi.sharing.programmes import Programme
from tests.cast import Cast
from tests.factories import a_machine
from tests.fleet.news import enrolled
from tests.ground.clock import NOW
from tests.sharing.classes import SMALL, a_school_loan, pupils_of, sent
from tests.sharing.test_class_workbook import a_workbook
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


def test_a_workbook_is_seen_and_written_like_a_file_of_text(
    session: Session, cast: Cast, enter: Enter, programme: Programme
) -> None:
    page = brought(enter(cast.eva), a_workbook([line.split(";") for line in FILE.splitlines()]))
    assert "Amina Diallo" in page.text
    assert "La classe manque." in page.text
    taken(page)
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


def acted(browser: TestApp, number: int, *gifts: tuple[int, str], status: int = 200, **more: str) -> Any:
    """What a desk's page sends, and is answered."""
    told = browser.get(f"/classes/{number}/names").json
    form = {
        "csrf_token": told["token"],
        "uuid": str(uuid4()),
        "gifts": " ".join(f"{child}={tag}" for child, tag in gifts),
        "happened_at": NOW.isoformat(),
        "signature_typed": "Fatou Diallo",
    }
    return browser.post(f"/classes/{number}/acts", form | more, status=status).json


def test_an_animator_at_a_desk_reads_names_and_no_file(
    session: Session, app: Any, cast: Cast, enter: Enter, programme: Programme
) -> None:
    the_list = a_list(session, app, cast, programme)
    page = enter(cast.awa).get(f"/classes/{the_list.id}/desk")
    assert "Amina" not in page.text
    told = enter(cast.awa).get(f"/classes/{the_list.id}/names").json["children"]
    assert [row[2] for row in told] == ["Amina Diallo", "Léo Martin", "Zoé Martin", "Ibrahim Diallo"]
    assert told[0][3] == told[3][3] != told[1][3]
    assert count(session, HouseholdReading) == 3
    for who, status in ((cast.said, 403), (cast.lise, 403), (cast.vic, 403), (cast.noor, 404)):
        enter(who).get(f"/classes/{the_list.id}/names", status=status)


def test_a_list_nobody_opened_shows_an_animator_no_name(
    session: Session, app: Any, cast: Cast, enter: Enter, programme: Programme
) -> None:
    the_list = a_list(session, app, cast, programme)
    the_list.opened_at = the_list.opened_by = None
    session.commit()
    enter(cast.awa).get(f"/classes/{the_list.id}/names", status=409)
    assert "pas encore ouverte" in enter(cast.awa).get(f"/classes/{the_list.id}/desk", status=409).text


def test_siblings_get_theirs_on_one_signature_and_the_answer_about_check_ins_is_kept(
    session: Session, app: Any, cast: Cast, enter: Enter, programme: Programme
) -> None:
    the_list = a_list(session, app, cast, programme)
    amina, ibrahim, leo, _zoe = pupils_of(session, the_list)
    quiet, quiet_too, heard = (a_machine(session, cast) for _ in range(3))
    for machine in (quiet, quiet_too, heard):
        enrolled(session, cast, machine)
    session.commit()
    awa = enter(cast.awa)
    told = acted(awa, the_list.id, (amina.id, quiet.tag), (ibrahim.id, quiet_too.tag))
    assert [one["tone"] for one in told["acts"]] == ["given", "given"]
    acted(awa, the_list.id, (leo.id, heard.tag), check_ins="yes")
    session.expire_all()
    stopped = {one.machine.tag: one.stopped_at is not None for one in session.scalars(select(Enrolment))}
    assert stopped == {quiet.tag: True, quiet_too.tag: True, heard.tag: False}


def test_every_refusal_of_an_act_is_a_sentence(
    session: Session, app: Any, cast: Cast, enter: Enter, programme: Programme
) -> None:
    the_list = a_list(session, app, cast, programme)
    amina, _ibrahim, leo, _zoe = pupils_of(session, the_list)
    machine, other = a_machine(session, cast), a_machine(session, cast)
    session.commit()
    awa = enter(cast.awa)
    wrong = machine.tag[:-1] + ("1" if machine.tag[-1] == "0" else "0")
    assert "Scannez" in acted(awa, the_list.id, (amina.id, wrong), status=404)["mend"]
    assert acted(awa, the_list.id, (amina.id, machine.tag), status=409, signature_typed="")["what"]
    assert acted(awa, the_list.id, (amina.id, machine.tag), (leo.id, other.tag), status=422)["what"]
    acted(awa, the_list.id, status=422)
    acted(awa, the_list.id, (amina.id, machine.tag), status=422, happened_at="hier")
    acted(awa, the_list.id, (amina.id, machine.tag))
    (told,) = acted(awa, the_list.id, (leo.id, machine.tag))["acts"]
    assert (told["tone"], told["has"]) == ("conflict", machine.tag)
    assert "prévenez la coordination" in told["mend"]
    page = enter(cast.ada).get(f"/classes/{the_list.id}")
    assert "À régler" in page.text
    assert "À régler" not in form_to(page, "/settle").submit().follow().text


def test_a_desk_hears_what_the_others_gave_and_a_late_act_meets_what_it_had_not_heard(
    session: Session, app: Any, cast: Cast, enter: Enter, programme: Programme
) -> None:
    the_list = a_list(session, app, cast, programme)
    amina, ibrahim, leo, zoe = pupils_of(session, the_list)
    first, second, third, fourth = (a_machine(session, cast) for _ in range(4))
    session.commit()
    left, right = enter(cast.awa), enter(cast.eva)
    before = str(left.get(f"/classes/{the_list.id}/names").json["known"])
    acted(right, the_list.id, (amina.id, first.tag), desk="right")
    take_back(session, session.scalars(select(Allocation)).one(), "broken", by=cast.lou, at=NOW)
    acted(right, the_list.id, (leo.id, second.tag), desk="right")

    told = acted(left, the_list.id, (zoe.id, third.tag), desk="left", known=before)
    assert told["given"] == [[leo.id, second.tag], [zoe.id, third.tag]], "what came back is given to nobody"
    late = acted(left, the_list.id, (amina.id, fourth.tag), desk="left", known=before)
    assert [one["tone"] for one in late["acts"]] == ["conflict"]
    since = acted(left, the_list.id, (ibrahim.id, fourth.tag), desk="left", known=str(told["known"]))
    assert ([one["tone"] for one in since["acts"]], since["given"]) == (["given"], [[ibrahim.id, fourth.tag]])


def test_the_sheet_and_the_table_say_who_has_what(
    session: Session, app: Any, cast: Cast, enter: Enter, programme: Programme
) -> None:
    the_list = a_list(session, app, cast, programme)
    amina, *_others = pupils_of(session, the_list)
    machine = a_machine(session, cast)
    serve(session, the_list, sent((amina.id, machine.tag)), by=cast.eva, at=NOW)
    session.commit()
    for where in ("sheet", "file"):
        said = enter(cast.eva).get(f"/classes/{the_list.id}/{where}").text
        assert machine.tag in said
        assert "Zoé Martin" in said
        enter(cast.awa).get(f"/classes/{the_list.id}/{where}", status=403)


def test_the_end_of_the_day_notes_who_did_not_come(
    session: Session, app: Any, cast: Cast, enter: Enter, programme: Programme
) -> None:
    the_list = a_list(session, app, cast, programme)
    page = form_to(enter(cast.awa).get(f"/classes/{the_list.id}/desk"), "/close-day").submit().follow()
    assert "4 enfants ne sont pas venus" in page.text
