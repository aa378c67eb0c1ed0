"""The boards on the walls of a workshop, read from five metres: everything at a glance, or the wipes alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from ordi.bench.counters import counters
from ordi.bench.jobs import RUNNING, Kind, Phase, WipeJob
from ordi.bench.plan import usual
from ordi.bench.verdict import Verdict
from ordi.machines.drive import Sanitisation
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from ordi.parties.organisations import Organisation
from web.bench import blueprint
from web.bench.here import workshop_of
from web.bench.pace import Pace, pace_of, percent_of
from web.clock import now
from web.guards import permission
from web.session import db

SHOWN, SHOWN_ALONE, LAST = 7, 5, 3
"""Wipes on the board beside the rest, alone, and what ended last: more is not read from five metres."""


@dataclass(frozen=True)
class Running:
    """A wipe under way."""

    job: WipeJob
    percent: int
    pace: Pace | None


@dataclass(frozen=True)
class Ended:
    """A wipe that ended, proven or not."""

    tag: str
    at: datetime


@blueprint.get("/wall")
@permission("bench.wall")
def wall() -> str:
    """The board on the wall, read from five metres."""
    return render_template("bench/wall.html", **_everything())


@blueprint.get("/wall/board")
@permission("bench.wall")
def board() -> str:
    """The same, as a fragment that the wall looks at every few seconds."""
    return render_template("bench/board.html", **_everything())


@blueprint.get("/wall/wipes")
@permission("bench.wall")
def wall_of_wipes() -> str:
    """The wipes alone: percent, minutes left, errors, and what ended last."""
    return render_template("bench/wall_wipes.html", **_wipes())


@blueprint.get("/wall/wipes/board")
@permission("bench.wall")
def board_of_wipes() -> str:
    """The same, as a fragment that the wall looks at every few seconds."""
    return render_template("bench/board_wipes.html", **_wipes())


def _everything() -> dict[str, object]:
    workshop = workshop_of("bench.wall")
    held = db().scalars(
        select(Machine)
        .where(Machine.workshop_id == workshop.id, Machine.held_for != "")
        .order_by(Machine.state_since, Machine.id)
        .limit(3)
    )
    return _wall(workshop) | {
        "running": _running(workshop, SHOWN)[:SHOWN],
        "told": counters(db(), workshop, at=now()),
        "held": list(held),
        "now": now(),
        "State": State,
        "Action": Action,
    }


def _wipes() -> dict[str, object]:
    workshop = workshop_of("bench.wall")
    running = _running(workshop, 100)
    return _wall(workshop) | {
        "running": running[:SHOWN_ALONE],
        "more": len(running) - SHOWN_ALONE,
        "proven": [
            Ended(one.machine.tag, one.judged_at)
            for one in db().scalars(_judged(workshop).where(Sanitisation.verdict == Verdict.PASS))
        ],
        "failed": _failed(workshop),
    }


def _wall(workshop: Organisation) -> dict[str, object]:
    return {
        "workshop": workshop,
        "clock": format_datetime(now(), _("H 'h' mm")),
        "chosen": request.args.get("workshop", ""),
    }


def _running(workshop: Organisation, most: int) -> list[Running]:
    """What is being wiped, oldest first. One query."""
    jobs = db().scalars(
        select(WipeJob)
        .join(Machine, Machine.id == WipeJob.machine_id)
        .where(Machine.workshop_id == workshop.id, WipeJob.phase.in_(RUNNING))
        .options(contains_eager(WipeJob.machine), joinedload(WipeJob.drive))
        .order_by(WipeJob.id)
        .limit(most)
    )
    return [
        Running(
            job,
            percent_of(job, job.size, usual(job.technique, job.drive.medium, job.size)),
            pace_of(job, job.size),
        )
        for job in jobs
    ]


def _judged(workshop: Organisation) -> Select[Sanitisation]:
    return (
        select(Sanitisation)
        .join(Machine, Machine.id == Sanitisation.machine_id)
        .where(Machine.workshop_id == workshop.id)
        .options(contains_eager(Sanitisation.machine))
        .order_by(Sanitisation.judged_at.desc(), Sanitisation.id.desc())
        .limit(LAST)
    )


def _failed(workshop: Organisation) -> list[Ended]:
    """What ended last without a proof: judged so, or given up by a person. Two queries."""
    judged = db().scalars(
        _judged(workshop).where(Sanitisation.verdict.in_((Verdict.FAIL, Verdict.UNKNOWN, Verdict.UNHANDLED)))
    )
    given_up = db().scalars(
        select(WipeJob)
        .join(Machine, Machine.id == WipeJob.machine_id)
        .where(Machine.workshop_id == workshop.id, WipeJob.phase == Phase.FAILED, WipeJob.kind == Kind.WIPE)
        .options(contains_eager(WipeJob.machine))
        .order_by(WipeJob.id.desc())
        .limit(LAST)
    )
    found = [Ended(one.machine.tag, one.judged_at) for one in judged]
    found += [Ended(one.machine.tag, one.heard_at or one.issued_at) for one in given_up]
    return sorted(found, key=lambda one: one.at, reverse=True)[:LAST]
