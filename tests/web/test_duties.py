"""What the worker does by itself: one that fails is noted, told to who runs the network, and does not stop the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.fleet.check_ins import CheckIn
from ordi.parties.people import Person
from tests.cast import Cast
from tests.fleet.news import enrolled, news, tell
from tests.sharing.families import handed_over
from web.settings import Settings
from web.worker import DUTIES, SENDERS, DutyRun, run_all

Enter = Callable[[Person], TestApp]


@pytest.fixture(autouse=True)
def nothing_noted(app: Flask) -> None:
    """As when the worker starts."""
    app.extensions.pop("ordi-duties-noted", None)


@pytest.fixture
def a_broken_duty(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that always fails, before all others."""

    def breaks(_session: Session, _settings: Settings, _at: datetime) -> int:
        raise ValueError("Amina Diallo")

    monkeypatch.setattr("web.worker.DUTIES", {"broken": breaks} | DUTIES)


@pytest.mark.usefixtures("a_broken_duty")
def test_a_duty_that_fails_is_noted_without_its_words_and_the_others_are_done(app: Flask, session: Session) -> None:
    done = run_all(app)
    runs = {run.name: run for run in session.scalars(select(DutyRun))}
    assert (done["broken"], set(runs)) == (0, set(done))
    assert (runs["broken"].failure, runs["broken"].good_at) == ("ValueError", None)
    assert {run.failure for name, run in runs.items() if name != "broken"} == {""}


@pytest.mark.usefixtures("a_broken_duty")
def test_the_administrator_sees_it_until_it_goes_well_again(
    app: Flask, session: Session, cast: Cast, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_all(app)
    page = enter(cast.zoe).get("/administration")
    assert "Une tâche de fond échoue : broken." in page
    assert "Amina" not in page
    monkeypatch.setattr("web.worker.DUTIES", {"broken": lambda *_: 0})
    run_all(app)
    assert "Une tâche de fond échoue" not in enter(cast.zoe).get("/administration")


def test_check_ins_past_their_term_are_forgotten_by_the_worker(
    app: Flask, session: Session, cast: Cast, now: datetime
) -> None:
    given = handed_over(session, cast)
    enrolment = enrolled(session, cast, given.machine)
    tell(session, enrolment, news(session, given.machine), at=now - timedelta(days=91))
    kept = tell(session, enrolment, news(session, given.machine), at=now)
    session.commit()
    assert run_all(app)["old check-ins"] == 1
    assert list(session.scalars(select(CheckIn.id))) == [kept.id]


def test_what_is_sent_is_sent_after_what_is_written_whichever_room_was_opened_first(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for order in (list(DUTIES), list(reversed(DUTIES))):
        monkeypatch.setattr("web.worker.DUTIES", {name: DUTIES[name] for name in order})
        done = list(run_all(app))
        assert set(done[-len(SENDERS) :]) == SENDERS == {"messages", "label printings"}
