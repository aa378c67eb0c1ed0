"""A committee reads the waiting list without names and may move a request; minutes keep what it decided, and why.

The computation proposes an order, people decide: what a committee moved passes before, or after, whatever the points say, until
the next one says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, Refused
from ordi.papers import Paper, PaperKind, issue, of_subject
from ordi.parties.access import ACCESS, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Membership, Person
from ordi.sharing.requests import Request, RequestState
from ordi.sharing.waiting import in_order, waiting_requests

LISTED = 200
"""How many requests a committee reads: beyond, the list is one of the next committee."""


class Move(StrEnum):
    """What a committee decides on one request."""

    IN_ORDER = ""
    FIRST = "first"
    LATER = "later"


class Why(StrEnum):
    """Why a request is moved: about the list and the machine, never about the family's life."""

    LONG_WAIT = "long_wait"
    DATE_NEAR = "date_near"
    NOTHING_AT_HOME = "nothing_at_home"
    BRIDGED = "bridged"
    NOT_REACHED = "not_reached"


WHYS = {Move.FIRST: (Why.LONG_WAIT, Why.DATE_NEAR, Why.NOTHING_AT_HOME), Move.LATER: (Why.BRIDGED, Why.NOT_REACHED)}
"""The reasons that fit each move."""


class NobodyBeside(Refused):
    """Minutes are signed by two at least: somebody beside who writes them."""

    code = "nobody-beside"


@dataclass(frozen=True)
class Decided:
    """What is decided on one request, and why when it is moved."""

    move: Move
    why: Why | None = None


def may_sit(session: Session, pole: Organisation, *, at: datetime) -> list[Person]:
    """Who may be named as present: who coordinates, judges or signs in this pole today."""
    roles = ACCESS["calls.judge"] | ACCESS["sharing.allocate"]
    sitting = (
        select(Membership.person_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.role.in_(roles), Organisation.path.startswith(pole.path, autoescape=True))
    )
    people = session.scalars(select(Person).where(Person.id.in_(sitting)).order_by(Person.name, Person.id))
    return [
        one for one in people if any(held.role in roles and pole.holds(held.organisation) for held in one.current(at))
    ]


def decide(
    session: Session,
    pole: Organisation,
    read: Sequence[str],
    decided: Mapping[str, Decided],
    present: Sequence[Person],
    *,
    by: Person,
    at: datetime,
) -> Paper:
    """Write down what a committee decided on the requests it read (their codes, in the order of its list), and give the minutes.

    A request that was served or withdrawn meanwhile is in the minutes as such, and not moved. Raises `NotAllowed`, `Invalid`,
    `NobodyBeside`.
    """
    require(by, "sharing.allocate", pole, at=at)
    guests = {one.id: one for one in may_sit(session, pole, at=at)}
    beside = [one for one in dict.fromkeys(present) if one.id in guests and one.id != by.id]
    if not beside:
        raise NobodyBeside()
    if not read or len(set(read)) != len(read) or len(read) > LISTED or not set(decided) <= set(read):
        raise Invalid(field="request", why="unknown")
    for code, one in decided.items():
        if one.move and one.why not in WHYS[one.move]:
            raise Invalid(field=f"why-{code}", why="missing")
    ours = {
        one.code: one
        for one in session.scalars(
            select(Request)
            .join(Organisation, Organisation.id == Request.partner_id)
            .where(Request.code.in_(read), Organisation.path.startswith(pole.path, autoescape=True))
            .order_by(Request.id)
            .with_for_update(of=Request)
            .execution_options(populate_existing=True)
        ).unique()
    }
    if set(ours) != set(read):
        raise Invalid(field="request", why="unknown")
    waiting = {one.request.code: one for one in in_order(waiting_requests(session, pole), at)}
    lines = []
    for code in read:
        verdict, rank = decided.get(code, Decided(Move.IN_ORDER)), waiting.get(code)
        line: dict[str, object] = {"request": code, "points": rank.points if rank else None, "move": "", "why": ""}
        if rank is not None and ours[code].state == RequestState.WAITING:
            line |= {"move": str(verdict.move), "why": str(verdict.why or "")}
            if ours[code].moved != verdict.move:
                ours[code].moved, ours[code].moved_at = verdict.move, at if verdict.move else None
        lines.append(line)
    facts: dict[str, object] = {"lines": lines, "present": [one.op_code for one in (by, *beside)]}
    paper = issue(session, PaperKind.COMMITTEE_MINUTES, _subject(pole), facts, by_id=by.id, at=at)
    session.flush()
    return paper


def minutes_of(session: Session, pole: Organisation) -> list[Paper]:
    """The minutes of a pole's committees, the newest first."""
    return of_subject(session, _subject(pole), PaperKind.COMMITTEE_MINUTES)[::-1]


def stated(paper: Paper) -> tuple[list[dict[str, object]], list[str]]:
    """The lines and who was present (operator codes), as the minutes were issued."""
    told = json.loads(paper.facts)
    return told["lines"], told["present"]


def _subject(pole: Organisation) -> str:
    return f"committee:{pole.id}"
