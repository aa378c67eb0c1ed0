"""Diagnosis: each function of the computer is tried, a visible rule proposes a category, a person decides, never upwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ordi.bench.place import at_bench
from ordi.bench.tasks import follow
from ordi.errors import Invalid, Refused
from ordi.machines.checks import LOCKS, BenchCheck, Check, How, Result, asked_of, results, untested
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Form, Grade, Machine
from ordi.parties.people import Person

WITHOUT = {
    Check.POWER: frozenset({Result.ABSENT}),
    Check.MEMORY: frozenset({Result.ABSENT}),
    **dict.fromkeys(LOCKS, frozenset({Result.ABSENT, Result.WORN})),
}
"""Answers that make no sense: no computer lacks power or memory; a lock is there or not."""

RULE = ((Grade.A, 0), (Grade.B, 2))
"""Each category and how many worn functions it bears at the most; more is C."""


class Why(StrEnum):
    """Why a category is changed after it was given."""

    MISTAKE = "mistake"
    REPAIRED = "repaired"
    WORSE = "worse"
    NEW_LOOK = "new_look"


class Below(StrEnum):
    """Why a person gives a category lower than the rule's: what no check asks."""

    SCRATCHED = "scratched"
    MARKED = "marked"
    NOISY = "noisy"
    SLOW = "slow"


class DiagnosisIncomplete(Refused):
    """Functions remain untested or failed: no category yet."""

    code = "diagnosis-incomplete"


class WhyRegraded(Refused):
    """It has a category already: say why it changes."""

    code = "why-regraded"


class AboveTheRule(Refused):
    """The rule proposes a lower category; a person may only go lower."""

    code = "above-the-rule"


class WhyBelow(Refused):
    """A category lower than the rule's needs a reason."""

    code = "why-below"


@dataclass(frozen=True)
class Proposal:
    """The category the rule comes to, and the worn functions that led to it. None while something fails or is untested."""

    grade: Grade | None
    worn: tuple[Check, ...]
    missing: tuple[str, ...]

    def allows(self, chosen: Grade) -> bool:
        """Whether a person may give this one: the rule's, or a lower one."""
        return self.grade is not None and chosen >= self.grade


def questions(machine: Machine) -> tuple[Check, ...]:
    """The functions to try on a machine of this form, in order."""
    return asked_of(machine)


def answers_to(check: Check) -> tuple[Result, ...]:
    """The answers that make sense for a check."""
    return tuple(result for result in Result if result not in WITHOUT.get(check, frozenset()))


def next_question(session: Session, machine: Machine) -> Check | None:
    """The first function nobody has tried during this stay."""
    found = results(session, machine)
    return next((check for check in questions(machine) if check not in found), None)


def check(session: Session, machine: Machine, what: Check, result: Result, *, by: Person, at: datetime) -> None:
    """Note what one check found. Raises as `diagnose`."""
    diagnose(session, machine, {what: result}, by=by, at=at)


def diagnose(
    session: Session,
    machine: Machine,
    found: Mapping[Check, Result],
    *,
    how: How = How.PERSON,
    by: Person,
    at: datetime,
) -> None:
    """Note what checks found. The history gets a line when a function fails and each time the list is complete.

    What fails becomes a task; what works again closes it; a category that the rule no longer gives is to be given again.

    Raises `NotAllowed`, `WrongState`, `Invalid` for a check this form does not ask or an answer without sense.
    """
    lock(session, machine)
    at_bench(machine, Note.DIAGNOSED, by, at)
    if not found:
        raise Invalid(field="result", why="missing")
    for what, result in found.items():
        if what not in questions(machine) or result not in answers_to(what):
            raise Invalid(field=what, why="unknown")
    note_results(session, machine, found, how=how, by=by, at=at)


def note_results(
    session: Session, machine: Machine, found: Mapping[Check, Result], *, how: How, by: Person | None, at: datetime
) -> None:
    """Write results of a held machine at the bench, and what follows from them."""
    row = {"machine_id": machine.id, "stay": machine.stay, "how": how, "by_id": by.id if by else None, "at": at}
    session.execute(insert(BenchCheck), [{**row, "name": what, "result": result} for what, result in found.items()])
    known = results(session, machine)
    complete = all(asked in known for asked in questions(machine))
    if complete or Result.FAILED in found.values():
        told = {asked.value: known[asked].value for asked in questions(machine) if asked in known}
        record(session, machine, Note.DIAGNOSED, by=by, at=at, complete=complete, results=told)
    follow(session, machine, found, by=by, at=at)
    now = propose(session, machine).grade
    if machine.grade is not None and now is not None and machine.grade < now:
        before, machine.grade = machine.grade, None
        session.flush()
        record(session, machine, Note.CORRECTED, by=by, at=at, what="grade", was=before, proposed=now)


def set_form(session: Session, machine: Machine, form: Form, *, by: Person, at: datetime) -> None:
    """Say what kind of computer it is, when its own report could not. Raises `NotAllowed`, `WrongState`."""
    lock(session, machine)
    at_bench(machine, Note.CORRECTED, by, at)
    before, machine.form = machine.form, form
    session.flush()
    record(session, machine, Note.CORRECTED, by=by, at=at, what="form", was=before, now=form)


def propose(session: Session, machine: Machine) -> Proposal:
    """Apply the rule. Failed or untested: no proposal."""
    found = results(session, machine)
    missing = untested(session, machine)
    worn = tuple(asked for asked in questions(machine) if found.get(asked) == Result.WORN)
    if missing:
        return Proposal(None, worn, tuple(missing))
    return Proposal(next((grade for grade, most in RULE if len(worn) <= most), Grade.C), worn, ())


def grade(
    session: Session,
    machine: Machine,
    chosen: Grade,
    *,
    why: Why | None = None,
    below: Below | None = None,
    by: Person,
    at: datetime,
) -> None:
    """Give a machine its category: the rule's, or a lower one with a reason (`below`); both are kept.

    A category given before is corrected with a reason (`why`).

    Raises `NotAllowed`, `WrongState`, `DiagnosisIncomplete`, `WhyRegraded`, `AboveTheRule`, `WhyBelow`.
    """
    lock(session, machine)
    at_bench(machine, Note.GRADED, by, at)
    proposal = propose(session, machine)
    if proposal.grade is None:
        raise DiagnosisIncomplete(tag=machine.tag, missing=list(proposal.missing))
    if not proposal.allows(chosen):
        raise AboveTheRule(tag=machine.tag, grade=proposal.grade)
    if chosen != proposal.grade and below is None:
        raise WhyBelow(tag=machine.tag, grade=proposal.grade)
    before = machine.grade
    if before is not None and why is None:
        raise WhyRegraded(tag=machine.tag, grade=before)
    machine.grade = chosen
    session.flush()
    lower = below if chosen != proposal.grade else None
    if before is None:
        record(session, machine, Note.GRADED, by=by, at=at, grade=chosen, proposed=proposal.grade, because=lower)
    else:
        record(
            session,
            machine,
            Note.CORRECTED,
            by=by,
            at=at,
            what="grade",
            was=before,
            now=chosen,
            because=why,
            below=lower,
            proposed=proposal.grade,
        )
