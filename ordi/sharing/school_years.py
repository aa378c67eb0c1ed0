"""Until which school year a loan runs: a child of CM2 enters 6e years before one of CE2, and each class ends on its own day.

The levels are those of the code de l'éducation (art. D311-10 and D332-3).
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

from ordi.text import folded


class Level(StrEnum):
    """A year of school, in order."""

    PS = "PS"
    MS = "MS"
    GS = "GS"
    CP = "CP"
    CE1 = "CE1"
    CE2 = "CE2"
    CM1 = "CM1"
    CM2 = "CM2"
    SIXIEME = "6e"
    CINQUIEME = "5e"
    QUATRIEME = "4e"
    TROISIEME = "3e"
    SECONDE = "2de"
    PREMIERE = "1re"
    TERMINALE = "Tle"


_ORDER = list(Level)
_SAID = {folded(one): one for one in Level} | {
    **dict.fromkeys(("6eme", "sixieme"), Level.SIXIEME),
    **dict.fromkeys(("5eme", "cinquieme"), Level.CINQUIEME),
    **dict.fromkeys(("4eme", "quatrieme"), Level.QUATRIEME),
    **dict.fromkeys(("3eme", "troisieme"), Level.TROISIEME),
    **dict.fromkeys(("2nde", "seconde"), Level.SECONDE),
    **dict.fromkeys(("1ere", "premiere"), Level.PREMIERE),
    **dict.fromkeys(("term", "terminale"), Level.TERMINALE),
}
_SCHOOL_BEGINS = 8
"""August: who is lent a machine then has the year that begins before them."""


def level_of(class_name: str) -> Level | None:
    """The level a class's name tells: `CE2 A`, `cm1b`, `6ème 3`. Of a class of two levels the lower; nothing where it tells none."""
    words = re.findall(r"[a-z]+\d|\d(?:eme|nde|ere|de|re|e)|[a-z]+", folded(class_name))
    found = [_SAID[one] for word in words if (one := word if word in _SAID else word.rstrip("0123456789")) in _SAID]
    return min(found, key=_ORDER.index, default=None)


def end_before(entry: Level, class_name: str, last_day: date, on: date) -> date | None:
    """The end of the last school year before a level is entered, for a child of this class on a day.

    `last_day` gives the day and month on which a school year ends. Nothing where the class tells no level; a level that
    was entered already ends with this school year.
    """
    level = level_of(class_name)
    if level is None:
        return None
    if (last_day.month, last_day.day) == (2, 29):
        last_day = last_day.replace(day=28)
    left = max(0, _ORDER.index(entry) - _ORDER.index(level) - 1)
    ends = (last_day.replace(year=on.year + more) for more in (on.month >= _SCHOOL_BEGINS, 1))
    this_year = next(end for end in ends if end > on)
    return this_year.replace(year=this_year.year + left)
