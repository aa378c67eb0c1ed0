"""Files belong to a service: whoever is away is covered, whoever leaves hands all of theirs on, and none is nobody's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed
from ordi.parties.covers import AlreadyAway, Cover, NotAColleague, away, back, covers_of
from ordi.parties.people import Person, Role, appoint, dismiss, welcome
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.hand_ons import FilesToHandOn, following, hand_on, must_hand_on, received, see
from ordi.sharing.requests import Request, RequestState, requests_seen_by, withdraw
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import SEALER, a_household, a_programme, a_request, handed_over


def days(count: int) -> datetime:
    return NOW + timedelta(days=count)


def a_colleague(session: Session, cast: Cast, name: str = "Nadia Ferrand", role: Role = Role.SOCIAL_WORKER) -> Person:
    person = welcome(session, name, at=cast.at)
    appoint(session, person, role, cast.partner, at=cast.at)
    return person


def covered(session: Session, cast: Cast, cover: Person, *, first: int = 1, last: int = 5) -> Cover:
    return away(session, cast.partner, cover, days(first).date(), days(last).date(), by=cast.ines, at=NOW)


def seen(session: Session, reader: Person, at: datetime) -> list[Request]:
    return list(session.scalars(requests_seen_by(reader, "households.read", at=at).order_by(Request.id)))


def counted(session: Session, reader: Person, at: datetime = NOW) -> list[tuple[str, int, bool]]:
    return [(one.person.name, one.files, one.here) for one in following(session, reader, at=at)]


def test_a_cover_with_a_list_of_her_own_reads_her_colleagues_files_on_those_days_and_no_other(
    session: Session, cast: Cast
) -> None:
    request = a_request(session, cast)
    covered(session, cast, cast.lise)
    assert seen(session, cast.lise, NOW) == []
    assert seen(session, cast.lise, days(1)) == [request]
    assert seen(session, cast.lise, days(5)) == [request]
    assert seen(session, cast.lise, days(6)) == []
    assert seen(session, cast.eva, days(3)) == [], "another office covers nobody"
    withdraw(session, request, by=cast.lise, at=days(3))
    assert request.state == RequestState.WITHDRAWN


def test_either_of_the_two_ends_it_before_its_last_day_and_nobody_else(session: Session, cast: Cast) -> None:
    a_request(session, cast)
    said = covered(session, cast, cast.lise)
    with pytest.raises(NotAColleague):
        back(session, said, by=cast.eva, at=days(2))
    back(session, said, by=cast.lise, at=days(2))
    assert seen(session, cast.lise, days(3)) == []
    assert list(covers_of(session, cast.ines, at=days(2))) == []


def test_a_cover_is_a_colleague_of_the_service_for_days_to_come_said_once(session: Session, cast: Cast) -> None:
    for stranger in (cast.ines, cast.sam, cast.awa, cast.noor):
        with pytest.raises(NotAColleague):
            covered(session, cast, stranger)
    for first, last in ((-1, 2), (3, 2), (0, 120)):
        with pytest.raises(Invalid):
            covered(session, cast, cast.lise, first=first, last=last)
    covered(session, cast, cast.lise, last=119)
    with pytest.raises(AlreadyAway):
        covered(session, cast, cast.eva, first=100, last=110)
    with pytest.raises(NotAllowed):
        away(session, cast.partner, cast.lise, days(1).date(), days(2).date(), by=cast.paul, at=NOW)


def test_all_her_open_files_become_a_colleagues_in_one_act_that_names_no_family(session: Session, cast: Cast) -> None:
    waiting, out = a_request(session, cast), handed_over(session, cast).request
    over = a_request(session, cast)
    withdraw(session, over, by=cast.ines, at=NOW)
    nadia = a_colleague(session, cast)
    filed = (waiting.filed_at, waiting.filed_by)
    done = hand_on(session, cast.partner, cast.ines, nadia, by=cast.paul, at=NOW)
    assert done is not None
    assert (done.files, done.giver, done.taker, done.by) == (2, cast.ines, nadia, cast.paul)
    assert [one.follower for one in (waiting, out, over)] == [nadia, nadia, cast.ines]
    assert (waiting.filed_at, waiting.filed_by) == filed, "its place and who filed it stay"
    assert hand_on(session, cast.partner, cast.ines, nadia, by=cast.paul, at=NOW) is None
    assert list(received(session, nadia)) == [done]
    see(session, nadia, at=NOW)
    assert list(received(session, nadia)) == []


def test_who_is_given_files_of_another_list_reads_them(session: Session, cast: Cast) -> None:
    request = a_request(session, cast)
    hand_on(session, cast.partner, cast.ines, cast.lise, by=cast.ada, at=NOW)
    assert (seen(session, cast.lise, NOW), seen(session, cast.eva, NOW)) == ([request], [])


@pytest.mark.parametrize("who", ["ines", "sam", "lou", "noor", "awa", "lise", "fanny"])
def test_only_the_services_lead_the_pole_or_the_administration_hands_on(session: Session, cast: Cast, who: str) -> None:
    a_request(session, cast)
    with pytest.raises(NotAllowed):
        hand_on(session, cast.partner, cast.ines, cast.lise, by=getattr(cast, who), at=NOW)


@pytest.mark.parametrize("who", ["sam", "awa", "noor", "paul"])
def test_files_go_to_nobody_outside_the_service(session: Session, cast: Cast, who: str) -> None:
    a_request(session, cast)
    with pytest.raises(NotAColleague):
        hand_on(session, cast.partner, cast.ines, getattr(cast, who), by=cast.paul, at=NOW)


def test_nobody_leaves_while_a_colleague_could_take_her_files(session: Session, cast: Cast) -> None:
    a_request(session, cast)
    held = cast.ines.memberships[0]
    for ending in (None, held):
        with pytest.raises(FilesToHandOn):
            must_hand_on(session, cast.ines, ending=ending, at=NOW)
    must_hand_on(session, cast.lise, at=NOW)
    hand_on(session, cast.partner, cast.ines, cast.lise, by=cast.paul, at=NOW)
    must_hand_on(session, cast.ines, at=NOW)
    must_hand_on(session, cast.ines, ending=held, at=NOW)


def test_one_role_of_two_ends_freely_and_so_does_one_that_follows_nobody(session: Session, cast: Cast) -> None:
    a_request(session, cast)
    other = appoint(session, cast.ines, Role.SCHOOL_OFFICER, cast.partner, at=cast.at)
    lead = appoint(session, cast.ines, Role.PARTNER_LEAD, cast.partner, at=cast.at)
    must_hand_on(session, cast.ines, ending=other, at=NOW)
    must_hand_on(session, cast.ines, ending=lead, at=NOW)


def test_where_she_was_alone_she_may_leave_and_the_lead_and_the_pole_see_whom_nobody_follows(
    session: Session, cast: Cast
) -> None:
    a_request(session, cast)
    for officer in (cast.lise, cast.eva):
        officer.left_at = days(-1)
    must_hand_on(session, cast.ines, at=NOW)
    cast.ines.left_at = NOW
    session.flush()
    for reader in (cast.paul, cast.ada, cast.zoe):
        assert counted(session, reader, days(1)) == [("Inès Moreau", 1, False)]
    assert counted(session, cast.noor, days(1)) == []
    assert counted(session, cast.sam, days(1)) == []


def test_a_role_that_ends_by_itself_leaves_nobody_forgotten(session: Session, cast: Cast) -> None:
    household, programme = a_household(session, cast), a_programme(session, cast)
    filing = Filing(programme, ("paperwork",), household=household, consent=Reading("2026-1", "fr"))
    file_request(session, cast.partner, filing, by=cast.eva, at=NOW, sealer=SEALER)
    a_request(session, cast)
    dismiss(session, cast.eva.memberships[0], at=days(3))
    assert counted(session, cast.paul, days(2)) == [("Inès Moreau", 1, True), ("Éva Lopez", 1, True)]
    assert counted(session, cast.paul, days(4)) == [("Éva Lopez", 1, False), ("Inès Moreau", 1, True)]
