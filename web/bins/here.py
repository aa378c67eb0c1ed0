"""The bin a page is about, the kind a form tells, and what was scanned."""

from __future__ import annotations

from flask import request
from sqlalchemy import select

from ordi.bench.bins import Bin, Part, bin_seen, bins_seen_by
from ordi.bench.part_kinds import FACTS, Family, PartKind, kind_of
from ordi.errors import Invalid, NotFound, SomeoneJustDidThis
from ordi.machines.machine import Machine, seen
from ordi.tags import read_tag
from web.asking import chosen
from web.clock import now
from web.guards import me
from web.session import db


def bin_at(tag: str, permission: str = "parts.see") -> Bin:
    """The bin under this tag, for a page that looks. Raises `NotFound`."""
    return bin_seen(db(), me(), tag, permission, at=now())


def bin_in_hand(tag: str) -> Bin:
    """The bin under this tag, for a form that acts. Raises `NotFound`, `SomeoneJustDidThis` for a form made earlier."""
    found = bin_at(tag, "parts.work")
    said = request.form.get("version", "")
    if said and said != str(found.version):
        raise SomeoneJustDidThis(bin=found.tag)
    return found


def scanned(text: str) -> Bin | Machine:
    """The bin or the machine under what was scanned. Raises `MistypedTag`, `NotFound`."""
    tag = read_tag(text)
    found = db().scalar(bins_seen_by(me(), "parts.work", at=now()).where(Bin.tag == tag))
    return found or seen(db(), me(), tag, "parts.work", at=now())


def kind_at(kind_id: int) -> PartKind:
    """A kind by its number. Raises `NotFound`."""
    found = db().get(PartKind, kind_id)
    if found is None:
        raise NotFound(kind=kind_id)
    return found


def kind_told() -> PartKind:
    """The kind a form tells by its family and facts. Raises `Invalid`."""
    family = chosen(Family, "family")
    return kind_of(db(), family, {fact.name: request.form.get(fact.name, "") for fact in FACTS[family]})


def part_told(box: Bin, kind: PartKind) -> Part | None:
    """The followed part a form names in a bin; none when it speaks of the heap. Raises `NotFound`, `Invalid`."""
    said = request.form.get("part", "")
    if not said:
        return None
    if not said.isascii() or not said.isdigit():
        raise Invalid(field="part", why="unknown")
    part = db().scalar(select(Part).where(Part.id == int(said[:9]), Part.bin_id == box.id, Part.kind_id == kind.id))
    if part is None:
        raise NotFound(part=said[:9])
    return part
