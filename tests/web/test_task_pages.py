"""What is left to do, by thumb."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench.diagnosis import check
from ordi.bench.tasks import Outcome, Work, open_task, open_tasks, tasks_of
from ordi.machines.checks import Check, Result
from ordi.machines.lifecycle import State
from ordi.parties.people import Person
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.web.test_bench_pages import again, here, press

Enter = Callable[[Person], TestApp]

pytestmark = pytest.mark.usefixtures("app")


def test_a_part_that_is_found_is_tried_at_once(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.SANITISED)
    open_task(session, machine, Work.PART, Check.KEYBOARD, by=cast.sam, at=NOW)
    session.commit()
    page = enter(cast.kim).get(f"/bench/{machine.tag}").click(href="/tasks$", index=0)
    assert page.html.select_one("section h2").text == "Trouver la pièce : clavier"
    done = next(form for form in page.forms.values() if "outcome" in form.fields and form["outcome"].value == "done")
    page = done.submit().follow()
    assert page.html.select_one(".question").text == "Toutes les touches répondent-elles ?"
    assert open_tasks(session, again(session, machine)) == []


def test_a_machine_s_page_says_what_is_left_to_do(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.SANITISED)
    path = f"/machines/{machine.tag}"
    assert enter(cast.sam).get(path).html.select_one("[aria-labelledby=left-to-do]") is None
    for what in (Check.KEYBOARD, Check.BATTERY):
        open_task(session, machine, Work.PART, what, by=cast.sam, at=NOW)
    session.commit()
    for who, opens in ((cast.sam, True), (cast.ada, False)):
        panel = enter(who).get(path).html.select_one("[aria-labelledby=left-to-do]")
        assert panel
        said = [line.select_one("span:last-of-type").text for line in panel.select("li")]
        assert said == ["Trouver la pièce : clavier", "Trouver la pièce : batterie"]
        assert bool(panel.select_one(f'a[href="/bench/{machine.tag}/tasks"]')) is opens
    enter(cast.kim).get(path).click(href=f"/bench/{machine.tag}/tasks$", index=0)


def test_a_task_is_given_up_for_a_reason(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.SANITISED)
    open_task(session, machine, Work.PART, Check.BATTERY, by=cast.sam, at=NOW)
    session.commit()
    page = press(enter(cast.sam).get(f"/bench/{machine.tag}/tasks"), why="no_part").follow()
    assert "Pièce introuvable" in page.text
    assert [one.outcome for one in tasks_of(session, again(session, machine))] == [Outcome.DROPPED]


def test_what_still_works_may_be_repaired_too(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.SANITISED)
    form = next(
        form for form in enter(cast.sam).get(f"/bench/{machine.tag}/tasks").forms.values() if "what" in form.fields
    )
    form["what"] = "battery"
    form.submit().follow()
    assert [(one.kind, one.what) for one in open_tasks(session, machine)] == [("repair", "battery")]


def test_the_workshop_sees_what_is_left_and_sorts_it(session: Session, cast: Cast, enter: Enter) -> None:
    machine = here(session, cast, State.SANITISED)
    check(session, machine, Check.SCREEN, Result.FAILED, by=cast.sam, at=NOW)
    open_task(session, machine, Work.PART, Check.SCREEN, by=cast.sam, at=NOW)
    session.commit()
    sam = enter(cast.sam)
    assert "2 tâches" in sam.get("/bench").text
    page = sam.get("/bench/tasks")
    assert [one.text for one in page.html.select(".lines a")] == ["Réparer : écran", "Trouver la pièce : écran"]
    page = sam.get("/bench/tasks?kind=part")
    assert [one.text for one in page.html.select(".lines a")] == ["Trouver la pièce : écran"]
