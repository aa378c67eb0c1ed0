"""Computers that went missing: older files are closed, one stolen yesterday has its clock running."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from ordi.bench.incidents import Step, asked_of, do_step, give_up
from ordi.bench.losses import Loss, lose
from ordi.demonstration.network import Network, Workshop
from ordi.machines.journal import Event
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine

LONG = timedelta(days=42)
"""After so long it is given up."""

_SAID = {
    Step.SEARCH: "Atelier, camion, étagères",
    Step.DONOR: "Par téléphone, puis par lettre",
    Step.CNIL: "Notification 2026-D-114 (fictive)",
}


def missing(session: Session, machine: Machine, workshop: Workshop, *, at: datetime, end: datetime) -> None:
    """Not found since `at`: looked for, told, and given up when that was long before `end`."""
    incident = lose(session, machine, Loss.NOT_FOUND, by=workshop.lead, at=at)
    if at > end - LONG:
        return
    for hours, step in enumerate(asked_of(incident), start=2):
        do_step(session, incident, step, _SAID[step], by=workshop.coordinator, at=at + timedelta(hours=hours))
    give_up(session, incident, by=workshop.coordinator, at=at + timedelta(days=20))


def stolen(session: Session, network: Network, *, at: datetime) -> None:
    """One computer of the first workshop, known to be stolen since yesterday."""
    workshop = network.workshops[0]
    here = select(Machine).where(
        Machine.workshop_id == workshop.organisation.id, Machine.state == State.RECEIVED, Machine.held_for == ""
    )
    knew = at - timedelta(hours=21)
    still = ~exists().where(Event.machine_id == Machine.id, Event.recorded_at > knew)
    machine = session.scalars(here.where(still).order_by(Machine.id.desc()).limit(1)).first()
    if machine is not None:
        lately = at - timedelta(minutes=3)
        incident = lose(session, machine, Loss.STOLEN, aware_at=knew, by=workshop.lead, at=lately)
        do_step(session, incident, Step.SEARCH, _SAID[Step.SEARCH], by=workshop.lead, at=lately)
