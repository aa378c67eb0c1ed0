"""What the wall of a workshop shows: how many wait at each step, what was done this week, what is stuck."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from ordi.machines.drive import Drive, Removal, Sighting, Standing, seen_now_in
from ordi.machines.journal import Event
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from ordi.parties.organisations import Organisation

QUEUES = (State.COLLECTED, State.RECEIVED, State.SANITISED, State.REINSTALLED, State.READY, State.DISMANTLED)


@dataclass(frozen=True)
class Counters:
    """One workshop, now."""

    waiting: dict[State, int]
    held: int
    untriaged: int
    unproven_drives: int
    loose_unproven: int
    done_this_week: dict[Action, int]
    oldest: list[Machine]


def counters(session: Session, workshop: Organisation, *, at: datetime) -> Counters:
    """Count a workshop's machines. `oldest` are the five that have waited longest at the bench."""
    mine = and_(Machine.workshop_id == workshop.id, Machine.merged_into_id.is_(None))
    by_state = dict(session.execute(select(Machine.state, func.count()).where(mine).group_by(Machine.state)).all())
    bench = (State.RECEIVED, State.SANITISED, State.REINSTALLED)
    record = aliased(Machine)
    unproven = (
        select(func.count(Sighting.drive_id.distinct()))
        .join(record, record.id == Sighting.machine_id)
        .join(Machine, seen_now_in(record, Machine))
        .join(Drive, Drive.id == Sighting.drive_id)
        .where(mine, Drive.standing == Standing.HOLDS_DATA)
    )
    removed = select(Removal.sighting_id)
    done = (
        select(Event.action, func.count())
        # `exists`, not a join: from the week's events to their machines, never through every machine's whole life
        .where(exists().where(Machine.id == Event.machine_id, mine))
        .where(Event.recorded_at >= monday(at), Event.from_state != Event.to_state)
        .group_by(Event.action)
    )
    counted = dict(session.execute(done).all())
    oldest = (
        select(Machine)
        .where(mine, Machine.state.in_(bench), Machine.held_for == "")
        .order_by(Machine.state_since, Machine.id)
        .limit(5)
    )
    return Counters(
        waiting={state: by_state.get(state, 0) for state in QUEUES},
        held=session.scalar(select(func.count(Machine.id)).where(mine, Machine.held_for != "")) or 0,
        untriaged=session.scalar(
            select(func.count(Machine.id)).where(mine, Machine.state == State.RECEIVED, Machine.triage == "")
        )
        or 0,
        unproven_drives=session.scalar(unproven.where(Machine.state.in_(bench), Sighting.id.not_in(removed))) or 0,
        loose_unproven=session.scalar(unproven.where(Sighting.id.in_(removed))) or 0,
        done_this_week={
            action: counted.get(action, 0)
            for action in (Action.RECEIVE, Action.SANITISE, Action.RELEASE_TO_STOCK, Action.HAND_OVER)
        },
        oldest=list(session.scalars(oldest)),
    )


def monday(at: datetime) -> datetime:
    """The midnight (UTC) that began this week."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())
