"""« Mon ordinateur »: the family's page, opened by the secret of its leaflet. No sign-in, no name, nothing to type.

It tells what the computer sends and how it is; it can ask for help, stop the sending and start it again. What was asked
before is not shown: whoever finds a leaflet learns nothing.
"""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.fleet import check_ins, help_requests
from ordi.fleet.enrolment import current_enrolment
from ordi.fleet.help_requests import Trouble
from ordi.fleet.leaflets import machine_of
from ordi.machines.health import assess
from web.asking import chosen
from web.clock import now
from web.fleet import blueprint, words
from web.guards import permission
from web.session import db
from web.settings import Settings


@blueprint.get("/O/<secret>")
@blueprint.get("/o/<secret>")
@permission("public")
def my_computer(secret: str) -> str:
    """The page of one computer."""
    machine = machine_of(db(), secret)
    enrolment = current_enrolment(db(), machine)
    last = check_ins.last_check_in(db(), machine) if enrolment and enrolment.last_seen_at else None
    settings: Settings = current_app.extensions["ordi-settings"]
    return render_template(
        "fleet/my_computer.html",
        secret=secret,
        machine=machine,
        stopped=enrolment is not None and enrolment.stopped_at is not None,
        sends=enrolment is not None,
        health=enrolment.health if enrolment else "unknown",
        parts=words.part_of(assess(last.readings).parts) if last else [],
        last=last,
        phone=machine.workshop.phone or settings.phone,
    )


@blueprint.post("/o/<secret>/help")
@permission("public")
def ask_for_help(secret: str) -> Response:
    """Ask for help with one press."""
    machine = machine_of(db(), secret)
    help_requests.ask(db(), machine, chosen(Trouble, "trouble"), at=now())
    db().commit()
    flash(_("C’est noté. L’atelier sait que vous avez besoin d’aide."), "ok")
    return redirect(url_for("fleet.my_computer", secret=secret))


@blueprint.post("/o/<secret>/stop")
@permission("public")
def stop_sending(secret: str) -> Response:
    """Stop the check-ins."""
    check_ins.stop(db(), machine_of(db(), secret), at=now())
    db().commit()
    flash(_("L’envoi est arrêté. L’ordinateur marche pareil."), "ok")
    return redirect(url_for("fleet.my_computer", secret=secret))


@blueprint.post("/o/<secret>/resume")
@permission("public")
def send_again(secret: str) -> Response:
    """Start the check-ins again."""
    check_ins.resume(db(), machine_of(db(), secret), at=now())
    db().commit()
    flash(_("L’envoi reprend, une fois par jour."), "ok")
    return redirect(url_for("fleet.my_computer", secret=secret))
