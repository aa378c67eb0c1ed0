"""Elements have one spelling, and reading a hostile one takes no time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.papers.der import OCTETS, SEQUENCE, each, encode, first, inside


@given(st.binary(max_size=70_000), st.binary(max_size=8))
def test_what_is_encoded_reads_back_and_leaves_the_rest(content: bytes, rest: bytes) -> None:
    element = first(encode(OCTETS, content) + rest, OCTETS)
    assert (element.content, element.whole) == (content, encode(OCTETS, content))


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_a_sequence_is_its_parts(parts: list[bytes]) -> None:
    content = b"".join(encode(OCTETS, part) for part in parts)
    assert [part.content for part in each(content, OCTETS)] == parts
    assert [part.content for part in inside(content, *[OCTETS] * len(parts))] == parts
    with pytest.raises(ValueError, match=r"more than|another"):
        inside(content + b"\x04\x00\x04\x00", *[OCTETS] * (len(parts) + 1))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x31\x00",
        b"\x30\x01",
        b"\x30\x80\x00\x00",
        b"\x30\x81\x01\x00",
        b"\x30\x82\x00\x80" + b"x" * 128,
        b"\x30\xff" + b"\xff" * 200,
        b"\x30\x84\xff\xff\xff\xff",
    ],
)
def test_another_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"DER|another"):
        first(data, SEQUENCE)
