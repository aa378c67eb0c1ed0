"""Marks beside the state: a machine put aside, and why. It keeps its place in its life."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench import waits
from ordi.errors import Refused
from ordi.machines.journal import Event, WrongState, lock, record
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person

HOLDABLE = frozenset({State.RECEIVED, State.SANITISED, State.REINSTALLED, State.READY, State.ALLOCATED})


class Hold(StrEnum):
    """Why a machine waits."""

    HOLD = "hold"
    PART = "part"
    SECOND = "second"
    CLAIMED = "claimed"
    """Somebody must say whose it is: a lock, an account, a label of a former owner."""


class AlreadyHeld(Refused):
    """It was put aside before."""

    code = "already-held"


class AnotherPerson(Refused):
    """Whoever asked for a second look does not give it."""

    code = "another-person"


class NotHeld(Refused):
    """It is not put aside."""

    code = "not-held"


def hold(
    session: Session,
    machine: Machine,
    reason: Hold,
    *,
    by: Person,
    at: datetime,
    happened_at: datetime | None = None,
) -> None:
    """Put a machine aside: it is neither released, allocated nor handed over until resumed.

    Raises `NotAllowed`, `WrongState`, `AlreadyHeld`.
    """
    require(by, "bench.work", machine.workshop, at=at)
    lock(session, machine)
    if machine.state not in HOLDABLE:
        raise WrongState(action=Note.PUT_ASIDE, state=machine.state, tag=machine.tag)
    if machine.held_for:
        raise AlreadyHeld(tag=machine.tag, reason=machine.held_for)
    machine.held_for = reason
    session.flush()
    record(session, machine, Note.PUT_ASIDE, by=by, at=at, happened_at=happened_at, held_for=reason)


def resume(
    session: Session, machine: Machine, *, by: Person, at: datetime, happened_at: datetime | None = None
) -> None:
    """Take a machine up again; what it waited for is no longer awaited. Whoever asked for a second look does not give it.

    Raises `NotAllowed`, `NotHeld`, `AnotherPerson`.
    """
    require(by, "bench.work", machine.workshop, at=at)
    lock(session, machine)
    if not machine.held_for:
        raise NotHeld(tag=machine.tag)
    if machine.held_for == Hold.SECOND and _put_aside_by(session, machine) == by.id:
        raise AnotherPerson(tag=machine.tag)
    waits.end_all(session, machine, "resumed", at=at)
    reason, machine.held_for = machine.held_for, ""
    session.flush()
    record(session, machine, Note.RESUMED, by=by, at=at, happened_at=happened_at, held_for=reason)


def _put_aside_by(session: Session, machine: Machine) -> int | None:
    """Who put it aside last."""
    aside = select(Event.person_id).where(Event.machine_id == machine.id, Event.action == Note.PUT_ASIDE)
    return session.scalar(aside.order_by(Event.seq.desc()).limit(1))
