"""Series at the bench: one action, then machine after machine. Each verb is the very one a single page calls.

An act is told apart from its repetition: a machine that is already as the act would make it answers `repeat`, changes
nothing and is no refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ordi.bench.acts import BenchAct, Outcome, Sent, act_of, unchanged
from ordi.bench.cleaning import clean
from ordi.bench.holding import HOLDABLE, Hold, hold, resume
from ordi.bench.place import AT_BENCH
from ordi.bench.release import release_to_stock, shelf_named, shelve
from ordi.bench.triage import Decision, triage
from ordi.errors import Invalid, NotFound, Refused, SomeoneJustDidThis
from ordi.giving.collections import lot_seen
from ordi.giving.reception import admit, close, receive
from ordi.machines.checks import cleaned
from ordi.machines.journal import lock
from ordi.machines.labels import free_label
from ordi.machines.lifecycle import STEPS, Action, State
from ordi.machines.machine import Form, Machine, machines_seen_by
from ordi.parties.people import Person
from ordi.tags import read_tag


class NotUndone(Refused):
    """This has no way back: what follows in the machine's life is another act."""

    code = "not-undone"


@dataclass(frozen=True)
class Act:
    """One machine, one verb, as it is carried out."""

    session: Session
    machine: Machine
    value: str
    how: dict[str, Any]
    """`by`, `at`, `happened_at`: what every verb takes."""


@dataclass(frozen=True)
class Verb:
    """What can be done in series: from which states, with what value (`shelf`, `lot` or none), and how."""

    code: str
    sources: frozenset[State]
    takes: str
    carry_out: Callable[[Act], Outcome]


def _receive(act: Act) -> Outcome:
    if act.machine.state == State.RECEIVED:
        return Outcome("repeat", "already-received")
    receive(act.session, act.machine, **act.how)
    lot = act.machine.lot.code if act.machine.lot else ""
    if act.value and lot != act.value:
        return Outcome("ok", "received-of-another-lot", facts={"lot": lot or "?"})
    return Outcome("ok", "received")


def _keep(act: Act) -> Outcome:
    if act.machine.triage == Decision.KEEP and act.machine.state != State.PROMISED:
        return Outcome("repeat", "already-kept")
    triage(act.session, act.machine, Decision.KEEP, **act.how)
    return Outcome("ok", "kept")


def _clean(act: Act) -> Outcome:
    if act.machine.state in AT_BENCH and cleaned(act.session, act.machine):
        return Outcome("repeat", "already-cleaned")
    clean(act.session, act.machine, **act.how)
    return Outcome("ok", "cleaned")


def _shelve(act: Act) -> Outcome:
    place, before = shelf_named(act.value), act.machine.shelf
    if before == place:
        return Outcome("repeat", "already-there", facts={"shelf": place})
    shelve(act.session, act.machine, place, **act.how)
    return Outcome("ok", "shelved", facts={"shelf": place, "was": before})


def _release(act: Act) -> Outcome:
    place = shelf_named(act.value)
    if act.machine.state == State.READY and act.machine.shelf == place:
        return Outcome("repeat", "already-there", facts={"shelf": place})
    release_to_stock(act.session, act.machine, place, **act.how)
    return Outcome("ok", "released", facts={"shelf": place})


def _hold(act: Act) -> Outcome:
    if act.machine.held_for:
        return Outcome("repeat", "already-aside")
    hold(act.session, act.machine, Hold.HOLD, **act.how)
    return Outcome("ok", "put-aside")


def _resume(act: Act) -> Outcome:
    if not act.machine.held_for:
        return Outcome("repeat", "not-aside")
    was = act.machine.held_for
    resume(act.session, act.machine, **act.how)
    return Outcome("ok", "taken-up", facts={"was": was})


def _audit(act: Act) -> Outcome:
    place = shelf_named(act.value)
    if act.machine.shelf == place:
        return Outcome("ok", "found-there", facts={"shelf": place})
    return Outcome("repeat", "stranger", facts={"shelf": act.machine.shelf or "?"})


_HERE = AT_BENCH | {State.READY, State.ALLOCATED, State.DISMANTLED}

