"""The label room itself: free labels to make, what was printed last."""

from __future__ import annotations

from flask import render_template
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from ordi.journeys.series import VERBS
from ordi.labels.printings import PrintedLabel, Printing
from ordi.machines.labels import free_counts
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from web.clock import now
from web.guards import me, permission
from web.labels import blueprint
from web.series import words as series_words
from web.session import db

LAST = 12


@blueprint.get("/labels")
@permission("labels.print")
def index() -> str:
    """Free labels, and the last printings."""
    rooms = workshops()
    ids = [room.id for room in rooms]
    last = list(
        db().scalars(
            select(Printing)
            .where(Printing.workshop_id.in_(ids))
            .options(joinedload(Printing.by))
            .order_by(Printing.id.desc())
            .limit(LAST)
        )
    )
    return render_template(
        "labels/index.html",
        rooms=rooms,
        free=free_counts(db(), rooms),
        last=last,
        many=_how_many(last),
        cards=[(verb.code, series_words.verb(verb.code)) for verb in VERBS.values() if not verb.takes],
    )


def workshops() -> list[Organisation]:
    """The workshops for which I print."""
    within = [
        Organisation.path.startswith(one.organisation.path, autoescape=True)
        for one in grounds(me(), "labels.print", now())
    ]
    query = select(Organisation).where(Organisation.kind == Kind.WORKSHOP, or_(False, *within))
    return list(db().scalars(query.order_by(Organisation.name, Organisation.id)))


def _how_many(printings: list[Printing]) -> dict[int, int]:
    """Labels of each printing, copies counted."""
    ids = [one.id for one in printings]
    counted = select(PrintedLabel.printing_id, func.count()).where(PrintedLabel.printing_id.in_(ids))
    found: dict[int, int] = dict(db().execute(counted.group_by(PrintedLabel.printing_id)).tuples().all())
    return {one.id: found.get(one.id, 0) * one.copies for one in printings}
