"""Personal data opens only where it was sealed, with the key it was sealed with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordi.sealing import SealBroken, Sealer, normalised

MASTER = bytes(range(32))
SEALER = Sealer(MASTER)
PLACE = ("households", "name", "7d0c")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_in_its_own_place(text: str) -> None:
    assert SEALER.open(*PLACE, SEALER.seal(*PLACE, text)) == text


@pytest.mark.parametrize(
    "elsewhere",
    [
        ("partners", "name", "7d0c"),
        ("households", "phone", "7d0c"),
        ("households", "name", "7d0d"),
        ("household", "sname", "7d0c"),
    ],
)
def test_a_value_copied_elsewhere_does_not_open(elsewhere: tuple[str, str, str]) -> None:
    blob = SEALER.seal(*PLACE, "Amal Benali")
    with pytest.raises(SealBroken):
        SEALER.open(*elsewhere, blob)


@given(st.data())
def test_one_changed_bit_breaks_the_seal(data: st.DataObject) -> None:
    blob = bytearray(SEALER.seal(*PLACE, "Amal Benali"))
    place = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[place // 8] ^= 1 << (place % 8)
    with pytest.raises(SealBroken):
        SEALER.open(*PLACE, bytes(blob))


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x01" + bytes(27), b"\x00" * 40])
def test_what_was_never_sealed_does_not_open(blob: bytes) -> None:
    with pytest.raises(SealBroken):
        SEALER.open(*PLACE, blob)


def test_the_same_name_sealed_twice_does_not_look_alike() -> None:
    assert SEALER.seal(*PLACE, "Amal") != SEALER.seal(*PLACE, "Amal")


def test_the_sealed_bytes_do_not_hold_the_name() -> None:
    assert b"Amal" not in SEALER.seal(*PLACE, "Amal Benali")


def test_after_a_rotation_old_values_open_and_are_known_to_be_stale() -> None:
    rotated = Sealer({1: MASTER, 2: bytes(32)})
    old = SEALER.seal(*PLACE, "Amal")
    assert rotated.open(*PLACE, old) == "Amal"
    assert rotated.stale(old)
    new = rotated.seal(*PLACE, "Amal")
    assert not rotated.stale(new)
    with pytest.raises(SealBroken):
        SEALER.open(*PLACE, new)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Amal  BENALI", "amal benali"),
        ("Éloïse", "eloise"),
        ("Jean-Pierre", "jean pierre"),
        ("O’Brien", "O'BRIEN"),
        ("Cœur", "COEUR"),
        ("N\u00a0Guessan", "n guessan"),
        ("e\u0301", "é"),
        ("Straße", "STRASSE"),
    ],
)
def test_two_spellings_of_one_name_are_found_together(one: str, other: str) -> None:
    assert SEALER.blind_index("name", one) == SEALER.blind_index("name", other)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


def test_an_index_says_nothing_without_the_key_and_nothing_across_purposes() -> None:
    index = SEALER.blind_index("name", "Amal")
    assert index != SEALER.blind_index("phone", "Amal")
    assert index != Sealer(bytes(32)).blind_index("name", "Amal")
    assert index != SEALER.blind_index("name", "Amel")


def test_while_keys_rotate_both_indexes_are_looked_for() -> None:
    rotated = Sealer({1: MASTER, 2: bytes(32)})
    assert rotated.blind_indexes("name", "Amal") == [
        rotated.blind_index("name", "Amal"),
        SEALER.blind_index("name", "Amal"),
    ]


@pytest.mark.parametrize("masters", [b"short", {}, {0: bytes(32)}, {256: bytes(32)}])
def test_a_sealer_refuses_keys_it_cannot_use(masters: bytes | dict[int, bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(masters)
