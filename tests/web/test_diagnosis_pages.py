"""Diagnosis by thumb: what is measured is told, a lock has its letter, photographs and the machine's own page of trials."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session
from webtest import TestApp, Upload

from ordi.bench.diagnosis import diagnose, questions
from ordi.bench.measuring import measure
from ordi.bench.photos import photos_of
from ordi.bench.trials import open_trial
from ordi.machines.checks import Check, How, Result, answered
from ordi.machines.fitted import Fitted
from ordi.machines.lifecycle import State
from ordi.machines.machine import Form, Machine
from ordi.parties.people import Person
from tests.bench.photographs import a_photograph
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.ground.spaces import Spaced
from tests.web.test_bench_pages import again, here, press

Enter = Callable[[Person], TestApp]

pytestmark = pytest.mark.usefixtures("app")

TOLD = Fitted(battery_wear=23, battery_cycles=412, cameras=1, wifi_networks=7, wpbt=True, usb_ports=3)


def tried(session: Session, cast: Cast, machine: Machine, **found: Result) -> None:
    all_good = dict.fromkeys(questions(machine), Result.GOOD)
    told = {Check(name): result for name, result in found.items()}
    diagnose(session, machine, all_good | told, by=cast.sam, at=NOW)
    session.commit()


def test_what_the_machine_said_stands_beside_its_question(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.SANITISED, form=Form.LAPTOP)
    measure(session, machine, TOLD, by=cast.sam, at=NOW)
    session.commit()
    sam = enter(cast.sam)
    assert "Usure 23 %, 412 cycles" in sam.get(f"/bench/{machine.tag}/diagnosis?check=battery").text
    assert "7 réseaux Wi-Fi entendus" in sam.get(f"/bench/{machine.tag}/diagnosis?check=network").text
    assert "Une caméra vue" in sam.get(f"/bench/{machine.tag}/diagnosis?check=camera").text
    assert "installe un programme dans Windows" in sam.get(f"/bench/{machine.tag}/diagnosis?check=tracker_lock").text
    page = sam.get(f"/bench/{machine.tag}/diagnosis")
    measures = [line.text for line in page.html.select(".lines li") if "mesuré" in line.text]
    assert len(measures) == 2


def test_a_lock_leads_to_a_letter_with_the_serial(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.SANITISED)
    machine.serial = "PF1XYZ42"
    session.commit()
    page = press(enter(cast.sam).get(f"/bench/{machine.tag}/diagnosis?check=mdm_lock"), result="failed").follow()
    letter = page.html.select_one("textarea").text
    assert "PF1XYZ42" in letter
    assert machine.tag in letter
    assert "Autopilot" in letter


def test_a_locked_machine_says_at_the_shelf_what_to_do(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.REINSTALLED)
    tried(session, cast, machine, bios_lock=Result.FAILED)
    page = enter(cast.sam).get(f"/bench/{machine.tag}/release")
    assert "est verrouillé par son ancien propriétaire" in page.text
    assert "Demandez au donateur de lever le verrou" in page.text


def test_the_category_shows_its_rule_and_goes_lower_with_a_reason(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.SANITISED)
    tried(session, cast, machine, screen=Result.WORN)
    sam = enter(cast.sam)
    page = sam.get(f"/bench/{machine.tag}/diagnosis")
    assert "La règle. Rien d’usé : A." in page.text
    assert [one["value"] for one in page.html.select("button[name=grade]")] == ["B", "C"]
    form = next(form for form in page.forms.values() if "grade" in form.fields)
    form["below"] = "scratched"
    form.submit("grade", value="C").follow()
    assert again(session, machine).grade == "C"
    page = sam.get(f"/machines/{machine.tag}")
    assert "La règle proposait B." in page.text
    assert "Coque rayée" in page.text


def test_a_machine_says_what_it_is_good_for(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.SANITISED, memory_bytes=8 * 1024**3)
    machine.processor = "Intel Core i5-8350U"
    measure(session, machine, Fitted(cores=8, tpm=2, uefi=True), by=None, at=NOW)
    tried(session, cast, machine, camera=Result.ABSENT)
    page = enter(cast.sam).get(f"/machines/{machine.tag}")
    lines = [" ".join(line.text.split()) for line in page.html.select("[aria-labelledby=uses] .lines li")]
    assert any(line.startswith("Bureautique et courriel") and line.endswith("Oui") for line in lines)
    assert any("Visioconférence" in line and "Il manque : caméra" in line for line in lines)
    assert any("Windows 11" in line for line in lines)


def test_a_photograph_is_taken_seen_and_removed(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.SANITISED)
    sam = enter(cast.sam)
    page = sam.get(f"/bench/{machine.tag}/photos")
    form = next(form for form in page.forms.values() if "photo" in form.fields)
    form["photo"] = Upload("photo.jpg", a_photograph(), "image/jpeg")
    page = form.submit().follow()
    picture = page.html.select_one("img.photo")["src"]
    assert sam.get(picture).content_type == "image/jpeg"
    assert picture in sam.get(f"/machines/{machine.tag}").text
    press(page, why="blurred").follow()
    assert photos_of(session, machine) == []
    sam.get(picture, status=404)


def test_the_page_of_trials_asks_and_tells_with_its_key(session: Session, cast: Cast, app: object) -> None:
    machine = here(session, cast, State.SANITISED, form=Form.LAPTOP)
    key = open_trial(session, machine, by=cast.sam, at=NOW)
    session.commit()
    visitor = TestApp(Spaced(app))
    bearer = {"Authorization": f"Bearer {key}"}
    told = visitor.get("/api/v1/trial", headers=bearer).json
    assert set(told) == {"tag", "form", "asked", "found"}
    assert told["asked"] == ["keyboard", "screen", "pointer", "touch", "sound", "microphone", "camera"]
    body = json.dumps({"check": "sound", "result": "worn"})
    said = visitor.post("/api/v1/trial", body, headers=bearer, content_type="application/json", status=201)
    assert said.json["found"] == {"sound": "worn"}
    session.expire_all()
    assert answered(session, machine)[Check.SOUND].how == How.BROWSER
    for wrong in ({"check": "memory", "result": "good"}, {"check": "sound", "result": "perfect"}, {"check": "sound"}):
        visitor.post(
            "/api/v1/trial", json.dumps(wrong), headers=bearer, content_type="application/json", status=[400, 422]
        )
    for other in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {key}"}):
        visitor.get("/api/v1/trial", headers=other, status=401)
        visitor.post("/api/v1/trial", body, headers=other, content_type="application/json", status=401)


def test_the_key_stands_behind_the_hash_of_an_address_and_the_page_may_listen(
    session: Session, cast: Cast, enter: Enter
) -> None:
    machine = here(session, cast, State.SANITISED)
    sam = enter(cast.sam)
    page = sam.get(f"/bench/{machine.tag}/diagnosis?check=screen")
    form = next(form for form in page.forms.values() if form.action.endswith("/trial"))
    address = form.submit().html.select_one(".trial-address").text
    path, _, key = address.partition("#")
    assert path.endswith("/T")
    assert len(key) == 32
    answer = sam.get("/T")
    assert "microphone=(self)" in answer.headers["Permissions-Policy"]
    assert "microphone=()" in sam.get("/bench").headers["Permissions-Policy"]
