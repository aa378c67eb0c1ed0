"""Deliberation: people decide on each application, minutes say what and why, and what is accepted becomes requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ordi.errors import Invalid, Refused
from ordi.machines.machine import Form
from ordi.messages.outbox import Channel, put_once
from ordi.papers import Paper, PaperKind, issue, of_subject
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.sharing.applications import Application, Outcome, filed_for
from ordi.sharing.calls import Call, Phase
from ordi.sharing.filing import file_granted
from ordi.sharing.needs import NeedCode
from ordi.sharing.scoring import NotScoring, jury_of, tallies


class Because(StrEnum):
    """Why an application is refused or waits: each has its sentence, with what to do next."""

    OTHERS_FIRST = "others_first"
    OUT_OF_SUBJECT = "out_of_subject"
    TOO_VAGUE = "too_vague"
    OTHER_PROGRAMME = "other_programme"


class MarksAwaited(Refused):
    """Somebody has not given marks yet: `names` says who."""

    code = "marks-awaited"


class MoreThanGiven(Refused):
    """More is granted than the call gives."""

    code = "more-than-given"


class NobodyWith(Refused):
    """Minutes are signed by two: somebody of the jury beside who decides."""

    code = "nobody-with"


@dataclass(frozen=True)
class Verdict:
    """What is decided on one application."""

    outcome: Outcome
    granted: int = 0
    because: str = ""


def to_decide(session: Session, call: Call) -> list[Application]:
    """The applications without a decision, and those that wait for a second one."""
    undecided = filed_for(call).where(Application.outcome.in_(("", Outcome.WAITING)))
    return list(session.scalars(undecided.options(joinedload(Application.partner)).order_by(Application.id)))


def granted_so_far(session: Session, call: Call) -> int:
    """How many machines earlier deliberations gave."""
    return sum(session.scalars(select(Application.granted).where(Application.call_id == call.id)))


def deliberate(
    session: Session,
    call: Call,
    verdicts: Mapping[str, Verdict],
    present: Sequence[Person],
    *,
    by: Person,
    at: datetime,
) -> Paper:
    """Decide on every application that still waits for it, and give the minutes.

    What is accepted becomes one request a machine, under the call's programme; each applicant is written to, once. Raises
    `NotAllowed`, `NotScoring`, `MarksAwaited`, `NobodyWith`, `Invalid`, `MoreThanGiven`.
    """
    require(by, "calls.run", call.pole, at=at)
    session.refresh(call, with_for_update={"of": Call})
    waiting = to_decide(session, call)
    if call.phase(at) not in (Phase.SCORING, Phase.DECIDED) or not waiting:
        raise NotScoring(call=call.code)
    jury = {one.person_id for one in jury_of(session, call)}
    if not any(one.id in jury and one.id != by.id for one in present):
        raise NobodyWith(call=call.code)
    found = tallies(session, call, waiting)
    awaited = dict.fromkeys(one.name for tally in found.values() for one in tally.awaited)
    if awaited:
        raise MarksAwaited(call=call.code, names=", ".join(awaited))
    if set(verdicts) != {one.code for one in waiting}:
        raise Invalid(field="outcome", why="missing")
    _check(session, call, waiting, verdicts)
    lines = []
    for one in waiting:
        verdict, total = verdicts[one.code], found[one.id].total
        one.outcome, one.granted, one.reason = verdict.outcome, verdict.granted, verdict.because
        one.decided_at = at
        lines.append(
            {
                "application": one.code,
                "outcome": verdict.outcome,
                "granted": verdict.granted,
                "because": verdict.because,
                "tenths": round(total * 10) if total is not None else None,
            }
        )
        _serve(session, one, by, at)
        _tell(session, one, at)
    call.decided_at = call.decided_at or at
    facts: dict[str, object] = {
        "call": call.code,
        "decisions": lines,
        "present": [one.op_code for one in dict.fromkeys((by, *present))],
    }
    paper = issue(session, PaperKind.CALL_MINUTES, f"call:{call.id}", facts, by_id=by.id, at=at)
    session.flush()
    return paper


def minutes_of(session: Session, call: Call) -> list[Paper]:
    """The minutes of a call's deliberations."""
    return of_subject(session, f"call:{call.id}", PaperKind.CALL_MINUTES)


def _check(session: Session, call: Call, waiting: Sequence[Application], verdicts: Mapping[str, Verdict]) -> None:
    for one in waiting:
        verdict = verdicts[one.code]
        fits = {
            Outcome.ACCEPTED: verdict.granted == one.machines,
            Outcome.IN_PART: 0 < verdict.granted < one.machines,
        }.get(verdict.outcome, verdict.granted == 0 and verdict.because in set(Because))
        if not fits:
            raise Invalid(field=one.code, why="does-not-fit")
    given = granted_so_far(session, call) + sum(one.granted for one in verdicts.values())
    unit = call.programme.rules.unit_cost_cents
    most = min(call.machines, call.budget_cents // unit) if call.budget_cents and unit else call.machines
    if given > most:
        raise MoreThanGiven(call=call.code, given=given, most=most)


def _serve(session: Session, one: Application, by: Person, at: datetime) -> None:
    """One request a machine, decided by the committee: the waiting list, the hand-over and the papers are as ever."""
    needs = one.needs.split()
    if one.form == Form.LAPTOP:
        needs.append(NeedCode.LAPTOP)
    assert one.signed_by is not None  # it was filed
    for _machine in range(one.granted):
        file_granted(session, one.call.programme, one.partner, needs, one.id, signed_by=one.signed_by, by=by, at=at)


def _tell(session: Session, one: Application, at: datetime) -> None:
    """By mail to its office, else by letter, else somebody says it; never twice for one decision."""
    way = Channel.MAIL if one.partner.email else Channel.LETTER if one.partner.street else Channel.SPOKEN
    put_once(
        session,
        f"call_{one.outcome}",
        way,
        None,
        {"because": one.reason, "granted": one.granted},
        application_id=one.id,
        about=f"application:{one.id}",
        once=f"application:{one.id}:{one.outcome}",
        at=at,
    )
