"""The application of the web tests, and somebody who sends files to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

import pytest
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from ordi.parties.tokens import make_token
from tests.cast import Cast
from tests.web.conftest import app, application, cast, enter, ground_of_app, later, queries, visitor

__all__ = ["app", "application", "cast", "enter", "ground_of_app", "later", "queries", "visitor"]

SendFile = Callable[..., TestResponse]


@pytest.fixture
def bearer(session: Session, app: object, cast: Cast, now: datetime) -> dict[str, str]:
    """A bench's token that Sam answers for."""
    _, secret = make_token(session, "établi 1", ["evidence:write"], cast.workshop, by=None, at=now, answers=cast.sam)
    session.commit()
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def send_file(visitor: TestApp, bearer: dict[str, str]) -> SendFile:
    """`send_file("glpi", text)`: what another tool wrote, with the bench's token; any status."""

    def post(form: str, body: str | bytes, **more: str) -> TestResponse:
        sent = body.encode() if isinstance(body, str) else body
        path = "/api/v1/evidence?" + urlencode({"format": form} | more)
        headers = bearer | {"Content-Type": "application/octet-stream"}
        return visitor.post(path, sent, headers=headers, expect_errors=True)

    return post
