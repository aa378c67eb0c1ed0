"""What waits for a person: each trade says it for whoever holds the permission; the home page gathers it.

    @waits("fleet.help")
    def help_asked(person: Person) -> list[Task]: ...

A room may add its own from a module that its blueprint imports.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ordi.parties.access import ACCESS, grounds
from ordi.parties.people import Person
from web.clock import now


@dataclass(frozen=True)
class Task:
    """One thing to do: shape and colour, words, where it is done. The most urgent tone comes first."""

    tone: str
    icon: str
    title: str
    text: str
    url: str


Teller = Callable[[Person], list[Task]]
TELLERS: list[tuple[str, Teller]] = []
_URGENCY = {"stop": 0, "warn": 1, "now": 2, "bench": 3, "give": 3, "share": 3, "wait": 4, "todo": 5, "ok": 6}


def waits(permission: str) -> Callable[[Teller], Teller]:
    """Tell what waits for those who hold a permission."""
    if permission not in ACCESS:
        raise ValueError(f"no such permission: {permission}")

    def add(teller: Teller) -> Teller:
        TELLERS.append((permission, teller))
        return teller

    return add


def waiting_for(person: Person) -> list[Task]:
    """Everything that waits for this person, the most urgent first."""
    tasks = [task for permission, teller in TELLERS if grounds(person, permission, now()) for task in teller(person)]
    return sorted(tasks, key=lambda task: _URGENCY.get(task.tone, 9))
