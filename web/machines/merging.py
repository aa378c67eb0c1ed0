"""Two records of one computer: side by side, merged with a reason, undone while nothing else has happened."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.bench import merging as verbs
from ordi.errors import NotFound
from ordi.machines.journal import history
from ordi.machines.machine import Machine, seen
from ordi.parties.people import Person
from ordi.tags import read_tag
from web.asking import chosen
from web.bench.words import CAUSES, stop
from web.clock import now
from web.guards import i_may, me, permission
from web.machines import blueprint
from web.machines.comparing import beside
from web.machines.freshness import fresh
from web.machines.panels import extra_action, panel
from web.session import db
from web.wording.events import people_in


@blueprint.get("/<tag>/merge")
@permission("machines.merge")
def merging(tag: str) -> str | Response:
    """Which other record is the same computer; then both, side by side, and which of them may go on."""
    machine = seen(db(), me(), tag, "machines.merge", at=now())
    said = request.args.get("with", "")
    if not said:
        return render_template("machines/merge.html", machine=machine, other=None)
    other = seen(db(), me(), said, "machines.merge", at=now())
    ways = []
    for gone, kept in ((other, machine), (machine, other)):
        refusal = verbs.in_the_way(db(), gone, kept)
        ways.append((gone, kept, stop(refusal) if refusal else None))
    return render_template(
        "machines/merge.html",
        machine=machine,
        other=other,
        rows=beside(db(), machine, [other]),
        ways=ways,
        possible=any(refusal is None for *_pair, refusal in ways),
        causes=CAUSES,
    )


@blueprint.post("/<tag>/merge")
@permission("machines.merge")
def merge(tag: str) -> Response:
    """They are one: the record named in `keep` goes on."""
    pair = [seen(db(), me(), said, "machines.merge", at=now()) for said in (tag, request.form.get("with", ""))]
    fresh(pair[0])
    kept = next((one for one in pair if one.tag == request.form.get("keep")), pair[0])
    gone = next((one for one in pair if one is not kept), kept)
    verbs.merge(db(), gone, kept, chosen(verbs.Cause, "cause"), by=me(), at=now())
    db().commit()
    flash(_("Réunis. L’étiquette %(gone)s mène maintenant ici.", gone=gone.tag), "ok")
    return redirect(url_for("machines.one", tag=kept.tag))


@blueprint.post("/<tag>/part/<int:merge_id>")
@permission("machines.merge")
def part(tag: str, merge_id: int) -> Response:
    """They are two after all."""
    machine = seen(db(), me(), tag, "machines.merge", at=now())
    found = next((one for one in verbs.merges_of(db(), machine) if one.id == merge_id), None)
    if found is None:
        raise NotFound(tag=machine.tag)
    verbs.part(db(), found, by=me(), at=now())
    db().commit()
    flash(_("Séparés. Chaque étiquette mène de nouveau à sa fiche."), "ok")
    return redirect(url_for("machines.one", tag=machine.tag))


@blueprint.get("/<tag>/was/<former>")
@permission("machines.history")
def was(tag: str, former: str) -> str:
    """The history of a record that was merged into this one, as it stays."""
    machine = seen(db(), me(), tag, "machines.history", at=now())
    wanted = select(Machine).where(Machine.tag == read_tag(former), Machine.merged_into_id == machine.id)
    gone = db().scalar(wanted)
    if gone is None:
        raise NotFound(tag=read_tag(former))
    events = history(db(), gone)[::-1]
    people = db().scalars(select(Person).where(Person.id.in_(people_in(events))))
    names = {person.id: person.name for person in people}
    return render_template("machines/was.html", machine=machine, gone=gone, events=events, names=names)


def _alive(machine: Machine) -> bool:
    return machine.state in verbs.MERGEABLE


extra_action("machines.merging", "machines.merge", _l("C’est le même qu’un autre"), "link", _alive)


@panel(order=85, permission="machines.history")
def merged(machine: Machine) -> str | None:
    """The records that go on under this one."""
    found = verbs.merges_of(db(), machine)
    if not found:
        return None
    people = select(Person.id, Person.name).where(Person.id.in_({one.by_id for one in found}))
    names = dict(db().execute(people).tuples().all())
    parting = i_may("machines.merge", machine.workshop)
    return render_template("machines/merged_panel.html", machine=machine, merges=found, names=names, parting=parting)
