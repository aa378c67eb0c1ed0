"""For the administration: what is kept and why, what will be erased and when, what was, and who read which file. No names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import render_template, request
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from ordi.legal_rules import in_force
from ordi.papers import PARIS
from ordi.parties.households import Household, HouseholdReading
from ordi.privacy.ends import file_ends
from ordi.privacy.erasing import Erasure, due_on, erased_in_all, kept_months, preview
from ordi.sharing.consents import all_taken_back
from ordi.sharing.months import months_after
from web.clock import now
from web.guards import permission
from web.privacy import blueprint
from web.session import db

AHEAD = 6
PAGE = 50
PAST = 20


@dataclass(frozen=True)
class Month:
    """What one month will erase, as things stand."""

    until: date
    files: int


@blueprint.get("/administration/privacy")
@permission("network.privacy")
def index() -> str:
    """The rules, what they will erase, and what they erased."""
    at, today = now(), now().astimezone(PARIS).date()
    ends, months = file_ends(db(), at=at), kept_months(db(), at)
    laws = in_force(db(), today)
    before, ahead = len(due_on(ends, months, today)), []
    for number in range(1, AHEAD + 1):
        day = months_after(today, number)
        so_far = len(due_on(ends, months, day))
        ahead.append(Month(day, so_far - before))
        before = so_far
    return render_template(
        "privacy/index.html",
        today=today,
        due=preview(db(), at=at),
        ahead=[month for month in ahead if month.files],
        first=min((over for end in ends.values() if (over := end.erased_on(months))), default=None),
        living=len(ends),
        running=sum(bool(end.running) for end in ends.values()),
        erased=erased_in_all(db()),
        silent=len(all_taken_back(db())),
        laws=laws,
        past=list(db().scalars(select(Erasure).order_by(Erasure.id.desc()).limit(PAST))),
    )


@blueprint.get("/administration/readings")
@permission("network.privacy")
def readings() -> str:
    """Who opened which file, newest first: the file's code, never its name."""
    query = (
        select(HouseholdReading)
        .join(HouseholdReading.household)
        .options(
            contains_eager(HouseholdReading.household).joinedload(Household.partner),
            joinedload(HouseholdReading.person),
        )
        .order_by(HouseholdReading.id.desc())
    )
    before = request.args.get("before", type=int)
    if before is not None:
        query = query.where(HouseholdReading.id < before)
    rows = list(db().scalars(query.limit(PAGE + 1)))
    older = rows[PAGE - 1].id if len(rows) > PAGE else None
    return render_template("privacy/readings.html", rows=rows[:PAGE], older=older)
