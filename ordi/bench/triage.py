"""Triage: keep, dismantle, or refuse and give back. The reason is the evidence that re-use was sorted from waste."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from ordi.bench.judging import advance
from ordi.errors import Refused
from ordi.machines.custody import Holder, transfer
from ordi.machines.journal import WrongState, lock, record
from ordi.machines.lifecycle import Action, Note, State
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person


class Decision(StrEnum):
    """What triage decides."""

    KEEP = "keep"
    DISMANTLE = "dismantle"
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why a machine is not kept."""

    TOO_OLD = "too_old"
    BROKEN = "broken"
    INCOMPLETE = "incomplete"
    LOCKED = "locked"
    UNSAFE = "unsafe"
    NOT_A_COMPUTER = "not_a_computer"
    PARTS_WANTED = "parts_wanted"
    NOT_WORTH_IT = "not_worth_it"


class Correction(StrEnum):
    """Why an earlier decision is replaced."""

    MISTAKE = "mistake"
    REPAIRED = "repaired"
    NEW_LOOK = "new_look"


class AlreadyTriaged(Refused):
    """Triage has decided; a change of mind is a correction, with its reason."""

    code = "already-triaged"


class NotTriaged(Refused):
    """There is no decision to correct."""

    code = "not-triaged"


class WhyNotKept(Refused):
    """A machine that is not kept needs a reason."""

    code = "why-not-kept"


def triage(
    session: Session,
    machine: Machine,
    decision: Decision,
    reason: Reason | None = None,
    *,
    by: Person,
    at: datetime,
    happened_at: datetime | None = None,
) -> None:
    """Decide whether a received machine is kept. Refusing gives it back to its donor, its drives as they came.

    A kept machine whose drives are proven clean already moves on at once.

    Raises `NotAllowed`, `WrongState`, `AlreadyTriaged`, `WhyNotKept`.
    """
    _open(session, machine, by, at)
    if machine.triage:
        raise AlreadyTriaged(tag=machine.tag, decision=machine.triage)
    _why(machine, decision, reason)
    _decide(session, machine, decision)
    record(session, machine, Note.TRIAGED, by=by, at=at, happened_at=happened_at, decision=decision, reason=reason)
    _follow(session, machine, decision, reason, by, at)


def correct_triage(
    session: Session,
    machine: Machine,
    decision: Decision,
    why: Correction,
    reason: Reason | None = None,
    *,
    by: Person,
    at: datetime,
) -> None:
    """Replace an earlier decision, saying why; the first stays in the history.

    Raises `NotAllowed`, `WrongState`, `NotTriaged`, `WhyNotKept`.
    """
    _open(session, machine, by, at)
    if not machine.triage:
        raise NotTriaged(tag=machine.tag)
    _why(machine, decision, reason)
    before = machine.triage
    _decide(session, machine, decision)
    record(
        session,
        machine,
        Note.CORRECTED,
        by=by,
        at=at,
        what="triage",
        was=before,
        now=decision,
        because=why,
        reason=reason,
    )
    _follow(session, machine, decision, reason, by, at)


def _open(session: Session, machine: Machine, by: Person, at: datetime) -> None:
    require(by, "bench.work", machine.workshop, at=at)
    lock(session, machine)
    if machine.state != State.RECEIVED:
        raise WrongState(action=Note.TRIAGED, state=machine.state, tag=machine.tag)


def _why(machine: Machine, decision: Decision, reason: Reason | None) -> None:
    if decision != Decision.KEEP and reason is None:
        raise WhyNotKept(tag=machine.tag, decision=decision)


def _decide(session: Session, machine: Machine, decision: Decision) -> None:
    machine.triage = decision
    session.flush()


def _follow(
    session: Session, machine: Machine, decision: Decision, reason: Reason | None, by: Person, at: datetime
) -> None:
    if decision == Decision.REFUSE:
        record(session, machine, Action.REFUSE, by=by, at=at, reason=reason)
        transfer(session, machine, Holder.DONOR, machine.donor, by=by, at=at)
    elif decision == Decision.KEEP:
        advance(session, machine, by=by, at=at)
