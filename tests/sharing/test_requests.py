"""A request is filed with the person, holds codes only, and is seen by who follows it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed, NotFound
from ordi.sharing.consents import CURRENT_TEXT, Consent, take_back_consent
from ordi.sharing.filing import (
    AlreadyAsked,
    Filing,
    NoConsent,
    Reading,
    consent_of,
    duplicates,
    file_request,
)
from ordi.sharing.programmes import ProgrammeClosed
from ordi.sharing.requests import (
    NotWaiting,
    OutOfTerritory,
    RequestState,
    attest,
    requests_seen_by,
    seen_request,
    withdraw,
)
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import SEALER, a_household, a_programme, a_request, the_programmes


def test_a_request_gets_a_code_that_says_nothing_of_the_family(session: Session, cast: Cast) -> None:
    assert [a_request(session, cast).code for _ in range(2)] == ["D-2026-0001", "D-2026-0002"]


def test_no_column_outside_households_holds_the_familys_name(session: Session, cast: Cast) -> None:
    a_request(session, cast, note="Préfère le matin")
    session.flush()
    for table in inspect(session.connection()).get_table_names():
        for row in session.execute(text(f"SELECT * FROM {table}")):
            assert "Diallo" not in repr(tuple(row)), table


def test_a_request_outside_the_conditions_is_filed_and_waits_for_a_person(session: Session, cast: Cast) -> None:
    school = the_programmes(session, cast)["ecole"]
    filing = Filing(school, ("school",), ("lives-here",), a_household(session, cast), Reading(CURRENT_TEXT, "fr"))
    request = file_request(session, cast.partner, filing, by=cast.ines, at=NOW)
    assert request.state == RequestState.WAITING
    assert request.unmet == ["pupil", "no-computer"]


def test_what_is_verified_later_completes_the_request(session: Session, cast: Cast) -> None:
    school = the_programmes(session, cast)["ecole"]
    filing = Filing(school, ("school",), ("lives-here",), a_household(session, cast), Reading(CURRENT_TEXT, "fr"))
    request = file_request(session, cast.partner, filing, by=cast.ines, at=NOW)
    attest(session, request, ["pupil", "no-computer", "pupil"], by=cast.ines, at=NOW)
    assert (request.unmet, len(request.attestations)) == ([], 3)
    with pytest.raises(Invalid):
        attest(session, request, ["blue-eyes"], by=cast.ines, at=NOW)


def test_what_was_verified_keeps_who_and_when_and_never_the_paper(session: Session, cast: Cast) -> None:
    request = a_request(session, cast, the_programmes(session, cast)["ecole"], needs=("school",))
    assert {(one.criterion, one.by.name, one.at) for one in request.attestations} == {
        (code, "Inès Moreau", NOW) for code in ("lives-here", "pupil", "no-computer")
    }


def test_without_the_familys_consent_nothing_is_filed(session: Session, cast: Cast) -> None:
    filing = Filing(a_programme(session, cast), ("school",), household=a_household(session, cast))
    with pytest.raises(NoConsent):
        file_request(session, cast.partner, filing, by=cast.ines, at=NOW)


def test_consent_keeps_its_text_language_reader_and_withdrawal(session: Session, cast: Cast) -> None:
    request = a_request(session, cast)
    given = consent_of(session, request)
    assert given
    assert (given.version, given.language, given.reader.name, given.given) == ("2026-1", "fr", "Inès Moreau", True)
    assert request.household
    take_back_consent(session, request.household, "ar", by=cast.ines, at=NOW)
    said = session.scalars(select(Consent).order_by(Consent.id)).all()
    assert [(one.given, one.language) for one in said] == [(True, "fr"), (False, "ar")]


def test_a_family_is_not_filed_twice_under_one_programme(session: Session, cast: Cast) -> None:
    programme, family = a_programme(session, cast), a_household(session, cast)
    a_request(session, cast, programme, household=family)
    with pytest.raises(AlreadyAsked):
        a_request(session, cast, programme, household=family)


def test_the_same_name_written_otherwise_is_shown_before_filing_again(session: Session, cast: Cast) -> None:
    request = a_request(session, cast)
    assert duplicates(session, cast.partner, "AMINA  DIALLÓ", sealer=SEALER) == [request]
    assert duplicates(session, cast.other_partner, "Amina Diallo", sealer=SEALER) == []


def test_a_programme_takes_requests_between_its_two_days_only(session: Session, cast: Cast) -> None:
    yesterday = NOW.date() - timedelta(days=1)
    with pytest.raises(ProgrammeClosed):
        a_request(session, cast, a_programme(session, cast, open_until=yesterday))


def test_a_programme_of_another_pole_takes_nothing_of_ours(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast)
    programme.pole = cast.other_pole
    with pytest.raises(OutOfTerritory):
        a_request(session, cast, programme)


@pytest.mark.parametrize("needs", [(), ("dyslexia",)])
def test_needs_are_equipment_and_never_a_reason(session: Session, cast: Cast, needs: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        a_request(session, cast, needs=needs)


def test_a_few_free_words_are_few(session: Session, cast: Cast) -> None:
    a_request(session, cast, note="x" * 200)
    with pytest.raises(Invalid):
        a_request(session, cast, note="x" * 201)


def test_an_association_asks_for_itself_through_its_signatory(session: Session, cast: Cast) -> None:
    programme = the_programmes(session, cast)["associations"]
    filing = Filing(programme, ("large_screen",), ("local-project",))
    request = file_request(session, cast.partner, filing, by=cast.said, at=NOW)
    assert request.household is None
    with pytest.raises(NotAllowed):
        file_request(session, cast.partner, filing, by=cast.ines, at=NOW)


@pytest.mark.parametrize("who", ["ada", "paul", "awa", "sam", "bruno", "noor", "vic", "said"])
def test_only_case_workers_of_the_partner_file_for_a_family(session: Session, cast: Cast, who: str) -> None:
    filing = Filing(a_programme(session, cast), ("school",), (), a_household(session, cast), Reading("2026-1", "fr"))
    with pytest.raises(NotAllowed):
        file_request(session, cast.partner, filing, by=getattr(cast, who), at=NOW)


def test_a_withdrawn_request_is_over(session: Session, cast: Cast) -> None:
    request = a_request(session, cast)
    withdraw(session, request, by=cast.ines, at=NOW)
    assert request.state == RequestState.WITHDRAWN
    with pytest.raises(NotWaiting):
        withdraw(session, request, by=cast.ines, at=NOW)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("ines", 2),
        ("ada", 2),
        ("paul", 0),
        ("lise", 0),
        ("said", 1),
        ("sam", 0),
        ("awa", 0),
        ("bruno", 0),
        ("noor", 0),
        ("zoe", 0),
    ],
)
def test_requests_are_seen_by_their_service_and_their_coordinator(
    session: Session, cast: Cast, who: str, sees: int
) -> None:
    a_request(session, cast)
    filing = Filing(the_programmes(session, cast)["associations"], ("printer",), ("local-project",))
    file_request(session, cast.partner, filing, by=cast.said, at=NOW)
    assert len(session.scalars(requests_seen_by(getattr(cast, who), at=NOW)).all()) == sees


def test_a_request_that_is_not_yours_answers_like_one_that_is_not(session: Session, cast: Cast) -> None:
    request = a_request(session, cast)
    assert seen_request(session, cast.ines, request.code.lower(), at=NOW) is request
    for who, code in ((cast.noor, request.code), (cast.ines, "D-2026-9999")):
        with pytest.raises(NotFound):
            seen_request(session, who, code, at=NOW)
