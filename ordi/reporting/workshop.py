"""A workshop as its lead reads it: stock by shelf and category, how long machines wait, each week's work, and the first pass.

Times are of the workshop, never of a person: nothing here reads who did what.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from ordi.bench.counters import monday
from ordi.machines.checks import BenchCheck, Result
from ordi.machines.drive import Sanitisation
from ordi.machines.journal import Event
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from ordi.parties.organisations import Organisation

WEEKS = 12
YOUNG, OLD = timedelta(days=7), timedelta(days=30)
"""A machine is young up to the first, old beyond the second."""

STOCK = (State.READY, State.ALLOCATED)
WAITING = (State.RECEIVED, State.SANITISED, State.REINSTALLED, State.READY)
CAME = (Action.RECEIVE, Action.ADMIT, Action.TAKE_BACK, Action.FIND)
_WALKED = (*CAME, Action.REOPEN, Action.RELEASE_TO_STOCK)
LISTED = 20_000
"""Machines in one file at most: what a spreadsheet opens without complaint."""


@dataclass(frozen=True)
class Age:
    """How long the machines of one state have been in it: up to a week, up to thirty days, more; and the longest, in days."""

    state: State
    young: int
    middle: int
    old: int
    longest: int


@dataclass
class Week:
    """One week, from its Monday (UTC): how many came, how many reached the shelf, how many of these at the first pass."""

    monday: datetime
    came: int = 0
    released: int = 0
    first_pass: int = 0
    days: list[float] = field(default_factory=list)

    @property
    def yield_percent(self) -> int | None:
        """Of a hundred that reached the shelf, how many at the first pass; nothing when none did."""
        return round(100 * self.first_pass / self.released) if self.released else None

    @property
    def median_days(self) -> float | None:
        """Days from the door to the shelf, half took less."""
        return round(median(self.days), 1) if self.days else None


@dataclass(frozen=True)
class WorkshopFigures:
    """What a lead looks at. `stock` is by shelf, then by category (`""`: none yet)."""

    stock: dict[str, dict[str, int]]
    ages: list[Age]
    weeks: list[Week]

    @property
    def grades(self) -> dict[str, int]:
        """The stock by category."""
        told: dict[str, int] = {}
        for shelf in self.stock.values():
            for grade, count in shelf.items():
                told[grade] = told.get(grade, 0) + count
        return dict(sorted(told.items()))

    @property
    def first_pass(self) -> int | None:
        """The first-pass yield of all these weeks, in percent."""
        whole = Week(self.weeks[0].monday)
        whole.released = sum(week.released for week in self.weeks)
        whole.first_pass = sum(week.first_pass for week in self.weeks)
        return whole.yield_percent


def workshop_figures(session: Session, workshop: Organisation, *, at: datetime) -> WorkshopFigures:
    """The figures of one workshop, in five queries whatever it holds."""
    first = monday(at) - timedelta(weeks=WEEKS - 1)
    weeks = [Week(first + timedelta(weeks=n)) for n in range(WEEKS)]
    for came in session.scalars(
        select(Event.recorded_at)
        .join(Machine, Machine.id == Event.machine_id)
        .where(Machine.workshop_id == workshop.id, Event.recorded_at >= first, Event.action.in_(CAME))
    ):
        _week(weeks, came).came += 1
    for one in _passes(session, workshop, first):
        week = _week(weeks, one.released)
        week.released += 1
        week.first_pass += one.first
        week.days.append((one.released - one.came) / timedelta(days=1))
    return WorkshopFigures(_stock(session, workshop), _ages(session, workshop, at), weeks)


def stock_list(session: Session, workshop: Organisation) -> Sequence[Machine]:
    """The machines in stock, shelf by shelf."""
    query = select(Machine).where(Machine.workshop_id == workshop.id, Machine.state.in_(STOCK), *_LIVE)
    return session.scalars(query.order_by(Machine.shelf, Machine.grade, Machine.id).limit(LISTED)).all()


_LIVE = (Machine.merged_into_id.is_(None),)


@dataclass(frozen=True)
class _Pass:
    """A machine's way from the door to the shelf."""

    came: datetime
    released: datetime
    first: bool


def _passes(session: Session, workshop: Organisation, since: datetime) -> Iterator[_Pass]:
    """The ways that ended on a shelf since then.

    The first pass: between the door and the shelf nothing failed, neither a test nor a wipe, and nothing sent it back.
    """
    released = select(Event.machine_id).where(Event.action == Action.RELEASE_TO_STOCK, Event.recorded_at >= since)
    mine = select(Machine.id).where(Machine.workshop_id == workshop.id, Machine.id.in_(released)).scalar_subquery()
    failed: dict[int, list[datetime]] = {}
    tests = select(BenchCheck.machine_id, BenchCheck.at).where(BenchCheck.result == Result.FAILED)
    wipes = select(Sanitisation.machine_id, Sanitisation.judged_at).where(Sanitisation.verdict == "FAIL")
    for query in (tests.where(BenchCheck.machine_id.in_(mine)), wipes.where(Sanitisation.machine_id.in_(mine))):
        for machine_id, moment in session.execute(query):
            failed.setdefault(machine_id, []).append(moment)
    came: dict[int, datetime] = {}
    walked = (
        select(Event.machine_id, Event.action, Event.recorded_at)
        .where(Event.machine_id.in_(mine), Event.action.in_(_WALKED))
        .order_by(Event.machine_id, Event.seq)
    )
    for machine_id, action, moment in session.execute(walked):
        if action in CAME:
            came[machine_id] = moment
        elif action == Action.REOPEN:
            failed.setdefault(machine_id, []).append(moment)
        elif moment >= since:
            door = came.get(machine_id, moment)
            yield _Pass(door, moment, not any(door <= one <= moment for one in failed.get(machine_id, ())))


def _stock(session: Session, workshop: Organisation) -> dict[str, dict[str, int]]:
    rows = session.execute(
        select(Machine.shelf, Machine.grade, func.count())
        .where(Machine.workshop_id == workshop.id, Machine.state.in_(STOCK), *_LIVE)
        .group_by(Machine.shelf, Machine.grade)
        .order_by(Machine.shelf)
    )
    told: dict[str, dict[str, int]] = {}
    for shelf, grade, count in rows:
        told.setdefault(shelf, {})[grade or ""] = count
    return told


def _ages(session: Session, workshop: Organisation, at: datetime) -> list[Age]:
    since = Machine.state_since
    rows = session.execute(
        select(
            Machine.state,
            func.sum(case((since >= at - YOUNG, 1), else_=0)),
            func.sum(case((since < at - OLD, 1), else_=0)),
            func.count(),
            func.min(since),
        )
        .where(Machine.workshop_id == workshop.id, Machine.state.in_(WAITING), *_LIVE)
        .group_by(Machine.state)
    )
    told = {
        state: Age(State(state), young, count - young - old, old, (at - _aware(oldest)).days)
        for state, young, old, count, oldest in rows
    }
    return [told.get(state, Age(state, 0, 0, 0, 0)) for state in WAITING]


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _week(weeks: list[Week], moment: datetime) -> Week:
    """The week of a moment; a clock that runs ahead counts in the last."""
    place = (moment - weeks[0].monday) // timedelta(weeks=1)
    return weeks[min(max(place, 0), len(weeks) - 1)]
