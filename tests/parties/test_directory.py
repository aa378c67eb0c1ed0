"""A place is its id: no file merges two, none is lost, and an organisation of the network is tied only when it is sure."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import NotAllowed
from ordi.parties.directory import Fate, ListedPlace, Step, every_place, nearest_words, places_like, take
from ordi.parties.organisations import Kind, found
from ordi.parties.place_file import read_places, write_places
from tests.cast import Cast, assemble
from tests.ground.clock import NOW

HEADS = "id,pivot,nom,commune,code_postal,adresse,telephone,services,date_maj"
SIRET = "00000000100008"
LIBRARY = "a,,Médiathèque Sainte-Œuvre,Saint-Étienne,42000,1 rue de l’Exemple,01 99 00 00 01,Accès internet,2026-11-01"
OFFICE = f"b,{SIRET},CCAS,Besançon,25000,2 rue de l’Exemple,,,2026-11-01"

cast = pytest.fixture(lambda session, now: assemble(session, now))


def sent(session: Session, cast: Cast, *rows: str, heads: str = HEADS) -> list[Step]:
    return take(session, read_places("\n".join([heads, *rows]).encode()), by=cast.ada, at=NOW)


def names(session: Session, words: str) -> list[str]:
    return [one.name for one in session.scalars(places_like(words).order_by(ListedPlace.name))]


def test_a_file_taken_twice_changes_nothing_the_second_time(session: Session, cast: Cast) -> None:
    assert [step.fate for step in sent(session, cast, LIBRARY, OFFICE)] == [Fate.NEW, Fate.NEW]
    assert [step.fate for step in sent(session, cast, LIBRARY, OFFICE)] == [Fate.SAME, Fate.SAME]


def test_the_directory_comes_out_as_it_came_in(session: Session, cast: Cast) -> None:
    sent(session, cast, LIBRARY + ",=zone", heads=HEADS + ",secteur")
    (line,) = read_places(write_places(every_place(session)))
    assert dict(zip([*HEADS.split(","), "secteur"], [*LIBRARY.split(","), "=zone"], strict=True)) == {
        "pivot": "",
        **line.fields,
    }


def test_an_empty_cell_or_an_absent_column_takes_nothing_away(session: Session, cast: Cast) -> None:
    sent(session, cast, LIBRARY)
    (step,) = sent(
        session, cast, "a,Médiathèque,Saint-Étienne,42000,1 rue,", heads="id,nom,commune,code_postal,adresse,telephone"
    )
    assert step.changes["nom"] == ("Médiathèque Sainte-Œuvre", "Médiathèque")
    place = session.scalars(select(ListedPlace)).one()
    assert (place.name, place.fields["telephone"]) == ("Médiathèque", "01 99 00 00 01")


def test_an_older_file_does_not_undo_a_newer_one(session: Session, cast: Cast) -> None:
    sent(session, cast, LIBRARY)
    (step,) = sent(session, cast, LIBRARY.replace("Médiathèque", "Bibliothèque").replace("2026-11-01", "2025-01-01"))
    assert step.fate == Fate.OLDER
    assert names(session, "mediatheque") == ["Médiathèque Sainte-Œuvre"]


def test_a_siret_ties_the_only_place_to_the_only_organisation(session: Session, cast: Cast) -> None:
    cast.partner.siret = SIRET
    (step,) = sent(session, cast, OFFICE)
    assert step.organisation is cast.partner
    assert session.scalars(select(ListedPlace)).one().organisation is cast.partner
    assert (cast.partner.name, cast.partner.commune) == ("CCAS de Planoise", "")


def test_a_siret_of_several_places_or_organisations_ties_none(session: Session, cast: Cast) -> None:
    cast.partner.siret = SIRET
    steps = sent(session, cast, OFFICE, OFFICE.replace("b,", "c,", 1))
    assert [(step.organisation, step.doubt) for step in steps] == [(None, True), (None, True)]
    assert len(names(session, "ccas")) == 2
    other = found(session, Kind.PARTNER, "Régie", parent=cast.pole, at=NOW)
    cast.partner.siret, other.siret = None, SIRET
    (step,) = sent(session, cast, OFFICE.replace("b,", "d,", 1))
    assert step.doubt


def test_one_id_with_two_sirets_is_left_to_a_person(session: Session, cast: Cast) -> None:
    sent(session, cast, OFFICE)
    (step,) = sent(session, cast, OFFICE.replace(SIRET, "00000000100016").replace("CCAS", "Autre"))
    assert step.fate == Fate.OTHER_SIRET
    assert names(session, "") == ["CCAS"]


def test_a_faulty_line_stays_out_and_the_others_come(session: Session, cast: Cast) -> None:
    steps = sent(session, cast, LIBRARY.replace("42000", "4200"), OFFICE)
    assert [step.fate for step in steps] == [Fate.WRONG, Fate.NEW]
    assert names(session, "") == ["CCAS"]


@pytest.mark.parametrize(
    "words", ["mediatheque", "st etienne", "ST-ETIENNE média", "42000", "acces inter", "ste oeuvre"]
)
def test_a_place_is_found_by_name_commune_postcode_or_service(session: Session, cast: Cast, words: str) -> None:
    sent(session, cast, LIBRARY, OFFICE)
    assert names(session, words) == ["Médiathèque Sainte-Œuvre"]


def test_a_slip_of_the_pen_finds_the_nearest_words(session: Session, cast: Cast) -> None:
    sent(session, cast, LIBRARY, OFFICE)
    assert nearest_words(session, "Bezançon") == "besancon"
    assert nearest_words(session, "qwxyz") == ""
    assert names(session, "100 %") == []


def test_who_may_not_write_the_directory_takes_no_file(session: Session, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        take(session, read_places(f"{HEADS}\n{OFFICE}".encode()), by=cast.ines, at=NOW)
