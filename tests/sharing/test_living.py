"""Where a household lives counts by codes, a priority district only when somebody said yes; and it goes with the household."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed
from ordi.parties.households import Contact
from ordi.privacy.erasing import erase_for
from ordi.privacy.export import everything
from ordi.reporting.figures import of_them
from ordi.sharing.blocks import CriteriaMissing, OutsideProgramme, check_request
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.fit import rank
from ordi.sharing.living import Living, answer_living, serves
from ordi.sharing.programmes import Programme
from ordi.sharing.quotas import CommuneQuotaReached, QuotaBook
from ordi.sharing.requests import Qpv, Request, attest, withdraw
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.places.test_importing import COMMUNES, DISTRICTS, brought
from tests.sharing.families import SEALER, a_household, a_programme, a_promise
from tests.sharing.families import a_request as asked

LISTS = (COMMUNES, DISTRICTS)


@pytest.fixture(autouse=True)
def lists(session: Session, cast: Cast) -> None:
    for text in LISTS:
        brought(session, text)


def a_request(
    session: Session, cast: Cast, programme: Programme, living: Living, name: str = "Amina Diallo"
) -> Request:
    household = a_household(session, cast, name)
    filing = Filing(programme, ("school",), (), household, Reading("2026-1", "fr"), living=living)
    return file_request(session, cast.partner, filing, by=cast.ines, at=NOW)


def book(session: Session, cast: Cast, programme: Programme) -> QuotaBook:
    return QuotaBook(session, cast.pole, [programme.code], NOW.date())


@pytest.mark.parametrize(("answer", "missing"), [(Qpv.YES, []), (Qpv.NO, ["qpv"]), (Qpv.UNKNOWN, ["qpv"])])
def test_a_priority_district_is_met_by_a_yes_alone_and_never_stops_the_filing(
    session: Session, cast: Cast, answer: Qpv, missing: list[str]
) -> None:
    programme = a_programme(session, cast, criteria=("qpv",), points={"qpv": 30})
    request = a_request(session, cast, programme, Living("25056", answer))
    assert request.unmet == missing
    assert [(term.code, term.points) for term in rank(request, NOW)] == ([] if missing else [("qpv", 30)])


def test_an_answer_not_known_waits_and_is_served_once_it_is_verified(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, criteria=("qpv",))
    request = a_request(session, cast, programme, Living("25056"))
    with pytest.raises(CriteriaMissing):
        check_request(request, book(session, cast, programme))
    answer_living(session, request, Living("25056", Qpv.UNKNOWN, "QP025900"), by=cast.ines, at=NOW)
    assert request.qpv == Qpv.YES
    check_request(request, book(session, cast, programme))


def test_it_is_answered_and_never_attested_beside_the_others(session: Session, cast: Cast) -> None:
    request = a_request(session, cast, a_programme(session, cast, criteria=("qpv",)), Living())
    with pytest.raises(Invalid):
        attest(session, request, ["qpv"], by=cast.ines, at=NOW)
    with pytest.raises(NotAllowed):
        answer_living(session, request, Living(qpv=Qpv.YES), by=cast.sam, at=NOW)


def test_a_commune_without_a_district_answers_no_by_itself(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast)
    told = [a_request(session, cast, programme, Living(code), f"Nom {code}").qpv for code in ("25058", "25056", "")]
    assert told == [Qpv.NO, Qpv.UNKNOWN, Qpv.UNKNOWN]


def test_a_district_is_one_of_its_commune(session: Session, cast: Cast) -> None:
    with pytest.raises(Invalid):
        a_request(session, cast, a_programme(session, cast), Living("25058", Qpv.YES, "QP025900"))


@pytest.mark.parametrize(
    ("rules", "lives_in", "served"),
    [
        ({}, "", True),
        ({"communes": ("25056",)}, "25056", True),
        ({"communes": ("25056",)}, "25058", False),
        ({"communes": ("25056",)}, "", True),
        ({"communes": ("75056",)}, "75112", True),
        ({"postcodes": ("25000",)}, "25058", True),
        ({"postcodes": ("39000",)}, "25056", False),
        ({"postcodes": ("39000",), "communes": ("25058",)}, "25058", True),
    ],
)
def test_a_territory_is_postcodes_of_partners_or_codes_of_communes(
    session: Session, cast: Cast, rules: dict[str, tuple[str, ...]], lives_in: str, served: bool
) -> None:
    cast.partner.postcode, cast.partner.commune_code = "25000", "25056"
    programme = a_programme(session, cast, **rules)
    request = a_request(session, cast, programme, Living(lives_in))
    assert serves(programme.rules, request) is served
    if not served:
        with pytest.raises(OutsideProgramme) as refusal:
            check_request(request, book(session, cast, programme))
        assert refusal.value.facts["comes_from"] == f"commune:{lives_in}"


def test_a_cap_by_commune_counts_where_families_live(session: Session, cast: Cast) -> None:
    cast.partner.commune = "Besançon"
    programme = a_programme(session, cast, quota={"per_commune": 1})
    here, there = (a_request(session, cast, programme, Living(code), code) for code in ("25058", "25036"))
    same, unsaid = (a_request(session, cast, programme, Living(code), f"2 {code}") for code in ("25058", ""))
    a_promise(session, cast, a_machine(session, cast), here)
    check_request(there, book(session, cast, programme))
    with pytest.raises(CommuneQuotaReached):
        check_request(same, book(session, cast, programme))
    with pytest.raises(
        CommuneQuotaReached
    ):  # nobody said where: what its partner's address says counts, as it always did
        check_request(unsaid, book(session, cast, programme))


def test_it_is_given_to_the_family_and_forgotten_with_it(session: Session, cast: Cast) -> None:
    request = a_request(session, cast, a_programme(session, cast), Living("25056", Qpv.YES, "QP025900"))
    household = request.household
    assert household
    kept = everything(session, household, Contact("Amina Diallo"), [request], sealer=SEALER)["requests"][0]
    assert (kept["commune"], kept["priority_district"]) == ("Besançon", {"answer": "yes", "name": "Planoise"})
    withdraw(session, request, by=cast.ines, at=NOW)
    erase_for(session, household, by=cast.ines, at=NOW, remember=lambda _marks: None)
    assert (request.commune_code, request.qpv, request.district_code) == ("", Qpv.UNKNOWN, "")


def test_a_programme_written_before_is_still_valid(session: Session, cast: Cast) -> None:
    request = asked(session, cast, a_programme(session, cast, postcodes=("25000",)))
    assert (request.commune_code, request.qpv, request.district_code) == ("", Qpv.UNKNOWN, "")


def test_a_figure_is_not_told_when_it_or_what_is_left_is_too_small() -> None:
    assert of_them([40, 40, 40], [20, 37, 30], 5) == [20, None, None]
    assert of_them([40, 40], [0, 20], 5) == [0, 20]
