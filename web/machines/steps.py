"""The buttons of a machine's page: what may be done from where it is, by this person, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app, url_for
from sqlalchemy.orm import Session

from ordi.bench.release import in_the_way
from ordi.errors import Refused
from ordi.machines.journal import possible
from ordi.machines.lifecycle import STEPS, Action
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from web.machines.panels import ACTION_ROUTES, EXTRAS
from web.machines.reach import reaches
from web.wording.refusals import REFUSALS, told

PLAIN = (Action.REOPEN, Action.CANCEL)
"""Actions that need nothing but themselves; every other is offered once its room says where its form is."""

FORWARD = (
    Action.RECEIVE,
    Action.HAND_OVER,
    Action.ALLOCATE,
    Action.RELEASE_TO_STOCK,
    Action.REINSTALL,
    Action.SANITISE,
    Action.COLLECT,
    Action.FIND,
    Action.RECYCLE,
)
"""Which one is `.next`, when several are possible: the one that brings it nearer to a family."""


@dataclass(frozen=True)
class Button:
    """One thing this person may do: a link to a form, or a POST."""

    action: str
    url: str
    posts: bool
    icon: str = ""
    words: str = ""
    blocked: str = ""
    """What stands in the way, and what to do about it."""
    leads: bool = False

    @property
    def forward(self) -> bool:
        """Whether it brings the machine nearer to a family: only such a one is sewn on as `.next`."""
        return (self.action in FORWARD or self.leads) and not self.blocked


def buttons(session: Session, machine: Machine, by: Person, *, at: datetime) -> list[Button]:
    """Everything possible, the way forward first."""
    found = []
    for action in sorted(possible(machine, by, at=at), key=_order):
        endpoint = ACTION_ROUTES.get(action)
        if endpoint is not None and endpoint in current_app.view_functions:
            posts = not _has_form(endpoint)
            found.append(
                Button(action, url_for(endpoint, tag=machine.tag), posts, blocked=_why(session, machine, action))
            )
        elif action in PLAIN:
            found.append(Button(action, url_for("machines.act", tag=machine.tag, action=action), posts=True))
    for extra in EXTRAS:
        known = extra.endpoint in current_app.view_functions and extra.applies(machine)
        if known and reaches(by, extra.permission, machine, at=at):
            url = url_for(extra.endpoint, tag=machine.tag)
            leads = extra.leads(machine)
            found.append(Button("", url, posts=False, icon=extra.icon, words=str(extra.words), leads=leads))
    return found


def _why(session: Session, machine: Machine, action: Action) -> str:
    refusals: list[Refused] = in_the_way(session, machine, action) if STEPS[action].needs else []
    if not refusals:
        return ""
    telling = REFUSALS[refusals[0].code]
    return f"{told(telling.what, refusals[0].facts)} {told(telling.mend, refusals[0].facts)}"


def _order(action: Action) -> int:
    return FORWARD.index(action) if action in FORWARD else len(FORWARD)


def _has_form(endpoint: str) -> bool:
    return any("GET" in (rule.methods or ()) for rule in current_app.url_map.iter_rules(endpoint))
