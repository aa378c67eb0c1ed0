"""The stocks of a workshop: measured by hand, drawn at true size while they are typed, refused when they do not fit."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.errors import Invalid
from ordi.labels.stocks import (
    DOTS,
    SHIPPED,
    Stock,
    StockDoesNotFit,
    own_stocks_in,
    retire_stock,
    save_stock,
    saved_stock,
)
from web.asking import short
from web.clock import now
from web.guards import me, permission
from web.labels import blueprint, words
from web.labels.carried import workshop_of
from web.labels.drawing import stock_drawing
from web.labels.measures import millimetres
from web.labels.room import workshops
from web.session import db

_START = "21-63x38"


@blueprint.get("/labels/stocks")
@permission("labels.print")
def stocks() -> str:
    """Every stock, and one more to measure."""
    rooms = workshops()
    own = own_stocks_in(db(), rooms)
    return render_template("labels/stocks.html", own=[(room, own[room.id]) for room in rooms], shipped=SHIPPED.values())


@blueprint.get("/labels/stocks/new")
@permission("labels.print")
def new_stock() -> str:
    """The measures of one more, beginning with those of another."""
    like = SHIPPED.get(request.args.get("like", ""), SHIPPED[_START])
    return _form(_told(like), like, {})


@blueprint.post("/labels/stocks")
@permission("labels.print")
def add_stock() -> Response | tuple[str, int]:
    """Keep it, if it fits."""
    where = workshop_of(request.form.get("workshop", ""))
    given = dict(request.form)
    try:
        stock = _read()
    except Invalid as refusal:
        field = str(refusal.facts["field"])
        return _form(given, SHIPPED[_START], {field: words.wrong_stock(field, refusal)}), 422
    if request.form.get("look"):
        return _form(given, stock, _faults(stock)), 200
    faults = _faults(stock)
    if faults:
        return _form(given, stock, faults), 422
    saved = save_stock(db(), where, stock, by=me(), at=now())
    db().commit()
    flash(_("« %(name)s » est gardé : il est proposé à chaque impression.", name=saved.name), "ok")
    return redirect(url_for("labels.stocks"))


@blueprint.post("/labels/stocks/<int:workshop_id>/<key>/retire")
@permission("labels.print")
def put_away(workshop_id: int, key: str) -> Response:
    """Offer it no more."""
    where = workshop_of(str(workshop_id))
    saved = saved_stock(db(), where, key)
    retire_stock(db(), saved, where, by=me(), at=now())
    db().commit()
    flash(_("« %(name)s » n’est plus proposé.", name=saved.name), "ok")
    return redirect(url_for("labels.stocks"))


def _form(given: dict[str, str], stock: Stock, wrong: dict[str, str]) -> str:
    return render_template(
        "labels/stock.html",
        given=given,
        wrong=wrong,
        rooms=workshops(),
        dots=DOTS,
        drawing=stock_drawing(stock),
        fields=words.MEASURES,
    )


def _faults(stock: Stock) -> dict[str, str]:
    """What is wrong with measures that were read, by field."""
    if not stock.name:
        return {"name": _("À remplir.")}
    try:
        stock.check()
    except (Invalid, StockDoesNotFit) as refusal:
        field = str(refusal.facts["field"])
        return {field: words.wrong_stock(field, refusal)}
    return {}


def _read() -> Stock:
    """The measures of the form. Raises `Invalid`."""
    size = millimetres("page_width", least=1), millimetres("page_height", least=1)
    cell = millimetres("cell_width", least=1), millimetres("cell_height", least=1)
    columns, rows = _count("columns", 20), _count("rows", 50)
    pitch = millimetres("pitch_x") or cell[0], millimetres("pitch_y") or cell[1]
    dpi = request.form.get("dpi", "")
    if dpi not in map(str, DOTS):
        raise Invalid(field="dpi", why="unknown")
    return Stock(
        "new",
        size,
        columns,
        rows,
        cell,
        millimetres("left"),
        millimetres("top"),
        pitch,
        millimetres("corner", most=10),
        request.form.get("kind") == "roll",
        int(dpi),
        short("name", 40),
    )


def _count(field: str, most: int) -> int:
    said = request.form.get(field, "").strip()
    if not said.isascii() or not said.isdigit() or not 1 <= int(said[:4]) <= most:
        raise Invalid(field=field, why="out-of-range", least=1, most=most)
    return int(said)


def _told(stock: Stock) -> dict[str, str]:
    """A stock's measures as the form shows them."""
    pairs = {
        "page": stock.page,
        "cell": stock.cell,
    }
    told = {
        f"{name}_{side}": words.number(value)
        for name, pair in pairs.items()
        for side, value in zip(("width", "height"), pair, strict=True)
    }
    return told | {
        "name": stock.name,
        "kind": "roll" if stock.roll else "sheet",
        "columns": str(stock.columns),
        "rows": str(stock.rows),
        "left": words.number(stock.left),
        "top": words.number(stock.top),
        "pitch_x": words.number(stock.pitch[0]),
        "pitch_y": words.number(stock.pitch[1]),
        "corner": words.number(stock.corner),
        "dpi": str(stock.dpi),
    }
