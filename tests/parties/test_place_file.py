"""The national file of places: read with each fault named, written so that no spreadsheet computes it, read back equal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordi.errors import Invalid
from ordi.parties.place_file import FIELDS, Fault, guarded, read_places, tidy, write_places

HEADS = "id,pivot,nom,commune,code_postal,adresse,courriels,latitude,date_maj"
GOOD = "a-1,00000000100008,Médiathèque,Lens,62300,1 rue de l’Exemple,a@example.org|b@example.org,50.43,2026-11-23"

cells = st.text(
    st.one_of(st.sampled_from("=+-@'|;,\"\n\t ＝é1"), st.characters(exclude_categories=("Cs",))), max_size=12
).map(tidy)
places = st.lists(
    st.builds(
        lambda names, more: {**names, **more},
        st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, cells)),
        st.dictionaries(st.sampled_from(["=ours", "Note", "'-x", "zone"]), cells),
    ),
    max_size=5,
)


@given(places)
def test_what_is_written_reads_back_equal(held: list[dict[str, str]]) -> None:
    said = [kept for one in held if (kept := {name: told for name, told in one.items() if told})]
    assert [dict(line.fields) for line in read_places(write_places(said))] == said


@given(cells)
def test_no_cell_is_computed_and_none_is_changed(cell: str) -> None:
    written = guarded(cell)
    assert tidy(written) == cell
    assert not written.lstrip().startswith(("=", "@", "＝"))
    if written.startswith(("+", "-")):
        float(written)  # a number alone computes to itself


def test_a_good_line_says_everything() -> None:
    (line,) = read_places(f"{HEADS}\n{GOOD}\n".encode())
    assert not line.faults
    assert (line.number, line.siret, line.fields["courriels"]) == (2, "00000000100008", "a@example.org|b@example.org")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("a-1", "", Fault("id", "missing")),
        ("62300", "6230", Fault("code_postal", "shape")),
        ("00000000100008", "00000000100009", Fault("pivot", "siret")),
        ("50.43", "150", Fault("latitude", "number")),
        ("50.43", "nan", Fault("latitude", "number")),
        ("2026-11-23", "23/11/2026", Fault("date_maj", "day")),
        ("a@example.org|", "chez nous|", Fault("courriels", "shape")),
        ("2026-11-23", "2026-11-23,x", Fault("", "cells")),
    ],
)
def test_each_fault_is_named_with_its_line(old: str, new: str, fault: Fault) -> None:
    wrong = GOOD.replace(old, new)
    lines = read_places(f"{HEADS}\nb-2,,Ailleurs,Lens,62300,2 rue de l’Exemple,,,\n\n{wrong}".encode())
    assert [(line.number, line.faults) for line in lines] == [(2, ()), (4, (fault,))]


def test_the_same_id_twice_is_a_fault_of_the_second() -> None:
    lines = read_places(f"{HEADS}\n{GOOD}\n{GOOD}".encode())
    assert [line.faults for line in lines] == [(), (Fault("id", "twice"),)]


def test_a_cell_of_several_lines_does_not_shift_the_numbers() -> None:
    lines = read_places(b'id,nom,horaires\na,A,"lundi\nmardi"\nb,B,\n')
    assert [line.number for line in lines] == [2, 4]
    assert lines[0].fields["horaires"] == "lundi\nmardi"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_semicolons_and_older_encodings_are_read(encoding: str) -> None:
    (line,) = read_places("ID;Nom;Zone\na;Médiathèque;nord\n".encode(encoding))
    assert line.fields == {"id": "a", "nom": "Médiathèque", "Zone": "nord"}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not-places"),
        (b"nom,prenom\na,b", "not-places"),
        (b"id,nom,nom\na,b,c", "column-twice"),
        (b"id,nom\n" + b"a,b\n" * 5_001, "too-many"),
        (b"id,nom\n" + b"x" * 1_500_000, "too-large"),
        (b"id,nom\n" + b"a" * 140_000, "not-a-table"),
        (b"id,nom\n\x81,b", "not-text"),
    ],
    ids=["empty", "other", "column twice", "many", "large", "endless cell", "bytes"],
)
def test_what_is_no_such_file_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_places(body)
    assert refusal.value.facts["why"] == why
