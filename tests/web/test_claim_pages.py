"""A log of nwipe in the browser and from the terminal: kept, told as declared, and nothing opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session
from webtest import TestApp, Upload

from ordi.machines.lifecycle import State
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_drive, a_machine

LOG = Path(__file__).parents[1] / "bench" / "nwipe" / "0.42.log"


def test_sam_keeps_a_log_and_reads_what_it_does_not_prove(
    session: Session, cast: Cast, enter: Callable[[Person], TestApp]
) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    a_drive(session, machine)
    session.commit()
    browser = enter(cast.sam)
    page = browser.get(f"/bench/{machine.tag}/drives").click("Effacé ailleurs")
    form = next(one for one in page.forms.values() if "log" in one.fields)
    form["log"] = Upload("nwipe.log", LOG.read_bytes(), "text/plain")
    kept = form.submit(status=302).follow()
    for said in ("déclaré", "WD-WCC2E4127733", "Erased", "Il n’ouvre rien"):
        assert said in kept
    assert "effacé, prouvé" not in kept
    raw = kept.click("Le journal, tel quel")
    assert raw.body == LOG.read_bytes()
    assert "attachment" in raw.headers["Content-Disposition"]
    assert "ne prouve rien" in browser.get(f"/machines/{machine.tag}")
    session.expire_all()
    assert machine.state == State.RECEIVED


def test_what_is_no_log_is_refused_with_what_to_do(
    session: Session, cast: Cast, enter: Callable[[Person], TestApp]
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    session.commit()
    page = enter(cast.sam).get(f"/bench/{machine.tag}/claims")
    form = next(one for one in page.forms.values() if "log" in one.fields)
    form["log"] = Upload("photo.jpg", b"\xff\xd8\xff", "image/jpeg")
    assert "n’est pas un journal de nwipe" in form.submit(status=409)