VERBS = {
    verb.code: verb
    for verb in (
        Verb("receive", frozenset(STEPS[Action.RECEIVE].sources), "lot", _receive),
        Verb("keep", frozenset({State.RECEIVED}), "", _keep),
        Verb("clean", AT_BENCH, "", _clean),
        Verb("release", frozenset(STEPS[Action.RELEASE_TO_STOCK].sources), "shelf", _release),
        Verb("shelve", _HERE, "shelf", _shelve),
        Verb("hold", HOLDABLE, "", _hold),
        Verb("resume", HOLDABLE, "", _resume),
        Verb("audit", _HERE, "shelf", _audit),
    )
}
"""Every verb of a series, in the order of a machine's life. Besides: `close` a lot, `undo` an act."""


def carry_out(session: Session, sent: Sent, by: Person, at: datetime) -> Outcome:
    """What a device says was done, done. Raises what its verb raises, `Invalid` for a verb that is none."""
    if sent.verb == "close":
        return _close(session, sent, by, at)
    if sent.verb == "undo":
        return _undo(session, sent, by, at)
    if sent.verb not in VERBS:
        raise Invalid(field="verb", why="unknown")
    tag = read_tag(sent.tag)
    machine = session.scalar(machines_seen_by(by, "bench.work", at=at).where(Machine.tag == tag))
    if machine is None and sent.verb == "receive" and sent.form:
        return _admit(session, sent, tag, by, at)
    if machine is None:
        raise NotFound(tag=tag)
    lock(session, machine)
    unchanged(session, machine, sent, by)
    before = machine.head_seq
    done = VERBS[sent.verb].carry_out(Act(session, machine, sent.value, _how(sent, by, at)))
    return _of(machine, before, done)


def _admit(session: Session, sent: Sent, tag: str, by: Person, at: datetime) -> Outcome:
    """A label nobody has yet: a machine nobody announced, surplus of the lot if there is one."""
    if sent.form not in set(Form):
        raise Invalid(field="form", why="unknown")
    label = free_label(session, tag, by=by, at=at)
    lot = lot_seen(session, by, sent.value, "giving.receive", at=at) if sent.value else None
    machine = admit(session, label, Form(sent.form), lot=lot, by=by, at=at)
    return Outcome("ok", "surplus" if lot else "admitted", machine, 0)


def _close(session: Session, sent: Sent, by: Person, at: datetime) -> Outcome:
    lot = lot_seen(session, by, sent.value, "giving.receive", at=at)
    done = close(session, lot, by=by, at=at)
    return Outcome("ok", "closed", facts={"received": done.received, "missing": done.missing, "surplus": done.surplus})


def _undo(session: Session, sent: Sent, by: Person, at: datetime) -> Outcome:
    """Take back the last thing done to a machine, where its life has a way back. `value` is the act's uuid."""
    undone = act_of(session, sent.value, by)
    machine = session.get(Machine, undone.machine_id) if undone.machine_id else None
    if machine is None or undone.tone != "ok":
        raise NotUndone(tag=undone.tag)
    lock(session, machine)
    if machine.head_seq != undone.after_seq:
        raise SomeoneJustDidThis(tag=machine.tag)
    before = machine.head_seq
    _take_back(Act(session, machine, "", _how(sent, by, at)), undone)
    return _of(machine, before, Outcome("ok", "undone"))


def _take_back(act: Act, undone: BenchAct) -> None:
    was = undone.told.get("was", "")
    match undone.verb:
        case "shelve" if was:
            shelve(act.session, act.machine, was, **act.how)
        case "hold":
            resume(act.session, act.machine, **act.how)
        case "resume":
            hold(act.session, act.machine, Hold(was), **act.how)
        case _:
            raise NotUndone(tag=act.machine.tag)


def _how(sent: Sent, by: Person, at: datetime) -> dict[str, Any]:
    """A device whose clock runs ahead does not make anything happen after it was recorded."""
    return {"by": by, "at": at, "happened_at": min(sent.happened_at, at)}


def _of(machine: Machine, before: int, done: Outcome) -> Outcome:
    return Outcome(done.tone, done.code, machine, before, done.facts)
