"""A service in counts, for who leads it: how many files each person follows and where they are, and no file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from flask import render_template
from sqlalchemy import func, select

from ordi.parties.people import Person
from ordi.sharing.requests import LIVE, Request, RequestState, follower_id, requests_seen_by
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.sharing import blueprint

YEAR = timedelta(days=365)
SHOWN = (
    RequestState.WAITING,
    RequestState.ALLOCATED,
    RequestState.UNCONFIRMED,
    RequestState.HANDED_OVER,
    RequestState.WITHDRAWN,
    RequestState.CLOSED,
)


@dataclass(frozen=True)
class Followed:
    """How many requests one person follows, by where they are, and for how many days the oldest has waited."""

    name: str
    counts: Counter[str]
    waits: int | None


@blueprint.get("/service")
@permission("requests.count")
def service() -> str:
    """Each person's files, counted: those that live, and what became of the others within a year."""
    recent = Request.state.in_(LIVE) | (Request.ended_at >= now() - YEAR) | (Request.state == RequestState.HANDED_OVER)
    seen = requests_seen_by(me(), "requests.count", at=now()).where(recent)
    mine = seen.with_only_columns(follower_id.label("follower"), Request.state, Request.filed_at).subquery()
    rows = db().execute(
        select(Person.id, Person.name, mine.c.state, func.count(), func.min(mine.c.filed_at))
        .join(mine, mine.c.follower == Person.id)
        .group_by(Person.id, Person.name, mine.c.state)
        .order_by(Person.name, Person.id)
    )
    found: dict[int, Followed] = {}
    for number, name, state, count, oldest in rows:
        one = found.get(number, Followed(name, Counter(), None))
        one.counts[state] = count
        waits = (now() - oldest).days if state == RequestState.WAITING else one.waits
        found[number] = Followed(name, one.counts, waits)
    total = sum((one.counts for one in found.values()), Counter[str]())
    return render_template("sharing/service.html", found=list(found.values()), total=total, states=SHOWN)
