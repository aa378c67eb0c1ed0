"""What was scanned or typed into the box: a label in any spelling, or a label with one slip, or words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.bins import Bin, bins_seen_by
from ordi.errors import NotFound
from ordi.machines.labels import Label
from ordi.machines.machine import Machine, machines_seen_by, seen
from ordi.parties.access import may
from ordi.parties.people import Person
from ordi.tags import ALPHABET, LENGTH, MistypedTag, check_character, read_tag

_AZERTY = str.maketrans("&é\"'(-è_çà)", "1234567890-")
"""USB scanners type as a US keyboard: on an AZERTY computer digits arrive like this."""

_MOVED = str.maketrans("aqzwm,AQZWM?", "qawz,mQAWZ?M")


def tag_in(text: str) -> str | None:
    """The tag meant, also when a scanner typed it through a French keyboard."""
    for said in (text, text.translate(_AZERTY), text.translate(_AZERTY).translate(_MOVED)):
        try:
            return read_tag(said)
        except MistypedTag:
            continue
    return None


def looked_up(
    session: Session, reader: Person, tag: str, *, at: datetime, permission: str = "machines.look-up"
) -> Machine | None:
    """The machine under this tag, if this reader may recognise its label; a merged one's leads to the other."""
    try:
        return seen(session, reader, tag, permission, at=at)
    except NotFound:
        return None


def is_free(session: Session, reader: Person, tag: str, *, at: datetime) -> bool:
    """Whether this is a free label of a workshop where this person takes machines in."""
    label = session.scalar(select(Label).where(Label.tag == tag, Label.machine_id.is_(None)))
    return label is not None and may(reader, "bench.intake", label.workshop, at=at)


def is_bin(session: Session, reader: Person, tag: str, *, at: datetime) -> bool:
    """Whether this is the tag of a bin of parts this person may open."""
    return session.scalar(bins_seen_by(reader, at=at).where(Bin.tag == tag)) is not None


def nearly(session: Session, reader: Person, text: str, *, at: datetime) -> list[Machine]:
    """Machines whose tag differs from what was typed by one character: a slip of the hand."""
    kept = "".join(char for char in text.upper() if char.isascii() and char.isalnum())
    if len(kept) != LENGTH + 1:
        return []
    near = set()
    for place in range(LENGTH + 1):
        for char in ALPHABET:
            tried = kept[:place] + char + kept[place + 1 :]
            body = tried[:LENGTH]
            if all(one in ALPHABET for one in body) and check_character(body) == tried[LENGTH]:
                near.add(f"{body}-{tried[LENGTH]}")
    query = machines_seen_by(reader, "machines.look-up", at=at).where(Machine.tag.in_(near))
    return list(session.scalars(query.order_by(Machine.id.desc()).limit(5)))
