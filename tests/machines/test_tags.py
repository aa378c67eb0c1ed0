"""A tag survives gloves, bad light and tired eyes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordi.tags import ALPHABET, LENGTH, MistypedTag, check_character, new_tag, read_tag

bodies = st.text(alphabet=ALPHABET, min_size=LENGTH, max_size=LENGTH)


@given(bodies)
def test_a_tag_reads_back_however_it_is_scanned_or_typed(body: str) -> None:
    tag = f"{body}-{check_character(body)}"
    for said in (
        tag,
        tag.lower(),
        tag.replace("-", ""),
        f" {body} {tag[-1]} ",
        f"HTTPS://ORDI.EXAMPLE/M/{tag}",
        f"https://o/m/{tag}?x=1",
    ):
        assert read_tag(said) == tag


@given(bodies, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_always_shows(body: str, place: int, other: str) -> None:
    wrong = body[:place] + other + body[place + 1 :]
    if wrong != body:
        with pytest.raises(MistypedTag):
            read_tag(f"{wrong}-{check_character(body)}")


@given(bodies, st.integers(0, LENGTH - 2))
def test_two_neighbours_swapped_always_show(body: str, place: int) -> None:
    wrong = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    if wrong != body:
        with pytest.raises(MistypedTag):
            read_tag(f"{wrong}-{check_character(body)}")


@given(st.text(max_size=60))
def test_anything_else_is_refused_and_never_breaks(said: str) -> None:
    try:
        tag = read_tag(said)
    except MistypedTag:
        return
    assert check_character(tag[:LENGTH]) == tag[-1]


def test_letters_that_look_like_digits_are_taken_for_them() -> None:
    body = "012012"
    tag = f"{body}-{check_character(body)}"
    assert read_tag(f"OIZOLZ-{tag[-1]}") == tag
    assert read_tag(new_tag())
