"""A machine that cannot be found is an incident: how many of its drives were not proven wiped is written down at once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.incidents import Incident, found_again, open_incident
from ordi.bench.waits import end_all
from ordi.machines.drive import fill
from ordi.machines.gate import inventoried, unclean
from ordi.machines.journal import Event, lock, record
from ordi.machines.lifecycle import Action
from ordi.machines.machine import Machine
from ordi.parties.people import Person


class Loss(StrEnum):
    """How it went missing."""

    STOLEN = "stolen"
    NOT_FOUND = "not_found"
    IN_TRANSIT = "in_transit"


def lose(
    session: Session, machine: Machine, how: Loss, *, aware_at: datetime | None = None, by: Person, at: datetime
) -> Incident:
    """Declare a machine lost and open its incident. `exposed` says whether somebody's data may be on it.

    `aware_at` is when somebody knew: the hours of the law begin there. Raises `WrongState`, `NotAllowed`, `Invalid`.
    """
    lock(session, machine)
    dirty = len(unclean(session, machine))
    exposed = dirty > 0 or not inventoried(session, machine)
    seen_at, shelf = _seen_at(session, machine), machine.shelf
    told = {"drives_unproven": dirty, "exposed": exposed}
    record(session, machine, Action.LOSE, by=by, at=at, happened_at=aware_at, reason=how, **told)
    end_all(session, machine, "gone", at=at)
    return open_incident(
        session, machine, how, exposed=exposed, shelf=shelf, seen_at=seen_at, aware_at=aware_at or at, by=by, at=at
    )


def find(session: Session, machine: Machine, *, by: Person, at: datetime) -> None:
    """A lost machine is here again: looked at afresh, whatever was proved of its drives. Raises `WrongState`, `NotAllowed`."""
    record(session, machine, Action.FIND, by=by, at=at)
    fill(session, machine)
    machine.triage, machine.held_for, machine.shelf = "", "", ""
    session.flush()
    found_again(session, machine, by=by, at=at)


def _seen_at(session: Session, machine: Machine) -> datetime:
    """The last thing anybody did with it."""
    last = select(Event.recorded_at).where(Event.machine_id == machine.id, Event.seq == machine.head_seq)
    return session.scalars(last).one()
