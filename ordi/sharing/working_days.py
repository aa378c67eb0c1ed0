"""Days on which people answer: not a Saturday, not a Sunday, not a public holiday of mainland France."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

SATURDAY = 5
FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
"""Code du travail, L. 3133-1."""
AFTER_EASTER = (1, 39, 50)
"""Easter Monday, Ascension, Whit Monday: days after Easter Sunday. Alsace-Moselle adds Good Friday and 26 December (L. 3134-13)."""


def working(day: date, *, alsace_moselle: bool = False) -> bool:
    """Whether offices are open on a day."""
    return day.weekday() < SATURDAY and day not in holidays(day.year, alsace_moselle=alsace_moselle)


def after(day: date, count: int, *, alsace_moselle: bool = False) -> date:
    """The last of so many working days that follow a day."""
    while count:
        day += timedelta(days=1)
        count -= working(day, alsace_moselle=alsace_moselle)
    return day


@cache
def holidays(year: int, *, alsace_moselle: bool = False) -> frozenset[date]:
    """The public holidays of a year; two more in Alsace and Moselle."""
    easter = easter_of(year)
    days = [*(date(year, month, day) for month, day in FIXED), *(easter + timedelta(days=n) for n in AFTER_EASTER)]
    return frozenset([*days, easter - timedelta(days=2), date(year, 12, 26)] if alsace_moselle else days)


def easter_of(year: int) -> date:
    """Easter Sunday in the Gregorian calendar: epact and Sunday letter (Clavius, as Meeus writes it)."""
    golden = year % 19
    century, part = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - shift + 15) % 30
    quarters, over = divmod(part, 4)
    letter = (32 + 2 * rest + 2 * quarters - epact - over) % 7
    month, day = divmod(epact + letter - 7 * ((golden + 11 * epact + 22 * letter) // 451) + 114, 31)
    return date(year, month, day + 1)
