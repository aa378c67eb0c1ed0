"""What a workshop's lead looks at: stock, ages, weeks, first pass; and the same as files."""

from __future__ import annotations

from flask import abort, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.machines.machine import Machine
from ordi.reporting.workshop import Week, WorkshopFigures, stock_list, workshop_figures
from web.bench import blueprint
from web.bench.rooms import my_workshop, my_workshops
from web.clock import now
from web.guards import permission
from web.session import db
from web.sheets import CSV, XLSX, Sheet, as_csv, as_xlsx, file_of
from web.wording import wording


@blueprint.get("/figures")
@permission("machines.export")
def figures() -> str:
    """One workshop's figures, each drawing with its table."""
    room = my_workshop("machines.export")
    told = workshop_figures(db(), room, at=now())
    return render_template(
        "bench/figures.html",
        room=room,
        rooms=my_workshops("machines.export"),
        told=told,
        grades=list(told.grades),
        labels=[f"{week.monday.day}/{week.monday.month}" for week in told.weeks],
    )


@blueprint.get("/figures.<kind>")
@permission("machines.export")
def figures_file(kind: str) -> Response:
    """The stock as CSV, or stock, weeks and ages as one workbook."""
    if kind not in (CSV, XLSX):
        abort(404)
    room, at = my_workshop("machines.export"), now()
    name = f"ordi-atelier-{room.id}-{at.date().isoformat()}"
    stock = _stock(stock_list(db(), room))
    if kind == CSV:
        return file_of(as_csv(stock[1], stock[2]), kind, name)
    told = workshop_figures(db(), room, at=at)
    return file_of(as_xlsx([stock, _shelves(told), _weeks(told.weeks), _ages(told)]), kind, name)


def _stock(machines: object) -> Sheet:
    heads = ["tag", "form", "manufacturer", "model", "serial", "grade", "state", "shelf", "since", "days"]
    return _("Stock"), heads, [_row(one) for one in machines]  # type: ignore[attr-defined]


def _row(one: Machine) -> list[object]:
    kind, state, since = wording.form(one.form), wording.state(one.state), one.state_since
    known = [one.tag, kind, one.manufacturer, one.model, one.serial, one.grade, state, one.shelf]
    return [*known, since.date(), (now() - since).days]


def _shelves(told: WorkshopFigures) -> Sheet:
    grades = list(told.grades)
    rows = [[shelf, *(count.get(one, 0) for one in grades), sum(count.values())] for shelf, count in told.stock.items()]
    return _("Étagères"), ["shelf", *(one or "-" for one in grades), "total"], rows


def _weeks(weeks: list[Week]) -> Sheet:
    heads = ["week_of", "received", "released", "first_pass", "first_pass_percent", "median_days"]
    rows = [
        [week.monday.date(), week.came, week.released, week.first_pass, week.yield_percent, week.median_days]
        for week in weeks
    ]
    return _("Semaines"), heads, rows


def _ages(told: WorkshopFigures) -> Sheet:
    heads = ["state", "up_to_7_days", "8_to_30_days", "over_30_days", "longest_days"]
    rows = [[wording.state(age.state), age.young, age.middle, age.old, age.longest] for age in told.ages]
    return _("Attente"), heads, rows
