"""What a scan at the hand-over means: the machine's own label, the bin a thing lies in, its serial, or its stock code."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.bins import Bin, Part, followed_in, inside
from ordi.bench.part_kinds import Family, PartKind
from ordi.errors import Refused
from ordi.machines.machine import Machine
from ordi.sharing.packs import COMPUTER
from ordi.tags import MistypedTag, read_tag

FAMILIES: dict[str, tuple[str, ...]] = {
    Family.CHARGER: ("charger",),
    Family.POWER_SUPPLY: ("charger",),
    Family.MOUSE: ("mouse", "left_handed_mouse"),
    Family.USB_KEYBOARD: ("keyboard", "large_print_keyboard"),
    Family.MONITOR: ("screen",),
}
"""Which things of a pack a part may be."""


class AnotherMachine(Refused):
    """The label in hand is not that of the machine that was promised."""

    code = "another-machine"


class NotOfThePack(Refused):
    """Nothing of this pack answers to this code."""

    code = "not-of-the-pack"


class SeveralThings(Refused):
    """What was read could be more than one thing of the pack."""

    code = "several-things"


def read_thing(session: Session, machine: Machine, codes: Collection[str], said: str) -> str:
    """The code of the pack that `said` stands for, among `codes`. Raises `AnotherMachine`, `NotOfThePack`, `SeveralThings`."""
    text = said.strip()
    if text.casefold() in codes:
        return text.casefold()
    families = _serials(session, machine, text)
    try:
        tag = read_tag(text)
    except MistypedTag:
        tag = ""
    if tag == machine.tag:
        return COMPUTER
    if tag:
        box = session.scalar(select(Bin).where(Bin.tag == tag, Bin.workshop_id == machine.workshop_id))
        if box is None:
            if session.scalar(select(Machine.id).where(Machine.tag == tag)) is not None:
                raise AnotherMachine(tag=machine.tag)
            raise NotOfThePack(tag=machine.tag)
        kinds = [one.kind for one in inside(session, box)] + [one.kind for one in followed_in(session, box)]
        families = {kind.family for kind in kinds}
    found = [code for code in codes if any(code in FAMILIES.get(family, ()) for family in families)]
    if not found:
        raise NotOfThePack(tag=machine.tag)
    if len(found) > 1:
        raise SeveralThings(tag=machine.tag)
    return found[0]


def _serials(session: Session, machine: Machine, text: str) -> set[str]:
    """The families of the workshop's parts that bear this serial."""
    query = (
        select(PartKind.family)
        .join(Part, Part.kind_id == PartKind.id)
        .where(Part.workshop_id == machine.workshop_id, Part.serial == text[:60])
    )
    return set(session.scalars(query)) if text else set()
