"""Inventory files that other tools wrote, dropped at the bench: each answered with which machine, or why not."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ordi.bench.doubts import waiting_count
from ordi.bench.intake import Receipt, of_person, receive_file
from ordi.errors import Invalid, Refused
from ordi.machines.hardware import plain
from ordi.machines.identity import How
from web.bench import blueprint
from web.bench.rooms import my_workshop, my_workshops
from web.bench.words import why_not
from web.clock import now
from web.guards import me, permission
from web.session import db

MOST = 60
"""Files taken at once; together they are at most as large as one report may be."""


@dataclass(frozen=True)
class Told:
    """What became of one file."""

    name: str
    outcome: str
    """new, known, again, doubt, unread, aside."""
    receipt: Receipt | None
    why: str = ""


@blueprint.get("/inventories")
@permission("bench.intake")
def inventories() -> str:
    """Where files are dropped."""
    return _page([])


@blueprint.post("/inventories")
@permission("bench.intake")
def take_inventories() -> str | Response:
    """Take each file; one that says nothing is kept too."""
    sent = [one for one in request.files.getlist("files") if one.filename]
    if not sent:
        return redirect(url_for("bench.inventories"))
    if len(sent) > MOST:
        raise Invalid(field="files", why="too-many", most=MOST)
    sender = of_person(me(), my_workshop("bench.intake"))
    told = []
    for file in sent:
        name = plain(file.filename, 60)
        try:
            receipt = receive_file(db(), file.read(), None, sender=sender, at=now())
        except Refused as refused:
            db().rollback()
            told.append(Told(name, "aside", None, why_not(refused.code)))
            continue
        db().commit()  # each for itself: a later one that fails takes nothing back
        told.append(Told(name, _outcome(receipt), receipt, why_not(receipt.evidence.reason)))
    return _page(told)


def _outcome(receipt: Receipt) -> str:
    evidence = receipt.evidence
    if receipt.machine is None:
        return "unread" if not evidence.parsed else "doubt"
    if not evidence.parsed:
        return "aside"
    if receipt.repeated:
        return "again"
    return "new" if evidence.recognised == How.NEW else "known"


def _page(told: list[Told]) -> str:
    rooms = my_workshops("bench.intake")
    return render_template("bench/inventories.html", told=told, most=MOST, waiting=waiting_count(db(), rooms))
