"""A machine that cannot be found is an incident: how many of its drives were not proven wiped is written down at once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from ordi.machines.drive import fill
from ordi.machines.gate import inventoried, unclean
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Action
from ordi.machines.machine import Machine
from ordi.parties.people import Person


class Loss(StrEnum):
    """How it went missing."""

    STOLEN = "stolen"
    NOT_FOUND = "not_found"
    IN_TRANSIT = "in_transit"


def lose(session: Session, machine: Machine, how: Loss, *, by: Person, at: datetime) -> None:
    """Declare a machine lost. `exposed` says whether somebody's data may be on it. Raises `WrongState`, `NotAllowed`."""
    lock(session, machine)
    dirty = len(unclean(session, machine))
    exposed = dirty > 0 or not inventoried(session, machine)
    record(session, machine, Action.LOSE, by=by, at=at, reason=how, drives_unproven=dirty, exposed=exposed)


def find(session: Session, machine: Machine, *, by: Person, at: datetime) -> None:
    """A lost machine is here again: looked at afresh, whatever was proved of its drives. Raises `WrongState`, `NotAllowed`."""
    record(session, machine, Action.FIND, by=by, at=at)
    fill(session, machine)
    machine.triage, machine.held_for, machine.shelf = "", "", ""
    session.flush()
