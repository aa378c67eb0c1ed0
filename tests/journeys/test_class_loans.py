"""The end of a class's loans, by keyboard: one press writes to all, each coupon is a name, Enter, Enter."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from ordi.keys import KeyRing
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.sharing.class_desks import Sent, serve
from ordi.sharing.class_lists import ClassPupil, file_list, open_list
from ordi.sharing.class_reading import read
from ordi.sharing.loan_ends import LoanEnd
from ordi.sharing.programmes import write
from ordi.sharing.rules import Rules
from tests.factories import a_machine
from tests.journeys.workshop import PASSWORD, NewPage, Workshop, cast_of, enter
from tests.sharing.classes import ink
from web.settings import Settings
from web.sign_in.accounts import open_account

pytestmark = pytest.mark.browser

TEXT = "CM2;Amina Canari;Fatou Canari\nCM2;Léo Mésange;Anne Mésange\nCM2;Zoé Pinson;Luc Pinson"


def _lent(workshop: Workshop) -> int:
    """Three machines of a class whose loans end in a month: the list."""
    keys = Settings.from_environment(workshop.server.environment).keys_dir
    with workshop.session() as session:
        cast: Any = cast_of(session)
        at = datetime.now(UTC)
        open_account(session, cast.ada, "ada", PASSWORD, at=at)
        told: dict[str, Any] = {"contract": "loan", "loan_ends": at.date() + timedelta(days=30), "may_keep": True}
        rules = Rules(code="cm2", name="CM2", open_from=date(2020, 1, 1), **told)
        programme = write(session, cast.workshop.parent, rules, at=at)
        how: dict[str, Any] = {"attested": (), "form_uuid": "f" * 36, "by": cast.ines, "at": at}
        sealer = KeyRing.open(keys, at=at).sealer()
        made = file_list(session, cast.partner, programme, "École", read(TEXT).lines, sealer=sealer, **how).the_list
        open_list(session, made, by=cast.ada, at=at)
        pupils = session.scalars(select(ClassPupil).order_by(ClassPupil.id)).all()
        for number, pupil in enumerate(pupils):
            machine = a_machine(session, cast, State.READY, at=at)
            act = Sent(f"{number:036d}", "1", ((pupil.id, machine.tag),), ink(), at)
            serve(session, made, act, by=cast.ines, at=at)
        return made.id


def _type_in(page: Page, name: str, *, steps: int) -> None:
    """A coupon: the box is waiting, then the answer so many tabs on."""
    expect(page.locator("#coupon")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Le garde, nouvelles : oui")).to_be_focused()
    for _step in range(steps):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_a_class_is_written_to_and_its_coupons_are_typed_in_without_a_mouse(
    own_workshop: Workshop, new_page: NewPage
) -> None:
    number = _lent(own_workshop)
    page = enter(new_page(), own_workshop.server.url, "ada", then=f"/classes/{number}/loans")
    page.get_by_role("button", name=re.compile("Écrire à 3 familles")).click()
    page.wait_for_url("**/messages/letters/*")
    pdf = page.get_by_role("link", name=re.compile("Les lettres")).get_attribute("href")
    assert page.request.get(f"{own_workshop.server.url}{pdf}").body().startswith(b"%PDF")

    page.goto(f"{own_workshop.server.url}/classes/{number}/loans")
    _type_in(page, "amima", steps=0)
    expect(page.get_by_text("est gardé : son papier de don est prêt")).to_be_visible()
    _type_in(page, "mesange", steps=2)
    expect(page.get_by_text("sera rendu : scannez-le quand il revient")).to_be_visible()
    page.get_by_role("link", name=re.compile("Sans réponse")).click()
    expect(page.locator("ul.lines")).to_contain_text("Zoé Pinson")
    expect(page.locator("ul.lines > li")).to_have_count(1)
    with own_workshop.session() as session:
        ends = session.scalars(select(LoanEnd).order_by(LoanEnd.allocation_id)).all()
        assert [one.answer for one in ends] == ["keep", "return", ""]
        assert session.scalars(select(Machine.state).distinct()).all() == [State.HANDED_OVER]
