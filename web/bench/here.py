"""The machine a bench page is about, and the hour a form was made at."""

from __future__ import annotations

from sqlalchemy import select

from ordi.bench.sessions import BenchSession
from ordi.machines.machine import Machine, seen
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
