"""What other rooms put on a machine's page, without touching it.

A room writes, in a module its blueprint imports:

    @panel(order=40, permission="fleet.see")
    def health(machine: Machine) -> str | None:
        return render_template("fleet/panel.html", machine=machine)   # None or "": nothing to show

    ACTION_ROUTES[Action.REINSTALL] = "bench.reinstall"   # url_for(endpoint, tag=machine.tag), linked from the button

An endpoint in `ACTION_ROUTES` is where the action's own form is (a GET page). An action without one gets a plain POST
button that needs nothing but the action itself; the machine page takes it (`machines.act`). `extra_action` adds a
button that is not a step of the lifecycle. Orders: 10 drives, 20 checks, 40 health, 60 sharing, 80 custody, 90 papers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ordi.machines.lifecycle import Action
from ordi.machines.machine import Machine
from ordi.parties.access import ACCESS

Panel = Callable[[Machine], str | None]
"""Called only for a reader who holds the permission over the machine's organisation."""


@dataclass(frozen=True)
class Shown:
    """A panel and who reads it."""

    order: int
    permission: str
    draw: Panel
    main: bool


@dataclass(frozen=True)
class Extra:
    """A button beside those of the lifecycle: a link to a form of a room."""

    endpoint: str
    permission: str
    words: Any
    icon: str
    applies: Callable[[Machine], bool]
    leads: Callable[[Machine], bool]
    """Whether it is the way forward where no step of the lifecycle is."""


PANELS: list[Shown] = []
EXTRAS: list[Extra] = []
ACTION_ROUTES: dict[Action, str] = {}


def panel(order: int, permission: str, *, main: bool = False) -> Callable[[Panel], Panel]:
    """Put a panel on the page of a machine: in the side column, or in the wide one with `main`."""
    if permission not in ACCESS:
        raise ValueError(f"no such permission: {permission}")

    def add(draw: Panel) -> Panel:
        PANELS.append(Shown(order, permission, draw, main))
        PANELS.sort(key=lambda shown: shown.order)
        return draw

    return add


def extra_action(
    endpoint: str,
    permission: str,
    words: Any,
    icon: str,
    applies: Callable[[Machine], bool] = lambda _machine: True,
    leads: Callable[[Machine], bool] = lambda _machine: False,
) -> None:
    """Add a button to every machine it applies to: `url_for(endpoint, tag=machine.tag)`, a GET page."""
    EXTRAS.append(Extra(endpoint, permission, words, icon, applies, leads))
