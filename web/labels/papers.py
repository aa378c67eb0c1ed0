"""The papers of a printing: drawn from what was kept, the same each time."""

from __future__ import annotations

from flask import make_response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ordi.labels.printers import Printer
from ordi.labels.printings import Printing, cells_in, labels_of, printing_seen
from ordi.labels.stocks import stock_named
from web.clock import now
from web.guards import me, permission
from web.labels import blueprint
from web.papers.label_faces import Face
from web.papers.labels_pdf import TRUE, Aim, labels_pdf
from web.session import db


@blueprint.get("/labels/printings/<uuid>.pdf")
@permission("labels.print")
def sheet(uuid: str) -> Response:
    """The sheets, or one label a page."""
    printing = printing_of(uuid)
    pdf = labels_pdf(
        faces_of(db(), printing),
        stock_named(db(), printing.workshop, printing.stock),
        at=printing.at,
        lang=printing.lang,
        author=printing.workshop.name,
        used=cells_in(printing.used),
        aim=aim_of(printing.printer),
    )
    return handed(pdf, "application/pdf", f"ordi-{printing.id}.pdf", "inline")


def printing_of(uuid: str) -> Printing:
    """The printing under this number, for who prints at its workshop. Raises `NotFound`."""
    return printing_seen(db(), uuid, me(), at=now())


def faces_of(session: Session, printing: Printing) -> list[Face]:
    """Its labels as they were, each as often as was asked."""
    faces = []
    for one in labels_of(session, printing):
        lines, more = one.lines
        faces += [Face(one.code, one.url, lines, more)] * printing.copies
    return faces


def aim_of(printer: Printer | None) -> Aim:
    """How a printer is aimed."""
    if printer is None:
        return TRUE
    return Aim((printer.scale_x, printer.scale_y), (printer.shift_x, printer.shift_y))


def handed(content: bytes, mimetype: str, name: str, how: str) -> Response:
    """A file."""
    answer = make_response(content)
    answer.headers["Content-Type"] = mimetype
    answer.headers["Content-Disposition"] = f'{how}; filename="{name}"'
    return answer
