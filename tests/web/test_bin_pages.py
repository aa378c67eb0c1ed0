"""Bins by thumb: scan a bin, scan a machine; what waits is proposed, what is short can be printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench.bins import Bin, followed_in, inside, open_bin
from ordi.bench.diagnosis import check
from ordi.bench.part_kinds import Family, PartKind, kind_of
from ordi.bench.part_moves import Origin, put_in
from ordi.bench.shortages import least_of, wait_for
from ordi.bench.waits import waits_of
from ordi.machines.checks import Check, Result
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]
pytestmark = pytest.mark.usefixtures("app")


def stocked(session: Session, cast: Cast, count: int = 3) -> tuple[Bin, PartKind]:
    box = open_bin(session, cast.workshop, "Barrettes", "P1", by=cast.sam, at=NOW)
    kind = kind_of(session, Family.MEMORY, {"type": "DDR3", "shape": "sodimm", "gb": "4"})
    put_in(session, box, kind, Origin.DONATED, count=count, by=cast.sam, at=NOW)
    session.commit()
    return box, kind


def left_in(session: Session, box: Bin) -> int:
    session.expire_all()
    return sum(heap.count for heap in inside(session, box))


def test_a_bin_then_a_machine_is_all_it_takes_to_fit(session: Session, cast: Cast, enter: Enter) -> None:
    box, kind = stocked(session, cast)
    machine = a_machine(session, cast, State.SANITISED)
    session.commit()
    page = enter(cast.sam).get("/bins")
    form = form_to(page, "/bins/scan")
    form["tag"] = box.tag
    page = form.submit().follow().click(href=f"/take/{kind.id}$")
    form = page.forms["take"]
    form["to"] = f"https://ordi.example/M/{machine.tag}"
    page = form.submit().follow()
    assert "Barrette DDR3, portable, 4 Go" in page.text
    assert left_in(session, box) == 2
    form = form_to(enter(cast.sam).get("/bins"), "/bins/scan")
    form["tag"] = machine.tag
    assert form.submit().location.endswith(f"/bins/of/{machine.tag}")


def test_a_machine_gives_a_part_to_a_bin_and_nothing_is_typed_but_scanned(
    session: Session, cast: Cast, enter: Enter
) -> None:
    box, _kind = stocked(session, cast)
    machine = a_machine(session, cast, State.DISMANTLED)
    session.commit()
    page = enter(cast.sam).get(f"/bins/of/{machine.tag}").click(href="/keyboard$")
    form = page.forms["out"]
    assert form["fits"].value == "Dell Latitude 5490"
    form["to"] = box.tag
    form.submit().follow()
    assert left_in(session, box) == 4


def test_a_part_that_comes_in_is_proposed_to_who_waits_for_it(session: Session, cast: Cast, enter: Enter) -> None:
    box, kind = stocked(session, cast)
    machine = a_machine(session, cast, State.SANITISED)
    battery = kind_of(session, Family.BATTERY, {"fits": "Dell Latitude 5490"})
    wait_for(session, machine, battery, by=cast.sam, at=NOW)
    session.commit()
    sam = enter(cast.sam)
    form = next(form for form in sam.get(f"/bins/{box.tag}/add?family=battery").forms.values() if "fits" in form.fields)
    form["fits"] = "Dell Latitude 5490"
    page = form.submit().follow()
    assert f"Monter dans {machine.tag}" in page.text
    page = sam.get(f"/bench/{machine.tag}")
    assert "Monter la pièce" in page.html.select_one(".dock").text
    page = page.click(href=f"/bins/of/{machine.tag}$", index=0)
    form_to(page, f"/fit/{battery.id}").submit().follow()
    session.expire_all()
    assert session.get_one(Machine, machine.id).held_for == ""
    assert kind.family == Family.MEMORY


def test_a_machine_waits_by_name_and_gives_up(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    session.commit()
    sam = enter(cast.sam)
    form = sam.get(f"/bins/of/{machine.tag}/memory").forms["out"]
    form["type"], form["shape"], form["gb"] = "DDR3", "sodimm", "4"
    form.action = f"/bins/of/{machine.tag}/wait"
    page = form.submit().follow()
    assert [wait.kind.told["gb"] for wait in waits_of(session, machine)] == ["4"]
    assert "Attend : Barrette DDR3, portable, 4 Go" in sam.get(f"/bench/{machine.tag}").text
    wanted = sam.get("/bins/wanted")
    assert machine.tag in wanted.text
    form_to(page, f"/give-up/{waits_of(session, machine)[0].kind_id}").submit()
    session.expire_all()
    assert waits_of(session, machine) == []


def test_a_form_sent_twice_lays_the_parts_in_once(session: Session, cast: Cast, enter: Enter) -> None:
    box, _kind = stocked(session, cast)
    page = enter(cast.sam).get(f"/bins/{box.tag}/add?family=wifi")
    form = next(form for form in page.forms.values() if "slot" in form.fields)
    form["slot"], form["count"] = "m2", "2"
    form.submit()
    form.submit(status=409)
    assert left_in(session, box) == 5


def test_a_count_by_thumb(session: Session, cast: Cast, enter: Enter) -> None:
    box, kind = stocked(session, cast)
    put_in(session, box, kind, Origin.FOUND, serial="M1", by=cast.sam, at=NOW)
    session.commit()
    page = enter(cast.sam).get(f"/bins/{box.tag}/count")
    form = next(form for form in page.forms.values() if f"kind-{kind.id}" in form.fields)
    form[f"kind-{kind.id}"] = "1"
    assert "3 pièces d’écart" in form.submit().follow().text
    assert left_in(session, box) == 1
    assert followed_in(session, box) == []


def test_parts_are_scrapped_moved_and_an_empty_bin_put_away(session: Session, cast: Cast, enter: Enter) -> None:
    box, kind = stocked(session, cast, 2)
    sam = enter(cast.sam)
    form = form_to(sam.get("/bins"), "/bins")
    form["name"], form["place"] = "Dalles", "p 9"
    form.submit()
    other = session.scalars(select(Bin).where(Bin.name == "Dalles")).one()
    assert other.place == "P 9"
    page = sam.get(f"/bins/{box.tag}/take/{kind.id}")
    form_to(page, f"/scrap/{kind.id}").submit("why", value="broken")
    form = sam.get(f"/bins/{box.tag}/take/{kind.id}").forms["take"]
    form["to"] = other.tag
    form.submit().follow()
    form_to(sam.get(f"/bins/{box.tag}"), f"/bins/{box.tag}/close").submit()
    session.expire_all()
    assert session.get_one(Bin, box.id).closed_at is not None
    assert left_in(session, other) == 1


def test_the_lead_says_the_least_and_reads_what_to_find(session: Session, cast: Cast, enter: Enter) -> None:
    box, kind = stocked(session, cast)
    lou = enter(cast.lou)
    form = form_to(lou.get(f"/bins/{box.tag}/take/{kind.id}"), f"/least/{kind.id}")
    form["least"] = "5"
    page = form.submit().follow()
    assert least_of(session, cast.workshop, kind) == 5
    assert "Barrette DDR3, portable, 4 Go" in page.text
    told = lou.get("/bins/wanted.csv")
    assert (
        'Barrette DDR3, portable, 4 Go";2;0;5;3;' in told.text or "Barrette DDR3, portable, 4 Go;2;0;5;3;" in told.text
    )


def test_the_lists_take_as_many_queries_however_long(
    session: Session, cast: Cast, enter: Enter, queries: Callable[[], Any]
) -> None:
    stocked(session, cast)
    sam = enter(cast.sam)

    def asked(path: str) -> int:
        sam.get(path)
        with queries() as counted:
            sam.get(path, status=200)
        return len(counted)

    before = {path: asked(path) for path in ("/bins", "/bins/wanted")}
    for number in range(6):
        _box, kind = stocked(session, cast)
        waiting = a_machine(session, cast, State.SANITISED)
        wait_for(session, waiting, kind, by=cast.sam, at=NOW + timedelta(minutes=number))
    session.commit()
    assert {path: asked(path) for path in before} == {"/bins": before["/bins"], "/bins/wanted": before["/bins/wanted"]}


def test_a_repair_by_thumb_leads_to_trying_again(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.SANITISED)
    check(session, machine, Check.SCREEN, Result.FAILED, by=cast.sam, at=NOW)
    session.commit()
    sam = enter(cast.sam)
    page = sam.get(f"/bench/{machine.tag}/tasks").click(href="/repair/")
    assert f"/bins/of/{machine.tag}/panel" in page.text
    form = next(form for form in page.forms.values() if "change" in form.fields)
    form["change"], form["minutes"] = "part", "30"
    assert form.submit().location.endswith(f"/bench/{machine.tag}/diagnosis?check=screen")
    assert "Réparé : écran" in sam.get(f"/bench/{machine.tag}").text
    assert "30" in sam.get("/bench/repairs").html.select_one("table").text


def test_a_bins_tag_scanned_anywhere_opens_it(session: Session, cast: Cast, enter: Enter) -> None:
    box, _kind = stocked(session, cast)
    sam = enter(cast.sam)
    assert sam.get("/machines/search", {"q": box.tag}).location.endswith(f"/bins/{box.tag}")
    form = form_to(sam.get("/bench"), "/bench/scan")
    form["tag"] = box.tag
    assert form.submit().location.endswith(f"/bins/{box.tag}")
    enter(cast.noor).get("/machines/search", {"q": box.tag}, status=200)


def test_the_four_lights_of_a_list_cost_one_query(
    session: Session, cast: Cast, enter: Enter, queries: Callable[[], Any]
) -> None:
    a_machine(session, cast, State.SANITISED)
    session.commit()
    sam = enter(cast.sam)

    def asked(path: str) -> int:
        sam.get(path)
        with queries() as counted:
            page = sam.get(path)
        assert page.html.select_one(".small-lights")
        return len(counted)

    before = [asked(path) for path in ("/bench", "/machines")]
    for state in (State.SANITISED, State.REINSTALLED, State.READY):
        a_machine(session, cast, state)
    session.commit()
    assert [asked(path) for path in ("/bench", "/machines")] == before


def test_a_bin_carries_a_label_whose_square_opens_it(session: Session, cast: Cast, enter: Enter) -> None:
    box, _kind = stocked(session, cast)
    sam = enter(cast.sam)
    page = sam.get(f"/bins/{box.tag}").click(href="/labels/")
    assert box.tag in page.text
    assert sam.get(f"/P/{box.tag}").location.endswith(f"/bins/{box.tag}")
    form = form_to(sam.get("/bins"), "/bins/scan")
    form["tag"] = f"HTTPS://ORDI.EXAMPLE/P/{box.tag}"
    assert form.submit().location.endswith(f"/bins/{box.tag}")
    enter(cast.noor).get(f"/P/{box.tag}", status=404)
