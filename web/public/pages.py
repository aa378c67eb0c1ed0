"""Public pages: they show no people, no serial number, and answer alike for every label."""

from __future__ import annotations

from flask import Response, current_app, make_response, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from ordi.machines.machine import Machine, machines_seen_by
from ordi.parties.organisations import Kind, Organisation
from ordi.tags import read_tag
from web.clock import now
from web.guards import permission, someone
from web.machines.finding import is_free
from web.public import blueprint
from web.public.sent_fields import FIELDS
from web.session import db
from web.settings import Settings


@blueprint.get("/M/<tag>")
@blueprint.get("/m/<tag>", endpoint="label_typed")
@permission("public")
def label(tag: str) -> AnyResponse:
    """What the QR of a label opens: its machine for who may see it, else whom to give it back to."""
    read = read_tag(tag)
    person = someone()
    if person is not None:
        query = machines_seen_by(person, "machines.look-up", at=now()).with_only_columns(Machine.tag)
        if db().scalar(query.where(Machine.tag == read)):
            return redirect(url_for("machines.one", tag=read))
        if is_free(db(), person, read, at=now()):
            return redirect(url_for("giving.intake", tag=read))
    network = db().scalar(select(Organisation).where(Organisation.kind == Kind.NETWORK))
    page = render_template("public/label.html", tag=read, network=network, phone=_phone(network))
    return _unlisted(page)


@blueprint.get("/what-a-computer-sends")
@permission("public")
def sends() -> str:
    """Everything a computer in use sends, and what it never does."""
    return render_template("public/sends.html", fields=list(FIELDS.items()))


@blueprint.get("/accessibility")
@permission("public")
def accessibility() -> str:
    """The declaration of accessibility."""
    return render_template("public/accessibility.html", phone=_settings().phone)


def _phone(network: Organisation | None) -> str:
    return (network.phone if network else "") or _settings().phone


def _unlisted(page: str) -> Response:
    answer = make_response(page)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _settings() -> Settings:
    settings: Settings = current_app.extensions["ordi-settings"]
    return settings
