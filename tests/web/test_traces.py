"""What a bug leaves in the log tells where it happened, and not one word of what was typed or of a row."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.parties.people import Person
from tests.cast import Cast
from tests.web.conftest import form_to
from web import worker
from web.session import db
from web.sharing import requests
from web.worker import DUTIES

Enter = Callable[[Person], TestApp]

NAME = "QzTypedCanary"


@pytest.fixture
def log(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that the application says, as on a server: a bug is logged there, not raised."""
    monkeypatch.setitem(app.config, "TESTING", False)
    said = io.StringIO()
    hand = logging.StreamHandler(said)
    app.logger.addHandler(hand)
    level = app.logger.level
    app.logger.setLevel(logging.DEBUG)
    yield said
    app.logger.removeHandler(hand)
    app.logger.setLevel(level)


def _quotes(*_given: object, **_more: object) -> None:
    """A bug whose words quote what was typed."""
    try:
        int(NAME)
    except ValueError as error:
        raise RuntimeError(f"no such family: {NAME}") from error


def test_a_bug_is_logged_by_place_and_kind_without_its_words(
    cast: Cast, enter: Enter, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, session: Session
) -> None:
    session.commit()
    form = form_to(enter(cast.ines).get("/sharing"), "/find")
    form["name"] = NAME
    monkeypatch.setattr(requests, "alike", _quotes)
    answer = form.submit(status=500)
    told = log.getvalue()
    assert "unexpected error on sharing.find" in told
    assert "builtins.RuntimeError" in told
    assert "builtins.ValueError" in told
    assert f'{__name__.rpartition(".")[2]}.py", line' in told
    assert NAME not in told
    assert NAME not in answer


def test_a_row_that_the_database_refuses_is_not_quoted(
    cast: Cast, enter: Enter, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, session: Session
) -> None:
    def refused(*_given: object, **_more: object) -> None:
        db().execute(text("insert into people (name, op_code, language) values (:name, 'OP-9', 'fr')"), {"name": NAME})

    session.commit()
    form = form_to(enter(cast.ines).get("/sharing"), "/find")
    form["name"] = NAME
    monkeypatch.setattr(requests, "alike", refused)
    form.submit(status=500)
    told = log.getvalue()
    assert "sqlalchemy.exc.IntegrityError" in told
    assert NAME not in told


def test_a_duty_that_fails_is_told_without_its_words(
    app: Flask, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "DUTIES", {"test": _quotes})
    worker.run_all(app)
    assert DUTIES, "the real ones are still there"
    told = log.getvalue()
    assert "the duty test failed" in told
    assert "builtins.RuntimeError" in told
    assert NAME not in told


def test_what_is_typed_in_the_scan_box_is_in_no_address(cast: Cast, enter: Enter, session: Session) -> None:
    session.commit()
    for person in (cast.ines, cast.ada, cast.sam):
        for page in ("/", "/machines/scan"):
            boxes = [form for form in enter(person).get(page).forms.values() if "/machines/search" in form.action]
            assert boxes
            for form in boxes:
                form["q"] = NAME
                answer = form.submit(status="*")
                assert form.method.upper() == "POST"
                assert NAME not in answer.request.url
                assert NAME not in answer.headers.get("Location", "")
