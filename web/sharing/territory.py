"""A programme's territory as people say it: communes by their names. Codes stay in the rules, where they never change."""

from __future__ import annotations

import re

from flask_babel import gettext as _

from ordi.errors import Invalid
from ordi.places.communes import INSEE, communes_called, communes_of, names_of
from ordi.sharing.living import territory
from ordi.sharing.rules import Rules
from web.session import db
from web.wording import refusals


def place(fact: str) -> str:
    """One place of a territory: `commune:25056` is Besançon, `postcode:25720` Avanne-Aveney, Beure (25720)."""
    kind, _sep, code = fact.partition(":")
    if kind == "commune":
        return names_of(db(), [code]).get(code, code)
    there = ", ".join(one.name for one in communes_of(db(), code))
    return f"{there} ({code})" if there else code


def places(rules: Rules) -> str:
    """Everywhere a programme serves, in a row."""
    return " ; ".join(place(one) for one in territory(rules)) or _("tout le pôle")


def written(codes: tuple[str, ...]) -> str:
    """Communes as the form shows them; `typed` reads them back."""
    names = names_of(db(), codes)
    return ", ".join(names.get(code, code) for code in codes)


def typed(text: str) -> list[str]:
    """The communes that somebody wrote, by name or by INSEE code. Raises `Invalid`: nobody bears this name, or several do."""
    codes: list[str] = []
    for part in filter(None, (one.strip() for one in re.split(r"[,;\n]", text))):
        words = part.upper().split()
        if all(INSEE.fullmatch(word) for word in words):
            codes.extend(words)
            continue
        found = communes_called(db(), part)
        if len(found) != 1:
            raise Invalid(field="communes", why="several-bear-it" if found else "no-such-commune", said=part)
        codes.append(found[0].code)
    return list(dict.fromkeys(codes))


refusals.FACTS.setdefault("comes_from", place)
refusals.FACTS.setdefault("territory", place)
