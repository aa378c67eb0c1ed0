"""One value has one text, the same in every language that follows RFC 8785."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordi.canonical import canonical, digest

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


@given(values)
def test_the_text_reads_back_as_the_value(value: object) -> None:
    assert json.loads(canonical(value)) == value


@given(values)
def test_the_text_is_the_one_of_rfc_8785(value: object) -> None:
    oracle = pytest.importorskip("rfc8785", reason="no second implementation to compare with")
    assert canonical(value).encode() == oracle.dumps(value)


def test_names_are_ordered_by_utf_16_units_even_beyond_the_first_plane() -> None:
    assert canonical({"\ufb33": 1, "\U0001f600": 2, "a": 3}) == '{"a":3,"\U0001f600":2,"\ufb33":1}'


@pytest.mark.parametrize("value", [1.5, {"a": [0.0]}, float("nan"), {1: "a"}, b"bytes", {"a": {1, 2}}])
def test_what_other_languages_would_write_differently_has_no_text(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), ["\ud800"]])
def test_what_other_languages_would_round_or_mangle_has_no_text(value: object) -> None:
    with pytest.raises(ValueError, match=r"text|surrogates"):
        canonical(value)


def test_the_digest_is_of_the_text_in_utf_8() -> None:
    assert digest("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"
