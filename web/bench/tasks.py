"""What is left to do: on one machine, and in the whole workshop."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.bench import tasks as verbs
from ordi.bench.diagnosis import questions
from ordi.bench.place import AT_BENCH
from ordi.bench.tasks import Outcome, Task, WhyDropped, Work
from ordi.errors import NotFound
from ordi.machines.checks import LOCKS, Check
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from web.asking import chosen, chosen_or_none
from web.bench import blueprint
from web.bench.here import at_hand, workshop_of
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.wording.bench import DROPS
from web.wording.reasons import learn
from web.wording.refusals import Telling
from web.wording.refusals import learn as learn_refusals

PAGE = 40


@blueprint.get("/tasks")
@permission("bench.work")
def all_tasks() -> str:
    """What is left to do in the workshop, oldest first."""
    wanted = request.args.get("kind", "")
    kind = Work(wanted) if wanted in set(Work) else None
    after = request.args.get("after", "")
    workshop = workshop_of("bench.work")
    found = verbs.waiting_tasks(db(), workshop, kind, after=int(after[:12]) if after.isdigit() else 0, limit=PAGE + 1)
    return render_template(
        "bench/all_tasks.html",
        workshop=workshop,
        tasks=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else None,
        kinds=list(Work),
        kind=kind,
        now=now(),
    )


@blueprint.get("/<tag>/tasks")
@permission("bench.work")
def tasks(tag: str) -> str:
    """What is left to do on a machine, and what was done."""
    machine = at_hand(tag)
    found = verbs.tasks_of(db(), machine)
    people = {one.opened_by_id for one in found} | {one.closed_by_id for one in found}
    names = db().scalars(select(Person).where(Person.id.in_([one for one in people if one])))
    return render_template(
        "bench/tasks.html",
        machine=machine,
        waiting=[one for one in reversed(found) if one.closed_at is None],
        closed=[one for one in found if one.closed_at is not None],
        names={person.id: person.name for person in names},
        working=machine.state in AT_BENCH,
        checks=[one for one in questions(machine) if one not in LOCKS],
        tested=set(Check),
    )


@blueprint.post("/<tag>/tasks")
@permission("bench.work")
def add_task(tag: str) -> Response:
    """Something to repair that still works: a worn screen, a battery to change."""
    machine = at_hand(tag)
    verbs.open_task(db(), machine, Work.REPAIR, chosen(Check, "what"), by=me(), at=now())
    db().commit()
    flash(_("C’est noté."), "ok")
    return redirect(url_for("bench.tasks", tag=machine.tag))


@blueprint.post("/<tag>/tasks/<int:number>")
@permission("bench.work")
def close_task(tag: str, number: int) -> Response:
    """Done, or given up. What was repaired is tried again at once."""
    machine = at_hand(tag)
    task = _task(machine, number)
    outcome = chosen(Outcome, "outcome")
    verbs.close_task(db(), task, outcome, chosen_or_none(WhyDropped, "why"), by=me(), at=now())
    db().commit()
    if outcome == Outcome.DONE and task.what in questions(machine):
        flash(_("Bravo. Essayez maintenant."), "ok")
        return redirect(url_for("bench.diagnosis", tag=machine.tag, check=task.what))
    flash(_("C’est noté."), "ok")
    return redirect(url_for("bench.tasks", tag=machine.tag))


def _task(machine: Machine, number: int) -> Task:
    task = db().scalar(select(Task).where(Task.id == number, Task.machine_id == machine.id))
    if task is None:
        raise NotFound(tag=machine.tag)
    return task


learn(DROPS)
learn_refusals(
    {
        "task-over": Telling(_l("C’est déjà clos."), _l("Revenez à la liste.")),
        "why-dropped": Telling(_l("Il manque la raison."), _l("Dites pourquoi on abandonne.")),
    }
)
