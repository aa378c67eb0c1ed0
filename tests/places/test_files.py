"""The official files are read as they come; a file that is neither of them, or spoiled, is refused whole."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordi.errors import Invalid
from ordi.places.communes import department_of, same_name, whole
from ordi.places.files import Entry, ListKind, PlaceList, listed, pack, read_list, unpack, write_list

POST = """#Code_commune_INSEE;Nom_de_la_commune;Code_postal;Libellé_d_acheminement;Ligne_5
01004;AMBERIEU EN BUGEY;01500;AMBERIEU EN BUGEY;
2A004;AJACCIO;20090;AJACCIO;
2A004;AJACCIO;20000;AJACCIO;
2A004;AJACCIO;20000;AJACCIO;MEZZAVIA
75112;PARIS 12;75012;PARIS;
97411;ST DENIS;97400;ST DENIS;LE BRÛLÉ
"""
QPV = (
    "code_qp;lib_qp;insee_reg;lib_reg;insee_dep;lib_dep;insee_com;lib_com;siren_epci;lib_epci\r\n"
    'QN01341I;Les Escourtines;93;PACA;13;Bouches-du-Rhône;"=""13055;13070""";"Marseille; La Penne";200054807;CA\r\n'
    'QN00101M;Reyssouze;84;ARA;01;Ain;"=""1004""";Ambérieu;1;CA\r\n'
    "QN02A01M;Les Cannes;94;Corse;2A;Corse-du-Sud;2A004;Ajaccio;2;CA\r\n"
)

NAMES = st.text(st.characters(codec="latin-1", categories=("L",)), min_size=1, max_size=40).filter(
    lambda one: "Ã" not in one
)
CODES = st.from_regex(r"(0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97)[0-9]{3}", fullmatch=True)
POSTCODES = st.lists(st.from_regex(r"[0-9]{5}", fullmatch=True), min_size=1, max_size=4, unique=True)
COMMUNES = st.lists(
    st.builds(lambda c, n, p: Entry(c, n, tuple(sorted(p))), CODES, NAMES, POSTCODES),
    min_size=1,
    max_size=12,
    unique_by=lambda one: one.code,
)


def whys(body: bytes) -> object:
    with pytest.raises(Invalid) as refused:
        read_list(body)
    return refused.value.facts["why"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
@pytest.mark.parametrize("text", [POST, POST.replace("#", ""), POST.replace(";", ","), POST.replace("\n", "\r\n")])
def test_the_list_of_postcodes_is_read_however_it_was_saved(text: str, encoding: str) -> None:
    told = read_list(text.encode(encoding))
    assert told.kind == ListKind.COMMUNES
    assert told.entries["2A004"] == Entry("2A004", "AJACCIO", ("20000", "20090"))
    assert list(told.entries) == ["01004", "2A004", "75112", "97411"]
    assert told.wrong == ()


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_the_list_of_districts_is_read_with_what_a_spreadsheet_put_around_its_cells(encoding: str) -> None:
    told = read_list(QPV.encode(encoding))
    assert told.kind == ListKind.DISTRICTS
    assert told.entries["QN01341I"] == Entry("QN01341I", "Les Escourtines", ("13055", "13070"))
    assert told.entries["QN00101M"].others == ("01004",)


def test_a_district_of_two_communes_may_stand_on_two_lines_or_in_one_cell() -> None:
    lines = b"Code_QPV,Nom_QPV,code_insee\nQP062900,Fosse 11,62498\nQP062900,Fosse 11,62510\n"
    cell = b'code_qp,lib_qp,insee_com\nQP062900,Fosse 11,"62510, 62498"\n'
    assert read_list(lines).entries == read_list(cell).entries


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not-places"),
        (b"nom;prenom\nA;B\n", "not-places"),
        (b"id;nom;commune;code_postal\na;b;c;25000\n", "not-places"),
        (b"\x81\x8d", "not-text"),
        (POST.splitlines()[0].encode(), "nothing"),
        (POST.encode().decode("latin-1").encode(), "spoiled"),
        (POST.replace("Û", "\ufffd").encode(), "spoiled"),
        (POST.replace("01500", "Ambérieu").encode(), "too-many-wrong"),
        (b'code_qp;lib_qp;insee_com\n"QP062900;x;62498\n' + b"y" * 140_000, "not-a-table"),
        (b"a" * 8_000_001, "too-large"),
    ],
    ids=["empty", "another", "the-directory", "bytes", "no-line", "twice-encoded", "lost", "shifted", "quote", "large"],
)
def test_a_file_that_is_neither_list_or_is_spoiled_is_refused_with_its_reason(body: bytes, why: str) -> None:
    assert whys(body) == why


def test_a_few_lines_that_cannot_be_read_are_left_out_and_named() -> None:
    good = "".join(f"{25000 + n};Commune;25000\n" for n in range(40))
    told = read_list(f"code_insee;nom_commune;code_postal\n{good}25999;Sans code;\n".encode())
    assert [(one.number, one.why) for one in told.wrong] == [(42, "other")]
    assert len(told.entries) == 40


@given(COMMUNES, st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]))
def test_a_list_that_is_written_is_read_again_the_same(entries: list[Entry], encoding: str) -> None:
    told = listed(ListKind.COMMUNES, entries)
    assert read_list(write_list(told).decode().encode(encoding)) == told
    assert unpack(pack(told)) == told


@given(st.binary(max_size=300))
def test_whatever_is_sent_is_a_list_or_a_refusal(body: bytes) -> None:
    with suppress(Invalid):
        assert isinstance(read_list(body), PlaceList)


@pytest.mark.parametrize("packed", ["", "é", "AAAA", "////"])
def test_what_a_form_carries_is_checked_like_a_file(packed: str) -> None:
    with pytest.raises(Invalid):
        unpack(packed)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ST ETIENNE", "Saint-Étienne"), ("PARIS 12", "Paris 12e Arrondissement"), ("LYON 01", "Lyon 1er Arrondissement")],
)
def test_one_commune_has_one_name_however_it_is_spelled(one: str, other: str) -> None:
    assert same_name(one) == same_name(other)


def test_codes_say_their_departement_and_their_whole_commune() -> None:
    assert [department_of(one) for one in ("25056", "2B033", "97411", "01004")] == ["25", "2B", "974", "01"]
    assert [whole(one) for one in ("75112", "69389", "13201", "13202", "25056")] == [
        "75056",
        "69123",
        "13055",
        "13055",
        "25056",
    ]
