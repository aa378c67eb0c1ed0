"""The conditions of a programme as its form shows them: a few groups, each perhaps inside another, out of rules and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from ordi.errors import Invalid
from ordi.sharing.facts import KNOWN, Criterion, Group
from ordi.sharing.rules import Rules

GROUPS = 6
"""Groups of conditions the form shows; each may stand inside an earlier one."""
ALL = 0
"""How many must hold, when it is all of them."""


@dataclass(frozen=True)
class Shown:
    """A group of conditions as the form shows it: how many must hold (0: all), inside which other group, which facts."""

    number: int
    at_least: int
    inside: int
    facts: tuple[str, ...]


def groups_of(rules: Rules | None) -> list[Shown]:
    """The groups that show these conditions, then empty ones. Raises `Invalid` when there are more than fit."""
    shown: list[Shown] = []

    def add(at_least: int, inside: int, of: tuple[Criterion, ...]) -> None:
        number = len(shown) + 1
        facts = tuple(one for one in of if isinstance(one, str))
        shown.append(Shown(number, at_least, inside, facts))
        for one in of:
            if isinstance(one, Group):
                add(ALL if one.at_least == len(one.of) else one.at_least, number, one.of)

    criteria = rules.criteria if rules else ()
    alone = tuple(one for one in criteria if isinstance(one, str))
    if alone:
        add(ALL, 0, alone)
    for one in criteria:
        if isinstance(one, Group):
            add(ALL if one.at_least == len(one.of) else one.at_least, 0, one.of)
    if len(shown) > GROUPS:
        raise Invalid(field="criteria", why="too-deep")
    return shown + [Shown(number, ALL, 0, ()) for number in range(len(shown) + 1, GROUPS + 1)]


def groups_said() -> list[Shown]:
    """The groups of the form that was sent."""
    found = []
    for number in range(1, GROUPS + 1):
        at_least = request.form.get(f"group-{number}-at-least", "0")
        inside = request.form.get(f"group-{number}-inside", "0")
        facts = tuple(request.form.getlist(f"group-{number}-facts"))
        if not (at_least.isdigit() and inside.isdigit()) or int(inside) >= number:
            raise Invalid(field="criteria", why="unknown")
        found.append(Shown(number, int(at_least), int(inside), facts))
    return found


def criteria_of(groups: list[Shown], sentences: dict[str, str]) -> list[Any]:
    """Groups back into nested conditions; an empty group says nothing."""
    known = {*KNOWN, *sentences}

    def of(group: Shown) -> list[Any]:
        inner = [nested(one) for one in groups if one.inside == group.number]
        return [*(one for one in group.facts if one in known), *(one for one in inner if one is not None)]

    def nested(group: Shown) -> dict[str, Any] | None:
        held = of(group)
        return {"at_least": group.at_least or len(held), "of": held} if held else None

    criteria: list[Any] = []
    for group in groups:
        if group.inside == 0 and (held := of(group)):
            criteria += held if group.at_least in (ALL, len(held)) else [{"at_least": group.at_least, "of": held}]
    return criteria
