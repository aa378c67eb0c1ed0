"""Bins with parts in every workshop: some harvested, some bought, and the computers that wait for one."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ordi.bench.bins import open_bin
from ordi.bench.fitting import fit
from ordi.bench.part_kinds import Family, PartKind, kind_of
from ordi.bench.part_moves import Origin, put_in, take_out
from ordi.bench.shortages import set_minimum, wait_for
from ordi.demonstration.network import Network, Workshop
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine


def stocked_bins(session: Session, network: Network, random: Random, *, at: datetime) -> None:
    """Three bins a workshop. One computer waits for a part that has come since, the others for one still to be found."""
    for workshop in network.workshops:
        _fill(session, workshop, random, at)


def _fill(session: Session, workshop: Workshop, random: Random, at: datetime) -> None:
    hands, lead, room = workshop.technicians[0], workshop.lead, workshop.organisation
    before = at - timedelta(days=6)
    sticks, chargers, others = (
        open_bin(session, room, name, place, by=lead, at=before, random=random)
        for name, place in (("Barrettes", "P1"), ("Chargeurs", "P2"), ("Claviers et dalles", "P3"))
    )
    for type_, shape, gb, count in (("DDR3", "sodimm", "4", 7), ("DDR4", "sodimm", "8", 3), ("DDR3", "dimm", "4", 5)):
        put_in(session, sticks, _stick(session, type_, shape, gb), Origin.DONATED, count=count, by=hands, at=before)
    for volts, plug, watts, count in (
        ("19.5", "7.4x5.0", "65", 4),
        ("19.5", "4.5x3.0", "45", 2),
        ("20", "usb-c", "65", 1),
    ):
        kind = kind_of(session, Family.CHARGER, {"volts": volts, "plug": plug, "watts": watts})
        put_in(session, chargers, kind, Origin.BOUGHT, count=count, by=hands, at=before)
        set_minimum(session, room, kind, 3, by=lead, at=before)
    panel = kind_of(session, Family.PANEL, {"inches": "14", "pins": "30"})
    for number in range(2):
        serial = f"LP140-{random.randint(10_000, 99_999)}-{number}"
        put_in(session, others, panel, Origin.FOUND, serial=serial, by=hands, at=before)
    lately = at - timedelta(minutes=4)
    apart = session.scalars(_here(workshop, State.DISMANTLED).limit(1)).first()
    opened = session.scalars(_here(workshop, State.RECEIVED).where(Machine.triage == "keep").limit(1)).first()
    if apart is not None:
        keyboard = kind_of(session, Family.KEYBOARD, {"fits": f"{apart.manufacturer} {apart.model}"})
        take_out(session, apart, keyboard, others, by=hands, at=lately)
        four = _stick(session, "DDR3", "sodimm", "4")
        part = take_out(session, apart, four, sticks, serial=f"M471B-{random.randint(1000, 9999)}", by=hands, at=lately)
        if opened is not None:
            fit(session, opened, sticks, four, part=part, by=hands, at=lately)
    held = session.scalars(_here(workshop, State.SANITISED).where(Machine.held_for == "part")).all()
    free = session.scalars(_here(workshop, State.SANITISED).where(Machine.held_for == "").limit(2 - min(2, len(held))))
    short = (_stick(session, "DDR3", "sodimm", "4"), _stick(session, "DDR4", "sodimm", "16"), panel)
    for number, machine in enumerate((*held, *free)):
        wait_for(session, machine, short[number % len(short)], by=hands, at=lately)


def _stick(session: Session, type_: str, shape: str, gb: str) -> PartKind:
    return kind_of(session, Family.MEMORY, {"type": type_, "shape": shape, "gb": gb})


def _here(workshop: Workshop, state: State) -> Select[Machine]:
    return (
        select(Machine)
        .where(Machine.workshop_id == workshop.organisation.id, Machine.state == state)
        .order_by(Machine.id)
    )
