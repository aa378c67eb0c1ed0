"""The bench by thumb: triage, diagnosis, shelf, and two people at one screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse, Upload

from ordi.bench.jobs import Phase, order_wipe
from ordi.bench.loose_drives import loose_drives
from ordi.machines.checks import BenchCheck, Check, asked_of, untested
from ordi.machines.drive import open_sightings
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.bench.benches import Bench, wipe
from tests.bench.photographs import MAKER, a_photograph
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW
from tests.web.conftest import form_to
from web.sign_in.accounts import open_account

Enter = Callable[[Person], TestApp]
SECRET = "quatre mots au hasard"

pytestmark = pytest.mark.usefixtures("app")


def here(session: Session, cast: Cast, state: State, **details: object) -> Machine:
    """A machine in the database the pages read."""
    machine = a_machine(session, cast, state, **details)  # type: ignore[arg-type]
    session.commit()
    return machine


def again(session: Session, machine: Machine) -> Machine:
    """What the pages made of it."""
    session.expire_all()
    session.refresh(machine)
    return machine


def dock(page: TestResponse) -> str:
    """What the one big button says."""
    return str(page.html.select_one(".dock .next b").text)


def press(page: TestResponse, **value: str) -> TestResponse:
    """Press the big row that sends this."""
    ((name, wanted),) = value.items()
    for form in page.forms.values():
        for button in form.fields.get(name, []):
            if getattr(button, "_value", None) == wanted:
                return form.submit(name, value=wanted)
    raise AssertionError(f"no button {value}")


@pytest.mark.parametrize("state", list(State), ids=str)
def test_every_state_has_its_bench_page(session: Session, cast: Cast, enter: Enter, state: State) -> None:
    machine = here(session, cast, state)
    enter(cast.sam).get(f"/bench/{machine.tag}", status=200)


def test_the_dock_leads_through_the_whole_work(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.RECEIVED)
    sam = enter(cast.sam)
    page = sam.get(f"/bench/{machine.tag}")
    assert dock(page) == "Trier"
    page = press(page.click(href="/triage$"), decision="keep").follow()
    assert dock(page) == "Effacer"


def test_a_diagnosis_one_thumb_at_a_time(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.SANITISED)
    sam = enter(cast.sam)
    page = sam.get(f"/bench/{machine.tag}")
    assert dock(page) == "Tester"
    page = page.click(href="/diagnosis$", index=0)
    while page.html.select_one(".question"):
        page = press(page, result="good").follow()
    assert untested(session, again(session, machine)) == []
    assert "La règle propose celle-ci" in page.text
    page = press(page, grade="A").follow()
    assert dock(page) == "C’est nettoyé"
    page = form_to(page, "/clean").submit().follow()
    assert dock(page) == "Réinstaller"
    page = press(page.click(href="/reinstall$"), profile="ecole").follow()
    assert page.request.path == f"/bench/{machine.tag}/release"
    form = page.forms["where"]
    form["shelf"] = "a2"
    form.submit(status=302)
    assert (again(session, machine).state, machine.shelf) == (State.READY, "A2")


def test_what_the_workshop_installed_last_is_one_press(session: Session, cast: Cast, enter: Enter) -> None:
    here(session, cast, State.READY, at=NOW - timedelta(hours=5))
    machine = here(session, cast, State.SANITISED)
    session.add_all(
        BenchCheck(machine_id=machine.id, stay=machine.stay, name=one, result="good", by_id=cast.sam.id, at=NOW)
        for one in (*asked_of(machine), Check.CLEANING)
    )
    machine.grade = "A"
    session.commit()
    page = enter(cast.sam).get(f"/bench/{machine.tag}")
    assert dock(page) == "C’est réinstallé"
    assert page.html.select_one(".dock-side")["href"].endswith("/reinstall")
    shelf = form_to(page, "/reinstall").submit(status=302).follow()
    assert again(session, machine).profile == "bureau"  # the last that the factory put on a shelf
    assert [one["value"] for one in shelf.html.select("button[name=shelf]")] == ["A1"]
    press(shelf, shelf="A1")
    assert (again(session, machine).state, machine.shelf) == (State.READY, "A1")


def test_a_page_made_before_somebody_elses_act_changes_nothing(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.RECEIVED)
    stale = enter(cast.sam).get(f"/bench/{machine.tag}/triage")
    press(enter(cast.kim).get(f"/bench/{machine.tag}/triage"), decision="keep")
    form = next(f for f in stale.forms.values() if "reason" in f.fields)
    form["reason"] = "broken"
    assert "Quelqu’un vient" in form.submit("decision", value="dismantle", status=409).text
    assert again(session, machine).triage == "keep"


def test_what_is_missing_before_the_shelf_is_told_with_the_way_out(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.REINSTALLED)
    page = enter(cast.sam).get(f"/bench/{machine.tag}/release")
    assert len(page.html.select(".why li")) == 2
    assert dock(page) == "Tester"


def test_a_witness_types_their_own_password(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.RECEIVED)
    a_drive(session, machine)
    open_account(session, cast.kim, "kim", SECRET, at=NOW)
    open_account(session, cast.sam, "sam", SECRET + " !", at=NOW)
    session.commit()
    form = form_to(enter(cast.sam).get(f"/bench/{machine.tag}/drives"), "/remove")
    form["why"] = "faulty"
    for name, password, answer in (
        ("kim", "faux", "n’est pas celui du témoin"),
        ("personne", SECRET, "n’est pas celui du témoin"),
        ("sam", SECRET + " !", "Il faut deux personnes"),
    ):
        form["witness"], form["witness_password"] = name, password
        assert answer in form.submit(status=409).text
    assert open_sightings(session, again(session, machine))
    form["witness"], form["witness_password"] = "kim", SECRET
    form.submit(status=302)
    assert open_sightings(session, again(session, machine)) == []
    assert len(loose_drives(session, cast.workshop)) == 1


def test_a_lead_destroys_from_the_drawer(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.RECEIVED)
    drive = a_drive(session, machine)
    open_account(session, cast.kim, "kim", SECRET, at=NOW)
    session.commit()
    form = form_to(enter(cast.lou).get(f"/bench/{machine.tag}/drives"), "/remove")
    form["why"], form["witness"], form["witness_password"] = "to_destroy", "kim", SECRET
    form.submit(status=302)
    enter(cast.sam).get(f"/bench/loose-drives/{drive.id}/destroy", status=403)
    enter(cast.noor).get(f"/bench/loose-drives/{drive.id}/destroy", status=404)
    page = enter(cast.lou).get("/bench/loose-drives").click("Détruire")
    form = next(f for f in page.forms.values() if "how" in f.fields)
    form["how"], form["cause"], form["witness"], form["witness_password"] = "drilled", "faulty", "kim", SECRET
    assert "La photo manque" in form.submit(status=409)
    form["photo"] = Upload("IMG_2026.jpg", a_photograph(), "image/jpeg")
    kept = form.submit(status=302).follow()
    assert "Détruit, et non effacé" in kept
    picture = enter(cast.lou).get(f"/bench/destructions/{drive.id}/photo.jpg")
    assert picture.content_type == "image/jpeg"
    assert MAKER.encode() not in picture.body
    paper = kept.click("Attestation de destruction")
    assert paper.content_type == "application/pdf"
    assert f"ordi-destruction-{machine.tag}" in paper.headers["Content-Disposition"]
    assert "Le tiroir est vide" in enter(cast.lou).get("/bench/loose-drives")
    assert "Disque détruit" in enter(cast.lou).get(f"/machines/{machine.tag}")
    enter(cast.noor).get(f"/bench/destructions/{drive.id}", status=404)


def test_the_wall_and_the_shelves_show_the_workshop(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.READY)
    for person in (cast.sam, cast.lou, cast.ada):
        assert cast.workshop.name in enter(person).get("/bench/wall").text
        assert machine.tag in enter(person).get("/bench/shelves").text
    assert machine.tag not in enter(cast.noor).get("/bench/shelves").text
    assert cast.workshop.name not in enter(cast.noor).get("/bench/wall").text


def test_the_wall_of_wipes_tells_how_far_what_is_left_what_went_wrong_and_what_ended_last(
    session: Session, cast: Cast, enter: Enter
) -> None:
    proven, failed, running = (here(session, cast, State.RECEIVED) for _ in range(3))
    for machine, changes in ((proven, {}), (failed, {"read__mismatches": 4096})):
        drive = a_drive(session, machine, size=512 * 1024)
        wipe(session, machine, drive, by=cast.sam, at=NOW, **changes)
    drive = a_drive(session, running, size=500 * 10**9)
    job = order_wipe(session, Bench(session, NOW).adopted(running, cast.sam), drive, by=cast.sam, at=NOW)
    job.phase, job.phase_at, job.heard_at = Phase.READING, NOW - timedelta(seconds=1000), NOW
    job.done_bytes, job.errors = 250 * 10**9, 3
    session.commit()
    for path in ("/bench/wall/wipes", "/bench/wall/wipes/board"):
        page = enter(cast.sam).get(path)
        hours = [one.text.replace("\N{NO-BREAK SPACE}", " ") for one in page.html.select(".wall-ended b")]
        assert hours == ["10 h 30", "10 h 30"]
        (line,) = page.html.select(".wall-run")
        assert " ".join(line.get_text(" ").split()) == f"{running.tag} 75 % Relit · 3 erreurs encore environ 17 min"
        assert line["data-tone"] == "stop"
        ends = [
            [one.select_one(".tag").text for one in part.select("li")]
            for part in page.html.select(".wall-ends section")
        ]
        assert ends == [[proven.tag], [failed.tag]]
    assert "Aucun disque en cours" in enter(cast.noor).get("/bench/wall/wipes")


@pytest.mark.parametrize(
    "page", ["", "/triage", "/diagnosis", "/reinstall", "/release", "/hold", "/drives", "/dismantle", "/shelf"]
)
def test_noor_finds_nothing_on_our_bench(session: Session, cast: Cast, enter: Enter, page: str) -> None:
    machine = here(session, cast, State.REINSTALLED)
    enter(cast.noor).get(f"/bench/{machine.tag}{page}", status=404)
