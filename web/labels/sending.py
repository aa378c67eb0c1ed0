"""Labels on their way to a printer: sent at once while somebody stands there, again by the worker when it took nothing."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ordi.labels import queue
from ordi.labels.printings import Printing, Stage, Way, labels_of
from ordi.labels.stocks import stock_named
from web.clock import now
from web.guards import me, permission
from web.labels import blueprint, zebra
from web.labels.papers import aim_of, faces_of, handed, printing_of
from web.papers.labels_zpl import labels_zpl
from web.session import apart, db
from web.settings import Settings
from web.worker import duty


@blueprint.get("/labels/printings/<uuid>")
@permission("labels.print")
def printing(uuid: str) -> str:
    """What was printed, how it stands, and its files."""
    found = printing_of(uuid)
    return render_template(
        "labels/printing.html",
        printing=found,
        labels=labels_of(db(), found),
        stock=stock_named(db(), found.workshop, found.stock),
    )


@blueprint.get("/labels/printings/<uuid>.zpl")
@permission("labels.print")
def zpl(uuid: str) -> Response:
    """The file that a label printer understands."""
    found = printing_of(uuid)
    return handed(b"".join(pages_of(db(), found)), "application/octet-stream", f"ordi-{found.id}.zpl", "attachment")


@blueprint.post("/labels/printings/<uuid>/again")
@permission("labels.print")
def again(uuid: str) -> Response:
    """Send it now, all of it."""
    found = printing_of(uuid)
    queue.send_again(db(), found, by=me(), at=now())
    db().commit()
    return sent(found)


@blueprint.post("/labels/printings/<uuid>/seen")
@permission("labels.print")
def seen(uuid: str) -> Response:
    """The labels are there."""
    found = printing_of(uuid)
    queue.seen(db(), found, by=me(), at=now())
    db().commit()
    flash(_("Noté : elles sont imprimées."), "ok")
    return redirect(url_for("labels.index"))


@blueprint.post("/labels/printings/<uuid>/withdraw")
@permission("labels.print")
def withdraw(uuid: str) -> Response:
    """Not to be printed any more."""
    found = printing_of(uuid)
    queue.withdraw(db(), found, by=me(), at=now())
    db().commit()
    flash(_("Retirée : elle ne s’imprimera pas."), "wait")
    return redirect(url_for("labels.index"))


def sent(printing: Printing) -> Response:
    """Send a printing that was just kept, and show how it went."""
    number, where = printing.id, url_for("labels.printing", uuid=printing.uuid)
    db().close()  # what follows takes seconds: no transaction is open meanwhile
    deliver(number, at=now())
    return redirect(where)


def deliver(number: int, *, at: datetime) -> Stage | None:
    """Send one printing that waits, in short transactions of its own; None when somebody else has it."""
    settings: Settings = current_app.extensions["ordi-settings"]
    with apart() as session:
        taken = queue.claim(session, number, at=at)
        if taken is None or taken.printer is None:
            return None
        address, port, pages = taken.printer.address, taken.printer.port, pages_of(session, taken)
    stage, trouble = Stage.PRINTED, ""
    try:
        zebra.print_on(address, port, settings.printer_networks, pages)
    except zebra.NotPrinted as nothing:
        stage, trouble = Stage.WAITING, nothing.code
    except zebra.PerhapsPrinted as unsure:
        stage, trouble = Stage.PERHAPS, unsure.code
    with apart() as session:
        return Stage(queue.settle(session, number, stage, at=now(), trouble=trouble).stage)


def pages_of(session: Session, printing: Printing) -> list[bytes]:
    """A printing as ZPL: for its printer, or for the one its roll usually goes through."""
    stock = stock_named(session, printing.workshop, printing.stock)
    printer = printing.printer if printing.way == Way.NETWORK else None
    dpi = printer.dpi if printer else stock.dpi
    return labels_zpl(faces_of(session, printing), stock, dpi=dpi, aim=aim_of(printer))


@duty("label printings", sends=True)
def send_waiting(_session: Session, _settings: Settings, at: datetime) -> int:
    """What a printer could not take, tried again; what nobody settled was perhaps printed."""
    with apart() as session:
        queue.abandon(session, at=at)
        waiting = queue.due(session, at=at)
    return sum(deliver(number, at=at) is Stage.PRINTED for number in waiting)
