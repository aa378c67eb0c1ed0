"""The bench's own pages: what waits for hands, one machine."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.bench.counters import QUEUES, counters
from ordi.bench.doubts import waiting_count
from ordi.bench.four_steps import steps_of
from ordi.bench.holding import HOLDABLE
from ordi.bench.loose_drives import OPENABLE
from ordi.bench.place import AT_BENCH
from ordi.bench.tasks import open_tasks, tasks_on, waiting_tasks_count
from ordi.bench.waits import PART, waits_of
from ordi.errors import NotFound
from ordi.machines.journal import history, possible
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine, machines_seen_by
from ordi.parties.people import Person
from ordi.tags import LENGTH, read_tag
from web.bench import blueprint
from web.bench.here import at_hand, workshop_of
from web.bench.nexts import lights_of, next_of
from web.bench.plans import plans_of
from web.clock import now
from web.guards import me, permission
from web.machines.finding import is_bin, is_free, looked_up, tag_in
from web.session import db
from web.wording import parts
from web.wording.events import people_in

SHOWN = 60
LAST_EVENTS = 8


@blueprint.get("")
@permission("bench.work")
def index() -> str:
    """What waits, step by step, longest first."""
    wanted = request.args.get("state", "")
    state = State(wanted) if wanted in QUEUES else None
    mine = machines_seen_by(me(), "bench.work", at=now())
    query = mine.where(Machine.state == state) if state else mine.where(Machine.state.in_(QUEUES[1:4]))
    if request.args.get("held"):
        query = mine.where(Machine.held_for != "")
    machines = db().scalars(query.order_by(Machine.state_since, Machine.id).limit(SHOWN)).all()
    workshop = workshop_of("bench.work")
    return render_template(
        "bench/index.html",
        machines=machines,
        steps=steps_of(db(), machines),
        told=counters(db(), workshop, at=now()),
        workshop=workshop,
        doubts=waiting_count(db(), [workshop]),
        queues=QUEUES,
        state=state,
        held=bool(request.args.get("held")),
        tasks=tasks_on(db(), machines),
        left=waiting_tasks_count(db(), workshop),
        now=now(),
    )


@blueprint.post("/scan")
@permission("bench.work")
def scan() -> Response:
    """A label opens its machine here; a free one opens intake; anything else that was scanned is looked for."""
    said = request.form.get("tag", "")[:80].strip()
    if len(said) > LENGTH + 2 and tag_in(said) is None:
        return redirect(url_for("machines.search", q=said))
    tag = read_tag(said)
    if here := looked_up(db(), me(), tag, at=now(), permission="bench.work"):
        return redirect(url_for("bench.machine", tag=here.tag))
    if is_free(db(), me(), tag, at=now()):
        return redirect(url_for("giving.intake", tag=tag))
    if is_bin(db(), me(), tag, at=now()):
        return redirect(url_for("bins.one", tag=tag))
    raise NotFound(tag=tag)


@blueprint.get("/<tag>")
@permission("bench.work")
def machine(tag: str) -> str:
    """One machine, as the bench needs it."""
    found = at_hand(tag)
    events = history(db(), found)[::-1]
    shown = events[:LAST_EVENTS]
    people = db().scalars(select(Person).where(Person.id.in_(people_in(shown))))
    return render_template(
        "bench/machine.html",
        machine=found,
        next=next_of(db(), found),
        lights=lights_of(db(), found),
        plans=plans_of(db(), found),
        waits=waits_of(db(), found) if found.held_for == PART else [],
        part_words=parts,
        tasks=open_tasks(db(), found),
        events=shown,
        more=len(events) > LAST_EVENTS,
        names={person.id: person.name for person in people},
        actions=possible(found, me(), at=now()),
        Action=Action,
        at_bench=found.state in QUEUES,
        holdable=found.state in HOLDABLE and not found.held_for,
        testable=found.state in AT_BENCH,
        openable=found.state in OPENABLE,
    )
