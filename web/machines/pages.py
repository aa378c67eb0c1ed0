"""The list of computers and the page of each."""

from __future__ import annotations

from flask import render_template

from ordi.machines.machine import seen
from web.clock import now
from web.guards import me, permission
from web.machines import blueprint
from web.session import db


@blueprint.get("")
@permission("machines.list")
def index() -> str:
    """The machines I may see."""
    return render_template("machines/index.html")


@blueprint.get("/search")
@permission("machines.look-up")
def search() -> str:
    """The scan box: a label opens its machine, anything else searches."""
    return render_template("machines/index.html")


@blueprint.get("/<tag>")
@permission("machines.see")
def one(tag: str) -> str:
    """One machine's whole life."""
    machine = seen(db(), me(), tag, at=now())
    return render_template("machines/one.html", machine=machine)
