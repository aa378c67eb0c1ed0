"""The pages of evidence: files dropped at the bench, reports without a machine, two records of one computer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench.merging import Cause, merge
from ordi.machines.evidence import Evidence
from ordi.machines.gate import inventoried
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.cast import Cast
from tests.evidence.conftest import SendFile
from tests.evidence.outputs import SERIAL, UUID, dmidecode, glpi
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.web.conftest import form_to
from web.bench import words

Enter = Callable[[Person], TestApp]

pytestmark = pytest.mark.usefixtures("app")


def here(session: Session, cast: Cast, state: State = State.RECEIVED, **details: object) -> Machine:
    """A machine in the database the pages read."""
    machine = a_machine(session, cast, state, **details)  # type: ignore[arg-type]
    session.commit()
    return machine


def in_doubt(session: Session, cast: Cast, send_file: SendFile) -> tuple[Evidence, Machine, Machine]:
    """Two machines with one board, and the report of that board."""
    twins = [here(session, cast, drives=0, serial=serial, system_uuid=UUID) for serial in ("ONE1", "TWO2")]
    assert send_file("dmidecode", dmidecode()).json["reason"] == "two-machines"
    return session.scalars(select(Evidence).where(Evidence.machine_id.is_(None))).one(), *twins


def test_sam_drops_several_files_and_each_is_answered(session: Session, cast: Cast, enter: Enter) -> None:
    known = here(session, cast, serial="PF0KNOWN", manufacturer="LENOVO")
    page = enter(cast.sam).get("/bench/inventories")
    files = {
        "nouveau.json": glpi(),
        "connu.txt": dmidecode("PF0KNOWN", ""),
        "encore.json": glpi(),
        "coupé.xml": "<list><node",
        "photo.jpg": "\xff\xd8",
        '<img src=x onerror="1">\x1b[31m.json': "{",
    }
    form = next(f for f in page.forms.values() if "files" in f.fields)
    sent = [("files", name, text.encode()) for name, text in files.items()]
    told = page.test_app.post("/bench/inventories", {"csrf_token": form["csrf_token"].value}, upload_files=sent)
    rows = [" ".join(row.text.split()) for row in told.html.select("section .lines > li")]
    machine = session.scalars(select(Machine).where(Machine.serial == SERIAL)).one()
    assert [row.split(" ")[0] for row in rows] == ["Nouvel", "Reconnu", "Déjà", "Pas", "Pas", "Pas"]
    assert machine.tag in rows[0]
    assert known.tag in rows[1]
    assert "onerror" in rows[5]
    assert not told.html.select("img")
    assert "\x1b" not in told.text
    assert len(session.scalars(select(Evidence)).all()) == len(files) - 1  # the same bytes twice are one report
    assert not inventoried(session, machine)


def test_a_page_without_files_is_the_page(cast: Cast, enter: Enter) -> None:
    page = enter(cast.sam).get("/bench/inventories")
    form = next(f for f in page.forms.values() if "files" in f.fields)
    assert form.submit().status_int == 302


def test_sam_says_which_of_two_machines_it_is(session: Session, cast: Cast, enter: Enter, send_file: SendFile) -> None:
    evidence, one, other = in_doubt(session, cast, send_file)
    browser = enter(cast.sam)
    listed = browser.get("/bench/doubts")
    page = listed.click(href=f"/bench/doubts/{evidence.id}$")
    assert {tag.text for tag in page.html.select(".big-row .tag")} == {one.tag, other.tag}
    serials = page.html.select("[data-compared='differs']")
    assert {mark.bdi.text for mark in serials} >= {"ONE1", "TWO2"}
    assert all("différent" in mark.text for mark in serials)
    form = next(f for f in page.forms.values() if f.fields.get("tag") and f["tag"].value == other.tag)
    form.submit().follow()
    session.expire_all()
    assert (evidence.machine_id, evidence.recognised, evidence.decided_by_id) == (other.id, "person", cast.sam.id)
    assert session.get_one(Machine, other.id).serial == SERIAL
    assert "Rien n’attend" in browser.get("/bench/doubts").text


def test_sam_says_that_it_is_a_new_machine(session: Session, cast: Cast, enter: Enter, send_file: SendFile) -> None:
    evidence, one, other = in_doubt(session, cast, send_file)
    page = enter(cast.sam).get(f"/bench/doubts/{evidence.id}")
    form_to(page, "/new").submit()
    session.expire_all()
    born = session.get_one(Machine, evidence.machine_id)
    assert born.id not in (one.id, other.id)
    assert (born.serial, born.state) == (SERIAL, State.RECEIVED)


def test_two_people_decide_at_once_and_the_second_is_told(
    session: Session, cast: Cast, enter: Enter, send_file: SendFile
) -> None:
    evidence, _one, _other = in_doubt(session, cast, send_file)
    sam, kim = (enter(who).get(f"/bench/doubts/{evidence.id}") for who in (cast.sam, cast.kim))
    form_to(sam, "/new").submit()
    refused = form_to(kim, "/new").submit(expect_errors=True)
    assert refused.status_int == 409
    assert "Quelqu’un a déjà dit" in refused.text


def test_what_cannot_be_read_is_read_again_or_put_aside(
    session: Session, cast: Cast, enter: Enter, send_file: SendFile
) -> None:
    send_file("glpi", "{")
    (evidence,) = session.scalars(select(Evidence))
    page = enter(cast.sam).get(f"/bench/doubts/{evidence.id}")
    assert "coupé ou abîmé" in page.text
    again = form_to(page, "/again").submit().follow()
    assert "Toujours illisible" in again.text
    assert "Rangé" in form_to(again, "/aside").submit().follow().text
    session.expire_all()
    assert (evidence.machine_id, evidence.decided_by_id) == (None, cast.sam.id)


def test_a_report_left_next_door_is_not_found(session: Session, cast: Cast, enter: Enter, send_file: SendFile) -> None:
    send_file("glpi", "{")
    (evidence,) = session.scalars(select(Evidence))
    assert enter(cast.noor).get(f"/bench/doubts/{evidence.id}", expect_errors=True).status_int == 404


def test_a_twin_of_another_workshop_is_said_and_never_named(
    session: Session, cast: Cast, enter: Enter, send_file: SendFile
) -> None:
    evidence, one, other = in_doubt(session, cast, send_file)
    other.workshop = cast.second_workshop
    session.commit()
    page = enter(cast.sam).get(f"/bench/doubts/{evidence.id}")
    assert "Un autre atelier a un ordinateur qui lui ressemble" in page.text
    assert one.tag in page.text
    assert other.tag not in page.text


def test_lou_merges_two_records_and_undoes_it(session: Session, cast: Cast, enter: Enter) -> None:
    gone, kept = here(session, cast, drives=0), here(session, cast, drives=0)
    browser = enter(cast.lou)
    asked = browser.get(f"/machines/{kept.tag}").click(href=f"/machines/{kept.tag}/merge")
    form = next(f for f in asked.forms.values() if "with" in f.fields)
    form["with"] = gone.tag
    beside = form.submit()
    form = form_to(beside, "/merge")
    form["keep"] = kept.tag
    done = form.submit().follow()
    assert gone.tag in done.text
    led = browser.get(f"/machines/{gone.tag}")
    assert led.location.endswith(f"/machines/{kept.tag}")
    assert "le même ordinateur" in led.follow().text
    assert "Son histoire jusque-là" in browser.get(f"/machines/{kept.tag}/was/{gone.tag}").text
    assert browser.get(f"/machines/search?q={gone.tag}").follow().location.endswith(kept.tag)
    parting = next(f for f in browser.get(f"/machines/{kept.tag}").forms.values() if "/part/" in f.action)
    assert "Séparés" in parting.submit().follow().text
    assert browser.get(f"/machines/{gone.tag}").status_int == 200


def test_what_stands_in_the_way_of_a_merge_is_said_before_it_is_asked(
    session: Session, cast: Cast, enter: Enter
) -> None:
    one, out = here(session, cast), here(session, cast, State.ALLOCATED)
    page = enter(cast.lou).get(f"/machines/{one.tag}/merge?with={out.tag}")
    assert "promis à quelqu’un" in page.text
    assert not [form for form in page.forms.values() if form.action.endswith("/merge")]


def test_a_merged_record_is_in_no_list(session: Session, cast: Cast, enter: Enter) -> None:
    gone, kept = here(session, cast, drives=0), here(session, cast, drives=0)
    merge(session, gone, kept, Cause.TWICE, by=cast.lou, at=NOW)
    session.commit()
    browser = enter(cast.lou)
    for page in ("/machines", "/bench", "/bench?state=received"):
        text = browser.get(page).text
        assert kept.tag in text, page
        assert gone.tag not in text, page


def test_why_a_report_waits_is_always_said_in_words() -> None:
    asked = [*words.WHYS_NOT_READ, "reader-failed KeyError", "unreadable: lsblk"]
    assert all(str(words.why_not(code)) for code in asked)
    assert words.why_not("") == ""
