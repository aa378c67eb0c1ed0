"""The machine, or the workshop, that a bench page is about, and the hour a form was made at."""

from __future__ import annotations

from flask import request
from sqlalchemy import select

from ordi.bench.sessions import BenchSession
from ordi.errors import NotFound
from ordi.machines.machine import Machine, seen
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from web.clock import now
from web.guards import me
from web.machines.freshness import fresh
from web.session import db


def at_hand(tag: str, permission: str = "bench.work") -> Machine:
    """The machine under this tag, for a page that looks. Raises `NotFound`."""
    return seen(db(), me(), tag, permission, at=now())


def in_hand(tag: str, permission: str = "bench.work") -> Machine:
    """The machine under this tag, for a form that acts. Raises `NotFound`, `SomeoneJustDidThis` for a form made earlier."""
    machine = at_hand(tag, permission)
    fresh(machine)
    return machine


def adopted_bench(machine: Machine) -> BenchSession | None:
    """The last session adopted for a machine that still holds."""
    query = select(BenchSession).where(BenchSession.machine_id == machine.id).order_by(BenchSession.id.desc())
    return next((bench for bench in db().scalars(query) if bench.adopted(now())), None)


def workshop_of(name: str) -> Organisation:
    """The workshop asked for, or the first this person has under a permission."""
    asked = request.args.get("workshop", "")
    for held in grounds(me(), name, now()):
        rooms = select(Organisation).where(
            Organisation.kind == Kind.WORKSHOP,
            Organisation.path.startswith(held.organisation.path, autoescape=True),
        )
        if asked.isdigit():
            rooms = rooms.where(Organisation.id == int(asked[:9]))
        found = db().scalar(rooms.order_by(Organisation.name).limit(1))
        if found is not None:
            return found
    raise NotFound(workshop=asked[:20])
