"""The list of computers, the page of each, and the box that finds them."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.bench.four_steps import steps_of
from ordi.machines.custody import CustodyTransfer
from ordi.machines.journal import Event, history, record
from ordi.machines.lifecycle import Action
from ordi.machines.machine import Machine, seen
from ordi.parties.people import Person
from ordi.tags import read_tag
from web.clock import now
from web.guards import i_may, me, permission
from web.machines import blueprint, finding, life, listing, steps
from web.machines.freshness import fresh
from web.machines.label_pictures import drawn, qr_of
from web.machines.panels import PANELS
from web.machines.reach import reaches
from web.session import db
from web.squares import page_of
from web.wording import wording
from web.wording.events import people_in

SHOWN = ("proofs", "signatures")
"""Chips above the timeline."""

EVENTS_OF = {
    "proofs": {"inventoried", "drive_sighted", "drive_removed", "drive_destroyed", "driveless", "wipe_ordered"}
    | {"wipe_judged", "counter_checked", "certified", "sanitise"},
    "signatures": {"custody", "collect", "hand_over", "take_back"},
}


@blueprint.get("")
@permission("machines.list")
def index() -> str:
    """The machines I may list."""
    words = request.args.get("q", "").strip()[:80]
    found = listing.page_of(
        db(),
        me(),
        group=request.args.get("group", ""),
        held="held" in request.args,
        words=words,
        serials=i_may("evidence.see"),
        before=request.args.get("before", type=int),
        after=request.args.get("after", type=int),
        at=now(),
    )
    return render_template(
        "machines/index.html",
        page=found,
        steps=steps_of(db(), found.machines),
        words=words,
        group=request.args.get("group", ""),
        near=[],
    )


@blueprint.get("/search")
@permission("machines.look-up")
def search() -> str | tuple[str, int] | Response:
    """What a label's own address asks for."""
    return _search(request.args.get("q", "").strip())


@blueprint.post("/search")
@permission("machines.look-up")
def look() -> str | tuple[str, int] | Response:
    """The scan box, by POST: somebody types a family's name there one day, and no address may ever hold it."""
    return _search(request.form.get("q", "").strip())


def _search(asked: str) -> str | tuple[str, int] | Response:
    """A label opens its machine, a free one opens intake, anything else searches."""
    words = asked[:80]
    if not words:
        return redirect(url_for("machines.index") if i_may("machines.list") else url_for("home.index"))
    page = page_of(asked)
    if page is not None:
        return redirect(page)
    tag = finding.tag_in(words)
    if tag is not None:
        if finding.looked_up(db(), me(), tag, at=now()):
            return redirect(url_for("machines.one", tag=tag))
        if finding.is_free(db(), me(), tag, at=now()):
            return redirect(url_for("giving.intake", tag=tag))
        if finding.is_bin(db(), me(), tag, at=now()):
            return redirect(url_for("bins.one", tag=tag))
    near = finding.nearly(db(), me(), words, at=now()) if tag is None else []
    if not i_may("machines.list"):
        return render_template("machines/not_found.html", words=words, near=near), 404
    found = listing.page_of(db(), me(), words=words, serials=i_may("evidence.see"), at=now())
    if len(found.machines) == 1 and not near:
        return redirect(url_for("machines.one", tag=found.machines[0].tag))
    return render_template(
        "machines/index.html", page=found, steps=steps_of(db(), found.machines), words=words, group="", near=near
    )


@blueprint.get("/scan")
@permission("machines.look-up")
def scan() -> str:
    """The camera, and the same by typing."""
    return render_template("machines/scan.html")


@blueprint.get("/scan/try")
@permission("machines.look-up")
def try_scanner() -> str:
    """What a scanner sends, and how to set it."""
    base = current_app.extensions["ordi-settings"].base_url.rstrip("/")
    return render_template("machines/try_scanner.html", sample=drawn(f"{base}/A/FIND".upper()))


@blueprint.get("/<tag>")
@permission("machines.look-up")
def one(tag: str) -> str | Response:
    """One machine: as much of its life as this reader may know. The label of a merged record leads to the other."""
    machine = seen(db(), me(), tag, "machines.look-up", at=now())
    if machine.tag != read_tag(tag):
        flash(_("%(tag)s est le même ordinateur : voici sa fiche.", tag=read_tag(tag)), "wait")
        return redirect(url_for("machines.one", tag=machine.tag))
    known = {
        name
        for name in ("machines.see", "machines.history", "evidence.see", "certificates.see", "labels.print")
        if reaches(me(), name, machine, at=now())
    }
    if "machines.see" not in known:
        return render_template("machines/label_only.html", machine=machine, qr=qr_of(machine.tag))
    events = history(db(), machine) if "machines.history" in known else []
    proofs = life.proofs_of(db(), machine) if known & {"evidence.see", "certificates.see"} else []
    return render_template(
        "machines/one.html",
        machine=machine,
        known=known,
        qr=qr_of(machine.tag),
        thread=life.thread(machine, events) if events else [],
        lights=life.lights(db(), machine, events, proofs) if "evidence.see" in known else [],
        proofs=proofs,
        bytes_read=life.bytes_read,
        events=_shown(events),
        names=_names(events, proofs, coded="machines.history" not in known),
        custody=_custody(machine) if "machines.history" in known else [],
        buttons=steps.buttons(db(), machine, me(), at=now()),
        panels=_panels(machine),
        show=request.args.get("show", ""),
    )


@blueprint.post("/<tag>/act/<action>")
@permission("machines.see")
def act(tag: str, action: str) -> Response:
    """An action that needs nothing but itself; the journal says who may."""
    if action not in steps.PLAIN:
        abort(404)
    machine = seen(db(), me(), tag, at=now())
    fresh(machine)
    record(db(), machine, Action(action), by=me(), at=now())
    db().commit()
    flash(wording.done(action), "ok")
    return redirect(url_for("machines.one", tag=machine.tag))


def _shown(events: list[Event]) -> list[Event]:
    wanted = EVENTS_OF.get(request.args.get("show", ""))
    return [event for event in reversed(events) if wanted is None or event.action in wanted]


def _names(events: list[Event], proofs: list[life.Proof], *, coded: bool) -> dict[int, str]:
    """Who did it; for readers outside the network's own people, `OP-…` as on a certificate."""
    people = people_in(events) | {proof.last.wiper_id for proof in proofs if proof.last and proof.last.wiper_id}
    people |= {check.checker_id for proof in proofs for check in proof.checks}
    people |= {audit.auditor_id for proof in proofs for audit in proof.audits}
    if not people:
        return {}
    return dict(
        db()
        .execute(select(Person.id, Person.op_code if coded else Person.name).where(Person.id.in_(people)))
        .tuples()
        .all()
    )


def _custody(machine: Machine) -> list[CustodyTransfer]:
    query = select(CustodyTransfer).where(CustodyTransfer.machine_id == machine.id).order_by(CustodyTransfer.id.desc())
    return list(db().scalars(query))


def _panels(machine: Machine) -> dict[bool, list[str]]:
    sorted_: dict[bool, list[str]] = {True: [], False: []}
    for shown in PANELS:
        if reaches(me(), shown.permission, machine, at=now()):
            html = shown.draw(machine)
            if html:
                sorted_[shown.main].append(html)
    return sorted_
