"""A family that another service of the same organisation follows: who files is told whom to call, and nothing of the family."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import NotAllowed
from ordi.parties.households import Contact, Household, HouseholdReading, Opening, erase, open_file
from ordi.parties.organisations import Kind, Organisation, found
from ordi.parties.people import Person, Role, appoint, welcome
from ordi.sharing.look_alikes import PER_DAY, Alike, look_alikes, services_of
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.classes import a_school_loan, file_text
from tests.sharing.families import SEALER, a_household

HERE, SISTER, OTHER = "00000000100008", "00000000100016", "00000000200006"
NAME, PHONE = "Amina Diallo", "06 12 34 56 78"


@pytest.fixture
def sister(session: Session, cast: Cast) -> Organisation:
    """Another service of the organisation of Inès's own."""
    cast.partner.siret = HERE
    return found(session, Kind.PARTNER, "Épicerie sociale", parent=cast.pole, at=cast.at, siret=SISTER)


@pytest.fixture
def samira(session: Session, cast: Cast, sister: Organisation) -> Person:
    """Who follows families there."""
    person = welcome(session, "Samira Jolly", at=cast.at)
    appoint(session, person, Role.SOCIAL_WORKER, sister, at=cast.at)
    return person


def looked(
    session: Session, partner: Organisation, by: Person, name: str = NAME, phone: str = PHONE, *, hour: float = 0
) -> Alike:
    at = NOW + timedelta(hours=hour)
    return look_alikes(session, partner, name, phone, known=(), sealer=SEALER, by=by, at=at)


def noted(session: Session) -> list[tuple[int, int]]:
    query = select(HouseholdReading).where(HouseholdReading.what == Opening.ALIKE).order_by(HouseholdReading.id)
    return [(one.household_id, one.person_id) for one in session.scalars(query)]


def test_the_service_to_call_is_named_and_what_was_found_is_written_in_its_own_file(
    session: Session, cast: Cast, sister: Organisation, samira: Person
) -> None:
    family = a_household(session, cast)
    for again in range(2):
        told = looked(session, sister, samira, "amina  DIALLÓ", "+33 6 12 34 56 78", hour=again)
        assert told == Alike((cast.partner,))
    assert noted(session) == [(family.id, samira.id)]
    looked(session, sister, samira, hour=30)
    assert noted(session) == [(family.id, samira.id)] * 2


@pytest.mark.parametrize(("name", "phone"), [(NAME, ""), ("", PHONE), (NAME, "06 00 00 00 00"), ("Rosa Lindt", PHONE)])
def test_a_name_or_a_telephone_alone_tells_nothing(
    session: Session, cast: Cast, sister: Organisation, samira: Person, name: str, phone: str
) -> None:
    a_household(session, cast)
    assert looked(session, sister, samira, name, phone) == Alike()
    assert noted(session) == []


def test_another_organisation_or_another_pole_is_never_looked_into(
    session: Session, cast: Cast, sister: Organisation, samira: Person
) -> None:
    a_household(session, cast)
    for siret in (OTHER, "", None):
        sister.siret = siret
        session.flush()
        assert looked(session, sister, samira) == Alike()
    sister.siret = SISTER
    away = found(session, Kind.PARTNER, "Ailleurs", parent=cast.other_pole, at=cast.at, siret="00000000100024")
    appoint(session, samira, Role.SOCIAL_WORKER, away, at=cast.at)
    assert looked(session, away, samira) == Alike()
    assert services_of(session, sister) == [cast.partner, sister]


def test_a_child_s_family_of_a_class_list_is_found_too(
    session: Session, cast: Cast, sister: Organisation, samira: Person
) -> None:
    file_text(
        session, cast, a_school_loan(session, cast), "Classe;Élève;Responsable;Téléphone\nCE2;Léa;Fatou Sy;0611223344\n"
    )
    assert looked(session, sister, samira, "Fatou Sy", "06 11 22 33 44") == Alike((cast.partner,))


def test_what_another_list_of_the_same_service_follows_is_told_too_and_what_was_shown_is_not_told_twice(
    session: Session, cast: Cast
) -> None:
    family = a_household(session, cast)
    assert looked(session, cast.partner, cast.lise) == Alike((cast.partner,))
    mine = look_alikes(session, cast.partner, NAME, PHONE, known={family.id}, sealer=SEALER, by=cast.ines, at=NOW)
    assert mine == Alike()


def test_a_family_that_was_forgotten_is_found_nowhere(
    session: Session, cast: Cast, sister: Organisation, samira: Person
) -> None:
    family: Household = a_household(session, cast)
    erase(session, family, at=NOW)
    assert looked(session, sister, samira) == Alike()


def test_nobody_tries_a_list_of_names(session: Session, cast: Cast, sister: Organisation, samira: Person) -> None:
    a_household(session, cast)
    for number in range(PER_DAY):
        assert looked(session, sister, samira, f"Une Autre {number}") == Alike()
    assert looked(session, sister, samira) == Alike(too_often=True)
    assert noted(session) == []
    assert looked(session, sister, samira, hour=25) == Alike((cast.partner,))
    assert looked(session, cast.partner, cast.lise) == Alike((cast.partner,)), "each person's own count"


@pytest.mark.parametrize("who", ["sam", "paul", "vic", "bruno", "noor", "ada"])
def test_only_who_files_for_families_looks(session: Session, cast: Cast, sister: Organisation, who: str) -> None:
    with pytest.raises(NotAllowed):
        looked(session, sister, getattr(cast, who))


def test_the_key_of_a_file_is_its_own_services(
    session: Session, cast: Cast, sister: Organisation, samira: Person
) -> None:
    contact = Contact(NAME, PHONE)
    twin = open_file(session, sister, contact, sealer=SEALER, by=samira, at=NOW)
    here = a_household(session, cast)
    assert twin.name_index != here.name_index
    assert twin.phone_index != here.phone_index
