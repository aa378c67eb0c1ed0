"""Just enough DER to take a signature container apart and put it together again.

A general decoder was tried: one changed byte kept it busy for minutes. This one reads each byte once.
"""

from __future__ import annotations

from typing import NamedTuple

INTEGER, OCTETS, NULL, OID, SEQUENCE, SET, FIRST = 0x02, 0x04, 0x05, 0x06, 0x30, 0x31, 0xA0


class Element(NamedTuple):
    """One element: its tag, all its bytes, and those of its content."""

    tag: int
    whole: bytes
    content: bytes


def encode(tag: int, *parts: bytes) -> bytes:
    """An element of `parts`."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def first(data: bytes, tag: int) -> Element:
    """The element at the start of `data`; `ValueError` unless it has this tag and its shortest length."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError("another element was expected")
    size, start = data[1], 2
    if size >= 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start], "big")
    whole = data[: start + size]
    content = whole[start:]
    if start > 6 or len(content) != size or encode(tag, content) != whole:
        raise ValueError("not DER")
    return Element(tag, whole, content)


def inside(content: bytes, *tags: int) -> list[Element]:
    """The elements of `content`, exactly these tags and nothing more."""
    found = []
    for tag in tags:
        element = first(content, tag)
        found.append(element)
        content = content[len(element.whole) :]
    if content:
        raise ValueError("more than was expected")
    return found


def each(content: bytes, tag: int) -> list[Element]:
    """The elements of `content`, all with this tag."""
    found = []
    while content:
        found.append(first(content, tag))
        content = content[len(found[-1].whole) :]
    return found
