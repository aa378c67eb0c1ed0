"""Two acts that wait for each other: PostgreSQL gives one up, and its person is told to try again."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ordi.keys import KeyRing
from ordi.machines.journal import lock
from ordi.machines.machine import Machine
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.races.meeting import PATIENCE_S, Meeting
from web import create_app
from web.settings import Settings

pytestmark = pytest.mark.postgresql


def test_the_one_given_up_is_answered_like_one_who_came_too_late(meeting: Meeting, tmp_path: Path) -> None:
    numbers = [a_machine(meeting.session, meeting.cast).id for _ in range(2)]
    meeting.session.commit()
    given_up: list[OperationalError] = []

    def wants(session: Session, number: int) -> None:
        try:
            lock(session, session.get_one(Machine, number))
        except OperationalError as error:
            given_up.append(error)
        session.rollback()

    with meeting.sessions() as here, meeting.sessions() as there:
        lock(here, here.get_one(Machine, numbers[0]))
        lock(there, there.get_one(Machine, numbers[1]))
        other = threading.Thread(target=wants, args=(there, numbers[0]))
        other.start()
        wants(here, numbers[1])
        other.join(PATIENCE_S)
    (error,) = given_up
    settings = Settings(data_dir=tmp_path, database_url="sqlite://", keys_dir=tmp_path / "keys")
    ring = KeyRing.open(settings.keys_dir, at=NOW)
    app = create_app(settings, sessions=lambda _reads: meeting.sessions(), ring=ring)
    with app.test_request_context("/api/v1/evidence"):
        answer = app.make_response(app.handle_user_exception(error))
    assert answer.status_code == 409
    assert json.loads(answer.data)["code"] == "someone-just-did-this"
