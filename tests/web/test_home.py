"""Home tells each person what waits for them; administration is the administrator's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.giving.offers import offer
from ordi.machines.lifecycle import State
from ordi.machines.machine import Form
from ordi.parties.people import Person, Role
from ordi.parties.tokens import ApiToken
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]

pytestmark = pytest.mark.usefixtures("app")


def titles(page: object) -> list[str]:
    return [b.text for b in page.html.select(".next b, .task b")]  # type: ignore[attr-defined]


def test_nothing_waits_on_the_first_day(cast: Cast, enter: Enter) -> None:
    for role in Role:
        assert "Rien ne vous attend" in enter(cast.of(role)).get("/").text


def test_the_bench_sees_machines_by_their_next_step(session: Session, cast: Cast, enter: Enter) -> None:
    a_machine(session, cast, State.RECEIVED)
    kept = a_machine(session, cast, State.RECEIVED, triage="keep")
    a_drive(session, kept)
    a_machine(session, cast, State.SANITISED)
    session.commit()
    assert titles(enter(cast.sam).get("/")) == ["À trier", "À effacer", "À réinstaller"]
    assert titles(enter(cast.noor).get("/")) == []


def test_the_coordinator_sees_offers_and_ready_machines(session: Session, cast: Cast, enter: Enter) -> None:
    a_machine(session, cast, State.READY)
    offer(session, cast.donor, {Form.LAPTOP: 10}, by=cast.bruno, at=NOW)
    session.commit()
    seen = titles(enter(cast.ada).get("/"))
    assert seen[0] == "Dons à décider"
    assert "Prêts à attribuer" in seen
    assert "Vos dons" in titles(enter(cast.bruno).get("/"))


@pytest.mark.parametrize("who", ["ines", "awa", "ada"])
def test_what_is_to_hand_over_leads_to_a_page_its_reader_may_open(
    session: Session, cast: Cast, enter: Enter, who: str
) -> None:
    a_machine(session, cast, State.ALLOCATED)
    session.commit()
    browser = enter(getattr(cast, who))
    home = browser.get("/")
    link = next(one["href"] for one in home.html.select("a.next, a.task") if "À remettre" in one.text)
    assert browser.get(link).status_int == 200


def test_home_sends_a_fixed_number_of_queries(
    session: Session, cast: Cast, enter: Enter, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    browser = enter(cast.ada)
    browser.get("/")
    counts = []
    for more in (1, 12):
        for _ in range(more):
            a_machine(session, cast, State.READY)
        session.commit()
        with queries() as sent:
            browser.get("/")
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_figures_hide_small_counts(session: Session, cast: Cast, enter: Enter) -> None:
    for _ in range(2):
        a_machine(session, cast, State.READY)
    session.commit()
    assert "moins de 5" in enter(cast.fanny).get("/figures").text


def test_an_administrator_welcomes_a_person_who_then_signs_in(cast: Cast, enter: Enter, visitor: TestApp) -> None:
    form = form_to(enter(cast.zoe).get("/administration/people/new"), "/people/new")
    form["name"], form["username"], form["password"] = "Nina Roy", "nina", "semelle orange fusain"
    form["role"], form["organisation"] = "technician", str(cast.workshop.id)
    page = form.submit().follow()
    assert "Nina Roy" in page.text
    door = form_to(visitor.get("/sign-in"), "/sign-in")
    door["username"], door["password"] = "nina", "semelle orange fusain"
    door.submit(status=302)
    assert "Nina Roy" in visitor.get("/").text


def test_a_role_that_does_not_fit_is_refused_and_nothing_is_changed(session: Session, cast: Cast, enter: Enter) -> None:
    form = form_to(enter(cast.zoe).get("/administration/people/new"), "/people/new")
    form["name"], form["username"], form["password"] = "Nina Roy", "nina", "semelle orange fusain"
    form["role"], form["organisation"] = "technician", str(cast.pole.id)
    answer = form.submit(status=409)
    assert "Rien n’a été changé" in answer.text
    session.expire_all()
    assert session.scalar(select(Person).where(Person.name == "Nina Roy")) is None


def test_someone_who_leaves_is_signed_out(cast: Cast, enter: Enter) -> None:
    sam = enter(cast.sam)
    form_to(enter(cast.zoe).get(f"/administration/people/{cast.sam.id}"), "/leave").submit(status=302)
    sam.get("/", status=302)


def test_a_role_is_given_and_ended(session: Session, cast: Cast, enter: Enter) -> None:
    zoe = enter(cast.zoe)
    form = form_to(zoe.get(f"/administration/people/{cast.vic.id}"), "/roles")
    form["role"], form["organisation"] = "driver", str(cast.workshop.id)
    page = form.submit().follow()
    assert "Chauffeur" in page.html.select_one(".lines").text
    line = next(line for line in page.html.select(".lines li") if "Chauffeur" in line.text)
    form_to(page, line.form["action"]).submit(status=302)
    session.expire_all()
    assert [held.role for held in cast.vic.current(NOW)] == ["volunteer"]


def test_a_token_is_shown_once(session: Session, cast: Cast, enter: Enter) -> None:
    zoe = enter(cast.zoe)
    form = form_to(zoe.get("/administration/tokens"), "/tokens")
    form["name"], form["organisation"] = "Parc du CCAS", str(cast.pole.id)
    form.set("scopes", True, index=0)
    page = form.submit(status=200)
    secret = page.html.select_one("code").text
    assert secret.startswith("ordi_")
    assert secret not in zoe.get("/administration/tokens").text
    assert secret not in session.scalars(select(ApiToken.secret_hash)).all()
    form_to(zoe.get("/administration/tokens"), "/revoke").submit(status=302)
    session.expire_all()
    assert not session.scalars(select(ApiToken)).one().in_force(NOW)


def test_the_auditor_reads_the_log_and_nothing_to_change(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.READY)
    session.commit()
    page = enter(cast.aude).get("/administration/log")
    assert machine.tag in page.text
    assert "Mis en stock, reconditionné" in page.text
    assert enter(cast.zoe).get("/administration/log").status_int == 200
