"""Side by side: what a report says, and the machines it could speak of; what agrees, what differs, what is not said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ordi.machines.drive import open_sightings
from ordi.machines.hardware import Hardware
from ordi.machines.identity import same_maker
from ordi.machines.machine import Form, Machine
from web.wording import wording
from web.wording.sizes import memory, size

SAME, DIFFERS, UNSAID = "same", "differs", "unsaid"


@dataclass(frozen=True)
class Row:
    """One thing: its name, what the first says of it, and what each other says, with how they compare."""

    name: str
    told: str
    cells: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class _Said:
    maker: str
    model: str
    serial: str
    uuid: str
    form: str
    processor: str
    memory: int | None
    drives: tuple[tuple[str, int], ...]


def beside(session: Session, first: Hardware | Machine, others: Sequence[Machine]) -> list[Row]:
    """Each line of the comparison of `first` with `others`."""
    one = _of_report(first) if isinstance(first, Hardware) else _of_machine(session, first)
    all_others = [_of_machine(session, machine) for machine in others]
    rows = [
        Row(_("Numéro de série"), one.serial, [_cell(one.serial, two.serial) for two in all_others]),
        Row(_("Identifiant de la carte"), one.uuid, [_cell(one.uuid, two.uuid) for two in all_others]),
        Row(_("Marque"), one.maker, [_maker(one.maker, two.maker) for two in all_others]),
        Row(_("Modèle"), one.model, [_cell(one.model, two.model) for two in all_others]),
        Row(_("Sorte"), one.form, [_cell(one.form, two.form) for two in all_others]),
        Row(_("Processeur"), one.processor, [_cell(one.processor, two.processor) for two in all_others]),
        Row(_("Mémoire"), _memory(one), [(_memory(two), _near(one.memory, two.memory)) for two in all_others]),
        Row(_("Disques"), _drives(one), [(_drives(two), _shared(one, two)) for two in all_others]),
    ]
    return [row for row in rows if row.told or any(value for value, _verdict in row.cells)]


def _of_report(told: Hardware) -> _Said:
    form = wording.form(told.form) if told.form != Form.UNKNOWN else ""
    drives = tuple((one.serial, one.bytes) for one in told.drives if one.serial)
    return _Said(
        told.manufacturer, told.model, told.serial, told.system_uuid, form, told.processor, told.memory_bytes, drives
    )


def _of_machine(session: Session, machine: Machine) -> _Said:
    form = wording.form(machine.form) if machine.form != Form.UNKNOWN else ""
    drives = tuple((one.drive.serial, one.drive.bytes) for one in open_sightings(session, machine))
    return _Said(
        machine.manufacturer,
        machine.model,
        machine.serial or "",
        machine.system_uuid or "",
        form,
        machine.processor,
        machine.memory_bytes,
        drives,
    )


def _cell(one: str, two: str) -> tuple[str, str]:
    if not one or not two:
        return two, UNSAID
    return two, SAME if one.casefold() == two.casefold() else DIFFERS


def _maker(one: str, two: str) -> tuple[str, str]:
    return (two, UNSAID) if not one or not two else (two, SAME if same_maker(one, two) else DIFFERS)


def _near(one: int | None, two: int | None) -> str:
    """Tools count memory with or without what the firmware keeps for itself: an eighth is no difference."""
    if not one or not two:
        return UNSAID
    return SAME if abs(one - two) * 8 <= max(one, two) else DIFFERS


def _shared(one: _Said, two: _Said) -> str:
    mine, theirs = ({serial.casefold() for serial, _size in said.drives} for said in (one, two))
    if not mine or not theirs:
        return UNSAID
    return SAME if mine & theirs else DIFFERS


def _memory(said: _Said) -> str:
    return memory(said.memory) if said.memory else ""


def _drives(said: _Said) -> str:
    return ", ".join(
        f"…{serial[-6:]} ({size(bytes_)})" if bytes_ else f"…{serial[-6:]}" for serial, bytes_ in said.drives
    )
