"""The printers of a workshop: written down by its lead, asked how they are, calibrated with a ruler."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.errors import Invalid, NotFound
from ordi.labels.printers import CROSS_MM, PORT, RULER_MM, Printer, add_printer, calibrate, printers_in, retire_printer
from ordi.labels.stocks import DOTS
from ordi.parties.access import may
from ordi.parties.organisations import Organisation
from web.asking import short
from web.clock import now
from web.guards import i_may, me, permission
from web.labels import blueprint, words, zebra
from web.labels.carried import workshop_of
from web.labels.measures import millimetres
from web.labels.papers import handed
from web.labels.room import workshops
from web.languages import chosen
from web.papers.calibration_pdf import calibration_pdf
from web.session import db
from web.settings import Settings


@blueprint.get("/labels/printers")
@permission("labels.print")
def printers() -> str:
    """Those of my workshops; a lead adds one."""
    return _page({})


@blueprint.post("/labels/printers")
@permission("labels.printers")
def add() -> Response | tuple[str, int]:
    """Write one down."""
    where = workshop_of(request.form.get("workshop", ""))
    if not may(me(), "labels.printers", where, at=now()):
        raise NotFound(workshop=str(where.id))
    try:
        made = add_printer(
            db(),
            where,
            name=short("name"),
            address=short("address", 253),
            port=_number("port", PORT),
            dpi=_number("dpi", DOTS[0]),
            by=me(),
            at=now(),
        )
    except Invalid as refusal:
        return _page({str(refusal.facts["field"]): words.wrong_printer(str(refusal.facts["field"]))}), 422
    db().commit()
    flash(_("« %(name)s » est dans la liste.", name=made.name), "ok")
    return redirect(url_for("labels.printers"))


@blueprint.post("/labels/printers/<int:number>/retire")
@permission("labels.printers")
def retire(number: int) -> Response:
    """Nothing goes there any more."""
    printer, where = _one(number, "labels.printers")
    retire_printer(db(), printer, where, by=me(), at=now())
    db().commit()
    flash(_("« %(name)s » n’est plus dans la liste.", name=printer.name), "ok")
    return redirect(url_for("labels.printers"))


@blueprint.post("/labels/printers/<int:number>/ask")
@permission("labels.print")
def ask(number: int) -> Response:
    """Ask it how it is."""
    printer, _where = _one(number)
    if not printer.networked:
        raise NotFound(printer=number)
    name, address, port = printer.name, printer.address, printer.port
    settings: Settings = current_app.extensions["ordi-settings"]
    db().close()
    try:
        trouble = zebra.status_of(address, port, settings.printer_networks).trouble
    except zebra.NotPrinted as silent:
        trouble = silent.code
    said = words.trouble(trouble) if trouble else _("Elle est prête.")
    flash(f"{name} : {said}", "stop" if trouble else "ok")
    return redirect(url_for("labels.printers"))


@blueprint.get("/labels/printers/<int:number>/calibration")
@permission("labels.print")
def calibration(number: int) -> str:
    """Print a page, measure it, write down what was found."""
    printer, _where = _one(number)
    return _calibration(printer, {}, {})


@blueprint.get("/labels/printers/<int:number>/calibration.pdf")
@permission("labels.print")
def calibration_page(number: int) -> Response:
    """Rulers and a cross, drawn as if the printer were true."""
    printer, _where = _one(number)
    pdf = calibration_pdf(printer.name, at=now(), lang=chosen())
    return handed(pdf, "application/pdf", "ordi-calibration.pdf", "inline")


@blueprint.post("/labels/printers/<int:number>/calibration")
@permission("labels.print")
def measured(number: int) -> Response | tuple[str, int]:
    """Keep what was measured."""
    printer, where = _one(number)
    asked = ("across", "down", "from_left", "from_top")
    found: dict[str, float] = {}
    wrong: dict[str, str] = {}
    for name in asked:
        try:
            found[name] = millimetres(name, least=0, most=400)
        except Invalid:
            wrong[name] = _("Des millimètres, comme 149,5.")
    if wrong:
        return _calibration(printer, wrong, dict(request.form)), 422
    rulers, cross = (found["across"], found["down"]), (found["from_left"], found["from_top"])
    calibrate(db(), printer, where, rulers=rulers, cross=cross, by=me(), at=now())
    db().commit()
    flash(_("« %(name)s » est réglée : imprimez une feuille pour voir.", name=printer.name), "ok")
    return redirect(url_for("labels.printers"))


def _page(wrong: dict[str, str]) -> str:
    rooms = workshops()
    kept = printers_in(db(), rooms)
    return render_template(
        "labels/printers.html",
        rooms=[(room, kept[room.id], i_may("labels.printers", room)) for room in rooms],
        mine=[room for room in rooms if i_may("labels.printers", room)],
        dots=DOTS,
        port=PORT,
        networks=current_app.extensions["ordi-settings"].printer_networks,
        wrong=wrong,
        given=request.form,
    )


def _calibration(printer: Printer, wrong: dict[str, str], given: dict[str, str]) -> str:
    return render_template(
        "labels/calibration.html", printer=printer, wrong=wrong, given=given, rulers=RULER_MM, cross=CROSS_MM
    )


def _one(number: int, name: str = "labels.print") -> tuple[Printer, Organisation]:
    """A printer of one of my workshops. Raises `NotFound`."""
    printer = db().get(Printer, number)
    where = db().get(Organisation, printer.workshop_id) if printer and printer.retired_at is None else None
    if printer is None or where is None or not may(me(), name, where, at=now()):
        raise NotFound(printer=number)
    return printer, where


def _number(field: str, default: int) -> int:
    said = request.form.get(field, "").strip()
    if not said:
        return default
    return int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 0
