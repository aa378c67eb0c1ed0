"""A list brought in: again it changes nothing, and what a newer one leaves out is offered no more but lost nowhere."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import NotAllowed
from ordi.parties.organisations import Kind, Organisation, found
from ordi.places.communes import (
    Commune,
    commune_at,
    communes_of,
    districts_known,
    districts_of,
    known_postcode,
    named,
    near,
)
from ordi.places.files import read_list
from ordi.places.importing import Plan, plan, take
from tests.cast import Cast, assemble
from tests.ground.clock import NOW

cast = pytest.fixture(lambda session, now: assemble(session, now))

COMMUNES = """#Code_commune_INSEE;Nom_de_la_commune;Code_postal
25056;Besançon;25000
25036;Avanne-Aveney;25720
25058;Beure;25720
2A004;Ajaccio;20000
2A004;Ajaccio;20090
75056;Paris;75012
75112;Paris 12e Arrondissement;75012
97411;Saint-Denis;97400
"""
DISTRICTS = """code_qp;lib_qp;insee_com
QP025900;Planoise;25056
QP075900;Bédier;75056
QP075901;Rosiers;75112
QP02A900;Les Cannes;2A004
"""


def brought(session: Session, text: str) -> Plan:
    return take(session, read_list(text.encode()), by=None, at=NOW)


def names(found: list[Commune]) -> list[str]:
    return [one.name for one in found]


@pytest.fixture
def lists(session: Session, cast: Cast) -> None:
    brought(session, COMMUNES)
    brought(session, DISTRICTS)


@pytest.mark.parametrize("text", [COMMUNES, DISTRICTS])
def test_a_file_taken_twice_changes_nothing_the_second_time(session: Session, cast: Cast, text: str) -> None:
    assert brought(session, text).writes == plan(session, read_list(text.encode())).same
    again = brought(session, text)
    assert (again.writes, again.changed) == (0, ())


@pytest.mark.usefixtures("lists")
def test_a_postcode_has_its_communes_and_a_commune_its_postcodes(session: Session) -> None:
    assert names(communes_of(session, "25720")) == ["Avanne-Aveney", "Beure"]
    assert [names(communes_of(session, one)) for one in ("20000", "20090")] == [["Ajaccio"], ["Ajaccio"]]
    assert names(communes_of(session, "75012")) == ["Paris 12e Arrondissement"]
    assert list(near(session, "20")) == ["20000", "20090"]
    assert {one: names(there) for one, there in near(session, "97").items()} == {"97400": ["Saint-Denis"]}
    assert known_postcode(session, "25000")
    assert not known_postcode(session, "99999")


@pytest.mark.parametrize(
    ("postcode", "name", "code"),
    [
        ("25000", "", "25056"),
        ("25000", "besancon", "25056"),
        ("25720", "", None),
        ("25720", "BEURE", "25058"),
        ("25000", "Beure", None),
        ("75012", "Paris", "75112"),
        ("75012", "Paris 12", "75112"),
        ("99999", "Besançon", None),
        ("25", "Besançon", None),
    ],
)
@pytest.mark.usefixtures("lists")
def test_what_somebody_typed_is_one_commune_or_none(
    session: Session, postcode: str, name: str, code: str | None
) -> None:
    meant = commune_at(session, postcode, name)
    assert (meant.code if meant else None) == code


@pytest.mark.usefixtures("lists")
def test_the_districts_of_paris_are_found_under_the_commune_and_under_its_arrondissement(session: Session) -> None:
    assert [[one.name for one in districts_of(session, code)] for code in ("75112", "75056", "25058", "")] == [
        ["Bédier", "Rosiers"],
        ["Bédier", "Rosiers"],
        [],
        [],
    ]


@pytest.mark.usefixtures("lists")
def test_what_a_newer_file_leaves_out_is_offered_no_more_and_keeps_its_name(session: Session) -> None:
    done = brought(session, "code_insee;nom_commune;code_postal\n25056;BESANCON;25000\n25058;Beure-le-Neuf;25720\n")
    assert ([one.code for one in done.gone], done.new) == (["25036"], ())
    assert [(one.was.name, one.told.name) for one in done.changed] == [("Beure", "Beure-le-Neuf")]
    assert names(communes_of(session, "25720")) == ["Beure-le-Neuf"]
    assert named(session, Commune, "25036") == "Avanne-Aveney"
    assert named(session, Commune, "25056") == "Besançon", "the better spelling stays"
    assert names(communes_of(session, "20000")) == ["Ajaccio"], "a département that the file does not name"
    assert [one.told.code for one in brought(session, COMMUNES).changed] == ["25036", "25058"], "it comes back"


@pytest.mark.usefixtures("lists")
def test_a_file_that_cannot_be_read_whole_takes_nothing_away(session: Session) -> None:
    rows = "".join(f"25{600 + n};Autre {n};25480\n" for n in range(30))
    done = brought(session, f"code_insee;nom_commune;code_postal\n{rows}25058;Beure;\n")
    assert (len(done.told.wrong), done.gone, len(done.new)) == (1, (), 30)


def test_an_organisation_gets_its_code_where_its_address_says_it_without_a_doubt(session: Session, cast: Cast) -> None:
    def there(name: str, postcode: str, commune: str) -> Organisation:
        return found(session, Kind.PARTNER, name, parent=cast.pole, at=NOW, postcode=postcode, commune=commune)

    sure, doubt = there("Sûr", "25720", "beure"), there("Doute", "25720", "")
    brought(session, COMMUNES)
    assert (sure.commune_code, doubt.commune_code) == ("25058", "")


def test_only_the_administration_brings_a_list_in(session: Session, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        take(session, read_list(COMMUNES.encode()), by=cast.ada, at=NOW)
    assert session.scalars(select(Commune)).all() == []
    assert not districts_known(session)
    take(session, read_list(COMMUNES.encode()), by=cast.zoe, at=NOW)
    assert len(session.scalars(select(Commune)).all()) == 7
