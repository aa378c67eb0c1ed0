"""What a technician reads before and during a wipe: steps, level, time, what stands in the way; rate, time left, errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench.intake import receive
from ordi.bench.jobs import Phase, order_wipe, running_in
from ordi.bench.plan import Plan, Step
from ordi.bench.sessions import BenchSession
from ordi.bench.techniques import Level, Technique
from ordi.machines.drive import open_sightings
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.bench.benches import Bench
from tests.bench.test_plans import GB, ata, inventory
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.web.conftest import form_to
from web.bench.pace import pace_of, percent_of

Enter = Callable[[Person], TestApp]

pytestmark = pytest.mark.usefixtures("app")


def at_the_bench(
    session: Session, cast: Cast, capabilities: dict[str, Any], **more: Any
) -> tuple[Machine, BenchSession]:
    """A machine adopted by Sam, with an SSD that says what it can do."""
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    bench = Bench(session, NOW).adopted(machine, cast.sam)
    told = inventory(capabilities, more.get("controllers", []))
    receive(session, told, json.dumps(told).encode(), sender=bench, at=NOW)
    session.commit()
    return machine, bench


def test_the_plan_is_told_step_by_step_with_its_level_and_time(session: Session, cast: Cast, enter: Enter) -> None:
    machine, _ = at_the_bench(session, cast, ata("block-erase"))
    page = enter(cast.sam).get(f"/machines/{machine.tag}/wipe")
    steps = [" ".join(step.text.split()) for step in page.html.select(".thread li")]
    assert steps == [
        "Le disque s’efface lui-même environ 2 min",
        "Tout le disque est réécrit environ 22 min",
        "Chaque octet est relu environ 22 min",
        "64 endroits tirés au sort sont contrôlés",
    ]
    facts = [one.text for one in page.html.select(".drive dd")]
    assert "Purge" in facts
    assert "environ 46 min" in facts
    page.forms[next(n for n, f in page.forms.items() if f.action.endswith("/wipe"))].submit().follow()
    session.expire_all()
    assert [job.technique for job in running_in(session, machine)] == [Technique.ATA_BLOCK_ERASE]


@pytest.mark.parametrize(
    ("capabilities", "what", "mend"),
    [
        (ata(locked=True, enabled=True), "verrouillé par un mot de passe", "détruisez"),
        ({"card": True}, "carte mémoire", "détruisez-la"),
    ],
)
def test_what_stands_in_the_way_is_told_with_what_to_do(
    session: Session, cast: Cast, enter: Enter, capabilities: dict[str, Any], what: str, mend: str
) -> None:
    machine, _ = at_the_bench(session, cast, capabilities)
    sam = enter(cast.sam)
    page = sam.get(f"/machines/{machine.tag}/wipe")
    assert what in page
    assert mend in page
    assert not page.html.select(".dock .next")
    token = form_to(sam.get("/machines"), "/sign-in/language")["csrf_token"].value
    sam.post(f"/machines/{machine.tag}/wipe", {"csrf_token": token}, status=409)
    assert running_in(session, machine) == []


def test_what_somebody_may_agree_to_first_is_offered_and_carried_into_the_job(
    session: Session, cast: Cast, enter: Enter
) -> None:
    hides = {"hidden": {"visible": 976562500, "native": 976564613}}
    machine, _ = at_the_bench(session, cast, ata(enhanced=False) | hides)
    (sighting,) = open_sightings(session, machine)
    sam = enter(cast.sam)
    page = sam.get(f"/machines/{machine.tag}/wipe")
    (box,) = page.html.select("[type=checkbox][form=wipe]")
    assert (box["name"], box["value"]) == (f"before-{sighting.drive_id}", "reveal")
    assert "Lever la zone cachée" in page
    assert page.html.select_one("form#wipe .next")
    told = {"csrf_token": page.html.select_one("[name=csrf_token]")["value"]}
    sam.post(f"/machines/{machine.tag}/wipe", told, status=409)
    sam.post(f"/machines/{machine.tag}/wipe", told | {box["name"]: "reveal"}, status=302)
    session.expire_all()
    (job,) = running_in(session, machine)
    assert (job.prepare, job.whole_bytes) == ("reveal", 976564613 * 512)


def test_a_raid_mode_that_hides_drives_is_told_first(session: Session, cast: Cast, enter: Enter) -> None:
    hides = [{"class": "0x010400", "driver": None, "remapped_nvme": 0}]
    machine, _ = at_the_bench(session, cast, {}, controllers=hides)
    page = enter(cast.sam).get(f"/machines/{machine.tag}/wipe")
    assert "choisissez AHCI" in page.html.select_one(".notice").text


def test_a_running_wipe_shows_its_rate_what_is_left_and_its_errors(session: Session, cast: Cast, enter: Enter) -> None:
    machine, bench = at_the_bench(session, cast, {})
    (sighting,) = open_sightings(session, machine)
    job = order_wipe(session, bench, sighting.drive, by=cast.sam, at=NOW)
    job.phase, job.phase_at, job.heard_at = Phase.WRITING, NOW - timedelta(seconds=100), NOW
    job.done_bytes, job.errors = 25 * GB, 3
    session.commit()
    text = " ".join(enter(cast.sam).get(f"/machines/{machine.tag}/wipe").html.text.split())
    assert "250 Mo par seconde, encore environ 65 min" in text
    assert "3 endroits illisibles" in text


PLAN = Plan(Technique.ATA_BLOCK_ERASE, Level.PURGE, (Step("erase", 2), Step("write", 9), Step("read", 9)))


@pytest.mark.parametrize(
    ("phase", "done", "percent"),
    [
        (Phase.OPEN, 0, 0),
        (Phase.ERASING, GB, 10),
        (Phase.WRITING, 0, 10),
        (Phase.READING, 0, 55),
        (Phase.READING, GB, 99),
        (Phase.COMMITTED, GB, 99),
    ],
)
def test_how_far_weighs_each_step_by_its_time(
    session: Session, cast: Cast, phase: Phase, done: int, percent: int
) -> None:
    machine, bench = at_the_bench(session, cast, {})
    (sighting,) = open_sightings(session, machine)
    job = order_wipe(session, bench, sighting.drive, by=cast.sam, at=NOW)
    job.phase, job.done_bytes = phase, done
    assert percent_of(job, GB, PLAN) == percent
    assert pace_of(job, GB) is None
