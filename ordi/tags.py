"""The tag printed on a machine: `K7Q24X-M`, six characters and one that catches a slip of the hand."""

from __future__ import annotations

import re
import secrets
from random import Random

from ordi.errors import Refused

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
"""Crockford's base 32 without Z: nothing reads as 1, 0, 2 or an insult, and 31 is prime."""

LENGTH = 6
_SLIPS = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V", "Z": "2"})
_SHAPE = re.compile(rf"[{ALPHABET}]{{{LENGTH + 1}}}")
_IN_URL = re.compile(r"/[MP]/([^/?#]+)", re.IGNORECASE)


class MistypedTag(Refused):
    """The characters do not belong together: one was mistyped, or two were swapped."""

    code = "mistyped-tag"


def check_character(body: str) -> str:
    """The check character of a tag's characters: their sum, weighted 1 to 6 (or on), modulo 31.

    31 is prime and above every weight and value, so one wrong character or two neighbours swapped always shows.
    """
    return ALPHABET[sum(weight * ALPHABET.index(char) for weight, char in enumerate(body, start=1)) % len(ALPHABET)]


def new_tag(random: Random | None = None) -> str:
    """A new tag; `random` makes it repeatable in a demonstration."""
    draw = random.choice if random else secrets.choice
    body = "".join(draw(ALPHABET) for _ in range(LENGTH))
    return f"{body}-{check_character(body)}"


def read_tag(text: str) -> str:
    """The tag meant by what was scanned or typed: a label's address (a computer's /M/, a bin's /P/), any case, spaces, O for 0, I or L for 1.

    Raises `MistypedTag` when it is not the shape of a tag or its check character does not fit.
    """
    found = _IN_URL.search(text)
    said = (found.group(1) if found else text).upper()
    kept = "".join(char for char in said.translate(_SLIPS) if char.isascii() and char.isalnum())
    if not _SHAPE.fullmatch(kept) or check_character(kept[:LENGTH]) != kept[LENGTH]:
        raise MistypedTag(text=text.strip()[:40])
    return f"{kept[:LENGTH]}-{kept[LENGTH]}"


def number_code(number: int) -> str:
    """A number of ours as a short code with its check character: `03F-K`. Printed, scanned."""
    body = ""
    while number:
        number, rest = divmod(number, len(ALPHABET))
        body = ALPHABET[rest] + body
    body = body.rjust(3, "0")
    return f"{body}-{check_character(body)}"


def read_number_code(text: str) -> int:
    """The number behind a code. Raises `MistypedTag`."""
    kept = "".join(char for char in text.upper().translate(_SLIPS) if char.isascii() and char.isalnum())
    body, check = kept[:-1], kept[-1:]
    if not 3 <= len(body) <= 8 or any(char not in ALPHABET for char in kept) or check_character(body) != check:
        raise MistypedTag(text=text.strip()[:40])
    number = 0
    for char in body:
        number = number * len(ALPHABET) + ALPHABET.index(char)
    return number
