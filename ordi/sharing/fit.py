"""How well a machine answers a request, and in which order requests are looked at: points, each with its reason.

A score proposes; a person decides. Nothing here reads who asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.machines.checks import BenchCheck, Check, Result
from ordi.machines.machine import Form, Grade, Machine
from ordi.sharing.needs import GIB, Wanted
from ordi.sharing.requests import Request
from ordi.sharing.rules import Rules

MOVES = {"first": 1000, "later": -1000}
"""Points of a committee's decision: more than a programme's facts and days of waiting can weigh together, so people prevail."""


class Term(NamedTuple):
    """One reason of a score: its points, and what it speaks of. `against`: it does not answer the need."""

    code: str
    points: int
    value: int | str | None = None
    against: bool = False


@dataclass(frozen=True)
class Fit:
    """A machine against a request. Not `possible`: it lacks what cannot be added."""

    terms: tuple[Term, ...]
    possible: bool

    @property
    def points(self) -> int:
        """The sum of its reasons."""
        return sum(term.points for term in self.terms)

    @property
    def shortcomings(self) -> tuple[Term, ...]:
        """What it does not answer."""
        return tuple(term for term in self.terms if term.against)


@dataclass(frozen=True)
class Offer:
    """What counts of a ready machine."""

    machine: Machine
    checks: Mapping[str, str]

    @property
    def form(self) -> str:
        """What kind of computer it is."""
        return self.machine.form

    def works(self, check: Check) -> bool:
        """Whether this function was found good or worn, never absent, failed or untested."""
        return self.checks.get(check) in (Result.GOOD, Result.WORN)


def offers(session: Session, machines: Sequence[Machine]) -> list[Offer]:
    """What counts of these machines, in one query."""
    stays = {machine.id: machine.stay for machine in machines}
    found: dict[int, dict[str, str]] = {machine.id: {} for machine in machines}
    rows = session.execute(
        select(BenchCheck.machine_id, BenchCheck.stay, BenchCheck.name, BenchCheck.result)
        .where(BenchCheck.machine_id.in_(stays))
        .order_by(BenchCheck.id)
    )
    for machine_id, stay, name, result in rows:
        if stay == stays[machine_id]:
            found[machine_id][name] = result
    return [Offer(machine, found[machine.id]) for machine in machines]


def fit(want: Wanted, profile: str, offer: Offer) -> Fit:
    """How `offer` answers what is wanted under a programme's software profile."""
    terms: list[Term] = []
    possible = True
    if want.portable:
        possible = offer.form == Form.LAPTOP
        terms.append(Term("portable", 20 if possible else 0, offer.form, against=not possible))
    if want.large_screen:
        large = offer.form in (Form.DESKTOP, Form.ALL_IN_ONE)
        terms.append(Term("large-screen", 15 if large else -5, offer.form, against=not large))
    if want.camera:
        terms.append(_works(offer, Check.CAMERA, "camera", 15, -15))
    if want.sound:
        terms.append(_works(offer, Check.SOUND, "sound", 5, -10))
    terms.append(_memory(want, offer))
    if offer.form == Form.LAPTOP and offer.checks.get(Check.BATTERY) == Result.GOOD:
        terms.append(Term("battery", 5))
    terms.append(
        Term(
            "grade", {Grade.A: 6, Grade.B: 4, Grade.C: 0}.get(Grade(offer.machine.grade or "C"), 0), offer.machine.grade
        )
    )
    if profile:
        same = offer.machine.profile == profile
        terms.append(Term("profile", 10 if same else -10, offer.machine.profile, against=not same))
    return Fit(tuple(terms), possible)


def rank(request: Request, at: datetime) -> tuple[Term, ...]:
    """Why a request is looked at before another: attested facts its programme weighs, and days waited."""
    return rank_under(request.programme.rules, request, at)


def rank_under(rules: Rules, request: Request, at: datetime) -> tuple[Term, ...]:
    """The same under rules that may not be its own: a draft."""
    weights = rules.points
    terms = [Term(code, weights[code]) for code in request.attested if code in weights]
    days = (at - request.filed_at).days
    waited = min(days // rules.waiting_days_per_point, rules.most_waiting_points)
    if request.moved:
        terms.append(Term(f"committee-{request.moved}", MOVES[request.moved]))
    terms.sort(key=lambda term: -term.points)
    return (*terms, Term("waiting", waited, days)) if waited > 0 else tuple(terms)


def total(terms: Iterable[Term]) -> int:
    """The points of several reasons."""
    return sum(term.points for term in terms)


def _works(offer: Offer, check: Check, code: str, good: int, bad: int) -> Term:
    works = offer.works(check)
    return Term(code, good if works else bad, against=not works)


def _memory(want: Wanted, offer: Offer) -> Term:
    """Enough is good; much more than enough is kept for who needs it."""
    has = offer.machine.memory_bytes or 0
    gib = round(has / GIB)
    if has * 10 < want.memory * 9:  # a part of it may be the graphics card's
        return Term("memory", -15, gib, against=True)
    return Term("memory", 10, gib) if has < 2 * want.memory else Term("more-memory-than-asked", 4, gib)
