"""A year after the workshops, one session more: for who finished them, even when their request is over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from ordi.errors import Invalid
from ordi.sharing.refreshers import refreshers
from ordi.sharing.requests import NotWaiting, Request, RequestState
from ordi.sharing.seats import enlist
from ordi.sharing.training import Group, Step, certify, note_attendance, open_group
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import a_household, a_programme, a_request
from tests.sharing.test_thirteen import trained

LATER = NOW + timedelta(days=365)
ALONE = {"contract": "none", "services": ("training",)}
TRAINING = {"sessions": 3, "minutes": 60, "certificate": True}


def finished(session: Session, cast: Cast, months: int = 12) -> tuple[Request, Group]:
    """Somebody who followed every session, and has the certificate."""
    programme = a_programme(session, cast, **ALONE, training=TRAINING | {"refresher_months": months})
    request = a_request(session, cast, programme)
    group = trained(session, cast, programme, request)
    certify(session, group.members[0], by=cast.awa, at=NOW)
    return request, group


def due(session: Session, cast: Cast, at: datetime) -> list[Request]:
    """Whose refresher is due in our partner organisation."""
    return [one.place.request for one in refreshers(session, [cast.partner.id], at.date())]


def again(session: Session, cast: Cast, group: Group) -> Group:
    """A group of one session, a year later."""
    return open_group(session, cast.partner, group.programme, [LATER], by=cast.awa, at=LATER)


def test_who_finished_is_asked_again_after_the_months_the_programme_says(session: Session, cast: Cast) -> None:
    request, _group = finished(session, cast)
    assert due(session, cast, NOW + timedelta(days=300)) == []
    assert due(session, cast, LATER) == [request]


def test_a_programme_without_a_refresher_asks_nobody_again(session: Session, cast: Cast) -> None:
    request, group = finished(session, cast, months=0)
    assert due(session, cast, LATER) == []
    with pytest.raises(Invalid):
        again(session, cast, group)
    with pytest.raises(NotWaiting):
        enlist(session, group, request, by=cast.awa, at=LATER)


def test_a_request_that_is_over_sits_in_one_more_session_and_then_waits_another_year(
    session: Session, cast: Cast
) -> None:
    request, group = finished(session, cast)
    assert request.state == RequestState.CLOSED
    one = again(session, cast, group)
    seat = enlist(session, one, request, by=cast.awa, at=LATER)
    assert seat.step == Step.COMMITTED
    note_attendance(session, one.sessions[0], [seat.id], by=cast.awa, at=LATER)
    assert due(session, cast, LATER) == []
    assert due(session, cast, LATER + timedelta(days=366)) == [request]


def test_who_did_not_finish_has_nothing_to_refresh(session: Session, cast: Cast) -> None:
    _request, group = finished(session, cast)
    other = a_request(session, cast, group.programme, household=a_household(session, cast, "Bo"))
    enlist(session, group, other, by=cast.awa, at=NOW)
    assert other not in due(session, cast, LATER)
