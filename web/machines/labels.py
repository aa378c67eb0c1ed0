"""Printing labels: one more for a machine, or sheets of free ones."""

from __future__ import annotations

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from ordi.machines.labels import MOST, Label, free_counts, print_for, print_free, printed_at_once
from ordi.machines.machine import seen
from ordi.parties.access import grounds, may
from ordi.parties.organisations import Kind, Organisation
from web.clock import now
from web.guards import me, permission
from web.machines import blueprint
from web.machines.freshness import fresh
from web.machines.label_pictures import qr_of
from web.papers.labels_pdf import STOCKS, Found, labels_pdf
from web.session import db
from web.settings import Settings

STOCK_WORDS = {
    "24-70x37": _l("24 par feuille, 70 × 37 mm"),
    "65-38x21": _l("65 par feuille, 38 × 21 mm"),
    "1-62x29": _l("Rouleau, 62 × 29 mm"),
}


class SheetForm(FlaskForm):  # type: ignore[misc]
    """How many free labels, for whom, on what."""

    workshop = SelectField(_l("Atelier"), coerce=int, validators=[InputRequired()])
    count = IntegerField(_l("Combien"), validators=[InputRequired(), NumberRange(1, MOST)])
    stock = SelectField(_l("Papier"), choices=list(STOCK_WORDS.items()), validators=[InputRequired()])
    skip = IntegerField(
        _l("Places déjà prises sur la première feuille"), validators=[InputRequired(), NumberRange(0, 64)]
    )


class OneForm(FlaskForm):  # type: ignore[misc]
    """On what one label is printed."""

    stock = SelectField(_l("Papier"), choices=list(STOCK_WORDS.items()), validators=[InputRequired()])
    skip = IntegerField(_l("Places déjà prises"), validators=[InputRequired(), NumberRange(0, 64)])


@blueprint.get("/labels")
@permission("labels.print")
def labels() -> str:
    """A sheet of free labels to make, and the last ones made."""
    form = SheetForm(formdata=None, data={"count": 24, "stock": "24-70x37", "skip": 0})
    form.workshop.choices = [(one.id, one.name) for one in _workshops()]
    return _sheets(form)


@blueprint.post("/labels")
@permission("labels.print")
def make_labels() -> str | tuple[str, int] | Response:
    """Make free labels; their tags are taken from now on."""
    form = SheetForm()
    form.workshop.choices = [(one.id, one.name) for one in _workshops()]
    if not form.validate_on_submit():
        return _sheets(form), 422
    workshop = next(one for one in _workshops() if one.id == form.workshop.data)
    made = print_free(db(), workshop, int(form.count.data or 0), by=me(), at=now())
    db().commit()
    return redirect(
        url_for("machines.label_sheet", label_id=made[0].id, stock=form.stock.data, skip=form.skip.data or 0)
    )


@blueprint.get("/labels/<int:label_id>.pdf")
@permission("labels.print")
def label_sheet(label_id: int) -> Response:
    """All the labels made together with this one."""
    label = db().get(Label, label_id)
    if label is None or not may(me(), "labels.print", label.workshop, at=now()):
        abort(404)
    tags = [one.tag for one in printed_at_once(db(), label.workshop, label.printed_at)]
    return _pdf(tags, label.workshop, f"labels-{label_id}.pdf")


@blueprint.get("/<tag>/label")
@permission("labels.print")
def label(tag: str) -> str:
    """One machine's label, before it is printed."""
    machine = seen(db(), me(), tag, "labels.print", at=now())
    form = OneForm(formdata=None, data={"stock": "1-62x29", "skip": 0})
    return render_template("machines/label.html", machine=machine, form=form, qr=qr_of(machine.tag))


@blueprint.post("/<tag>/label")
@permission("labels.print")
def print_label(tag: str) -> Response:
    """Print it; a second time is written in its history."""
    machine = seen(db(), me(), tag, "labels.print", at=now())
    fresh(machine)
    print_for(db(), machine, by=me(), at=now())
    db().commit()
    return _pdf([machine.tag], machine.workshop, f"{machine.tag}.pdf")


def _sheets(form: SheetForm) -> str:
    rooms = _workshops()
    free = free_counts(db(), rooms)
    places = [(one, free[one.id]) for one in rooms]
    ids = [one.id for one, _count in places]
    recent = db().scalars(select(Label).where(Label.workshop_id.in_(ids)).order_by(Label.id.desc()).limit(200)).all()
    together = list({(one.workshop_id, one.printed_at): one for one in recent}.values())
    return render_template("machines/labels.html", form=form, places=places, together=together[:8])


def _workshops() -> list[Organisation]:
    """The workshops for which I print."""
    held = [one.organisation for one in grounds(me(), "labels.print", now())]
    query = select(Organisation).where(Organisation.kind == Kind.WORKSHOP).order_by(Organisation.name)
    return [one for one in db().scalars(query) if any(above.holds(one) for above in held)]


def _pdf(tags: list[str], workshop: Organisation, name: str) -> Response:
    settings: Settings = current_app.extensions["ordi-settings"]
    given = request.form or request.args
    stock = STOCKS.get(given.get("stock", ""), STOCKS["24-70x37"])
    skip = min(max(given.get("skip", 0, type=int), 0), stock.count - 1)
    found = Found(organisation=workshop.name, phone=workshop.phone or settings.phone)
    pdf = labels_pdf(tags, stock, public_url=settings.base_url, found=found, at=now(), skip=skip)
    answer = make_response(pdf)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
