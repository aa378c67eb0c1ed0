"""A wipe that its drive belies, as people see it: the machine's page, the fleet's alerts, the quarantine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.journeys.news import take_news
from ordi.machines.quarantine import Quarantine
from ordi.parties.people import Person
from tests.bench.test_late_contradictions import HOURS, a_wiped, inventory, out
from tests.cast import Cast
from tests.fleet.news import a_drive_told, enrolled, news

Enter = Callable[[Person], TestApp]
pytestmark = pytest.mark.usefixtures("app")


def test_a_belied_wipe_is_red_on_its_machines_page_and_says_the_numbers(
    session: Session, cast: Cast, now: datetime, enter: Enter
) -> None:
    machine, drive = a_wiped(session, cast, now)
    inventory(session, cast, machine, drive, now + timedelta(days=1), hours=12)
    session.commit()
    page = enter(cast.lou).get(f"/machines/{machine.tag}")
    assert "le disque dément son effacement" in page
    assert f"{HOURS} à l’effacement, 12 le" in page.text
    assert "plus rien n’est prouvé" in page
    assert [one["data-tone"] for one in page.html.select(".drives .drive")] == ["stop"]
    opened = session.scalars(select(Quarantine)).one()
    assert "plus bas qu’à l’effacement" in enter(cast.ada).get(f"/bench/quarantines/{opened.id}")


def test_a_check_in_with_fewer_hours_is_an_alert_for_who_leads(
    session: Session, cast: Cast, now: datetime, enter: Enter
) -> None:
    machine, _ = out(session, cast, now - timedelta(days=30))
    enrolment = enrolled(session, cast, machine)
    told = news(session, machine, drives=[a_drive_told(session, machine, power_on_hours=1)])
    take_news(session, enrolment, uuid=str(uuid4()), counter=1, payload=told, at=now)
    session.commit()
    for who in (cast.lou, cast.ada):
        page = enter(who).get("/fleet")
        assert "Un disque dément son effacement" in page
        assert machine.tag in page
