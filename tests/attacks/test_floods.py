"""A flood of sessions and reports is bounded and told when to come back; an honest bench loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench import sessions
from ordi.bench.sessions import BenchSession, adopt
from ordi.machines.evidence import Evidence
from ordi.machines.lifecycle import State
from tests.cast import Cast
from tests.factories import a_machine
from tests.web.test_api import Speaker, disks, dmi, inventory


def report() -> dict[str, object]:
    """An honest inventory."""
    return inventory(dmidecode=dmi(), lsblk=disks("D1"))


def test_sessions_that_wait_are_bounded_and_the_next_is_told_when_to_come_back(
    visitor: TestApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session: Session, later: Callable[..., None]
) -> None:
    monkeypatch.setattr(sessions, "MOST_WAITING", 3)
    benches = [Speaker(visitor, tmp_path) for _ in range(4)]
    assert [one.hello().status_int for one in benches] == [201, 201, 201, 429]
    refused = benches[3].hello()
    assert (refused.json["code"], refused.headers["Retry-After"]) == ("too-many-waiting", "600")
    assert session.scalar(select(func.count()).select_from(BenchSession)) == 3
    later(hours=1, seconds=1)
    assert benches[3].hello().status_int == 201


def test_a_session_adopted_gives_its_place_back(
    visitor: TestApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session: Session, cast: Cast, now: datetime
) -> None:
    monkeypatch.setattr(sessions, "MOST_WAITING", 1)
    first, second = Speaker(visitor, tmp_path), Speaker(visitor, tmp_path)
    assert (first.hello().status_int, second.hello().status_int) == (201, 429)
    bench = session.scalars(select(BenchSession)).one()
    adopt(session, bench, a_machine(session, cast, State.RECEIVED), bench.fingerprint, by=cast.sam, at=now)
    session.commit()
    assert second.hello().status_int == 201


def test_the_same_hello_again_is_answered_however_many_wait(speaker: Speaker, monkeypatch: pytest.MonkeyPatch) -> None:
    first = speaker.hello()
    monkeypatch.setattr(sessions, "MOST_WAITING", 0)
    assert speaker.hello(session=first.json["session"]).status_int == 201


def test_one_session_leaves_so_many_reports_and_no_more_until_it_is_adopted(
    speaker: Speaker, session: Session, cast: Cast, now: datetime
) -> None:
    speaker.hello()
    told = [speaker.post("/api/v1/evidence", report()).status_int for _ in range(sessions.MOST_REPORTS)]
    assert set(told) == {201}
    one_more = report()
    refused = speaker.post("/api/v1/evidence", one_more)
    assert (refused.status_int, refused.json["code"], refused.headers["Retry-After"]) == (429, "too-much-left", "60")
    assert session.scalar(select(func.count()).select_from(Evidence)) == sessions.MOST_REPORTS
    bench = session.scalars(select(BenchSession)).one()
    adopt(session, bench, a_machine(session, cast, State.RECEIVED), bench.fingerprint, by=cast.sam, at=now)
    session.commit()
    assert speaker.post("/api/v1/evidence", one_more).status_int == 201


def test_a_report_sent_again_costs_nothing(speaker: Speaker, session: Session) -> None:
    speaker.hello()
    told = report()
    answers = [speaker.post("/api/v1/evidence", told).status_int for _ in range(sessions.MOST_REPORTS + 3)]
    assert answers == [201, *[200] * (sessions.MOST_REPORTS + 2)]
    assert session.scalars(select(BenchSession)).one().reports == 1


def test_the_bytes_that_waiting_sessions_leave_together_are_bounded(
    visitor: TestApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST_WAITING_BYTES", 2000)
    benches = [Speaker(visitor, tmp_path) for _ in range(3)]
    answers = []
    for one in benches:
        one.hello()
        answers.append(one.post("/api/v1/evidence", report()))
    assert answers[0].status_int == 201
    assert answers[2].status_int == 429
    assert answers[2].json["code"] == "too-many-waiting"


def test_the_bytes_of_one_session_are_bounded(speaker: Speaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_REPORT_BYTES", 100)
    speaker.hello()
    assert speaker.post("/api/v1/evidence", report()).json["code"] == "too-much-left"
