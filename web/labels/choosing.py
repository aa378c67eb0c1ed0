"""Before printing: on what, through what, which cells are taken, and why again. Then it is kept, and leaves."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.errors import Invalid
from ordi.labels.printers import Printer, printer_of, printers_of
from ordi.labels.printings import MOST, MOST_COPIES, Printing, Stage, Way, cells_taken, print_labels
from ordi.labels.stocks import SHIPPED, Stock, stock_named, stocks_of
from ordi.machines.labels import Again, carried
from ordi.parties.organisations import Organisation
from web.asking import chosen_or_none, whole
from web.clock import now
from web.guards import me, permission
from web.labels import blueprint
from web.labels.carriers import Batch, batch_of
from web.labels.sending import sent
from web.languages import chosen
from web.machines.label_pictures import drawn
from web.session import db

REMEMBERED = "ordi_labels"
"""What this device printed on last: stock and way. It opens nothing and names nobody."""
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Through:
    """A way out of here: one button."""

    value: str
    icon: str
    words: str
    detail: str


@blueprint.get("/labels/for/<kind>/<path:code>")
@permission("labels.print")
def choose(kind: str, code: str) -> str:
    """What will be printed, and on what."""
    batch = batch_of(kind, code)
    stocks = stocks_of(db(), batch.workshop)
    kept_stock, kept_way = remembered()
    asked = request.args.get("stock", kept_stock)
    stock = stocks.get(asked) or SHIPPED["1-62x29" if len(batch.labels) == 1 else "24-70x37"]
    machines = [one.machine for one in batch.labels if one.machine]
    ways = _ways(batch.workshop, stock)
    ways.sort(key=lambda way: way.value != kept_way)
    return render_template(
        "labels/choose.html",
        kind=kind,
        code=code,
        batch=batch,
        first=batch.labels[0].face,
        qr=drawn(batch.labels[0].face.url),
        stock=stock,
        stocks=[one for one in stocks.values() if one.key != stock.key],
        taken=set(cells_taken(db(), batch.workshop, stock)),
        again=list(Again) if carried(db(), machines) else [],
        ways=ways,
        uuid=str(uuid4()),
        most_copies=max(min(MOST_COPIES, MOST // len(batch.labels)), 1),
    )


@blueprint.post("/labels/for/<kind>/<path:code>")
@permission("labels.print")
def make(kind: str, code: str) -> Response:
    """Print: a PDF, a file for a label printer, or straight to it."""
    batch = batch_of(kind, code)
    stock = stock_named(db(), batch.workshop, request.form.get("stock", ""))
    through = request.form.get("through", "")
    way, printer = _way(through, batch, stock)
    printing = print_labels(
        db(),
        batch.workshop,
        [one.item for one in batch.labels],
        stock,
        way,
        uuid=request.form.get("uuid", ""),
        kind=kind,
        subject=code[:60],
        lang=chosen(),
        printer=printer,
        copies=whole("copies", least=1, most=MOST_COPIES),
        used=[int(cell) for cell in request.form.getlist("used") if cell.isascii() and cell.isdigit()][:200],
        why=chosen_or_none(Again, "why"),
        by=me(),
        at=now(),
    )
    db().commit()
    answer = sent(printing) if printing.stage == Stage.WAITING else redirect(_leads(printing))
    answer.set_cookie(
        REMEMBERED,
        f"{stock.key} {through}",
        max_age=_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.extensions["ordi-settings"].secure,
    )
    return answer


def remembered() -> tuple[str, str]:
    """The stock and the way this device chose last."""
    stock, _space, way = request.cookies.get(REMEMBERED, "")[:60].partition(" ")
    return stock, way


def _ways(workshop: Organisation, stock: Stock) -> list[Through]:
    found = []
    for one in printers_of(db(), workshop):
        if one.networked and stock.roll:
            found.append(Through(f"net-{one.id}", "network", one.name, _("sort tout de suite")))
        elif not one.networked and not stock.roll:
            found.append(Through(f"pdf-{one.id}", "printer", one.name, _("réglée") if one.calibrated_at else ""))
    if stock.roll:
        found.append(Through("zpl", "download", _("Fichier ZPL"), _("pour une imprimante à étiquettes")))
    return [*found, Through("pdf", "document", _("PDF"), _("à imprimer à 100 %%") % ())]


def _way(through: str, batch: Batch, stock: Stock) -> tuple[Way, Printer | None]:
    """What a button means. Raises `Invalid`, `NotFound`."""
    kind, _dash, number = through.partition("-")
    printer = None
    if number:
        printer = printer_of(db(), batch.workshop, int(number) if number.isdigit() and len(number) < 10 else 0)
    if kind in ("pdf", "net") and (kind == "pdf" or printer is not None):
        return (Way.PAPER if kind == "pdf" else Way.NETWORK), printer
    if kind == "zpl" and printer is None and stock.roll:
        return Way.FILE, None
    raise Invalid(field="through", why="unknown")


def _leads(printing: Printing) -> str:
    """The file at once; of a printing pressed twice, how it stands."""
    if printing.way == Way.NETWORK:
        return url_for("labels.printing", uuid=printing.uuid)
    return url_for("labels.sheet" if printing.way == Way.PAPER else "labels.zpl", uuid=printing.uuid)
