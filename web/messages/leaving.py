"""What leaves, as it is drawn: a letter, its coupon; and what has no address."""

from __future__ import annotations

from dataclasses import dataclass


class Unreachable(Exception):
    """The file has no address for this way; erased, it has nothing at all."""

    def __init__(self, *, erased: bool) -> None:
        super().__init__("unreachable")
        self.erased = erased


@dataclass(frozen=True)
class Coupon:
    """The answer to cut off and send back, in the family's language and in French for who reads it."""

    send: str
    keep: str
    give_back: str
    sign: str
    agree: tuple[str, ...] = ()
    """The text of consent, in each language: what is signed."""
    news: str = ""
    yes: str = ""
    no: str = ""


@dataclass(frozen=True)
class Letter:
    """One letter: where it goes, what it says, and the same in French where that is another language."""

    address: tuple[str, ...]
    language: str
    rtl: bool
    subject: str
    lines: list[str]
    review: str
    french: list[str]
    reference: str
    coupon: Coupon | None = None
    square: str = ""
    """A picture of the number that is read at the door of a session, as a `data:` address."""
