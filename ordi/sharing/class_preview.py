"""What filing a class list would do, line by line, before anything is written; and a line that is wrong put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ordi.errors import Invalid
from ordi.parties.access import require
from ordi.parties.households import families, family_keys, name_keys
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.sealing import Sealer
from ordi.sharing.class_lists import ClassPupil, children_of
from ordi.sharing.class_reading import LONGEST, LONGEST_CLASS, Line
from ordi.sharing.programmes import Programme
from ordi.sharing.requests import LIVE, NotWaiting, Request, RequestState
from ordi.text import folded


class Fate(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    MOVED = "moved"
    """The child already waits, in another class: its class changes."""
    DOUBTFUL = "doubtful"
    """A child and an adult of these names already wait, and no telephone tells whether it is they: left out, a person says."""
    KNOWN = "known"
    """The child already waits or was served under this programme."""


@dataclass(frozen=True)
class Foreseen:
    """One line, what becomes of it, and for whom."""

    line: Line
    fate: Fate
    pupil: ClassPupil | None = None


def foreseen(
    session: Session, partner: Organisation, programme: Programme, lines: Sequence[Line], *, sealer: Sealer
) -> list[Foreseen]:
    """What `file_list` would do with each line. Nothing is written, no file is opened: keyed hashes are compared."""
    homes = {key: home.id for key, home in families(session, partner).items()}
    query = (
        select(ClassPupil)
        .join(Request, Request.id == ClassPupil.request_id)
        .join(Programme, Programme.id == Request.programme_id)
        .where(
            Request.partner_id == partner.id,
            Programme.code == programme.code,
            Request.state.in_((*LIVE, RequestState.HANDED_OVER)),
            ClassPupil.name_index.is_not(None),
        )
        .options(joinedload(ClassPupil.request), joinedload(ClassPupil.household))
    )
    waiting: dict[tuple[int, bytes], ClassPupil | None] = {
        (one.household_id, one.name_index or b""): one for one in session.scalars(query)
    }
    namesakes = {(one.name_index, one.household.name_index) for one in waiting.values() if one is not None}
    told: list[Foreseen] = []
    for line in lines:
        keys = family_keys(partner, line.adult, line.phone, sealer=sealer)
        indexes = sealer.blind_indexes(children_of(partner.id), line.child)
        home = next((homes[key] for key in keys if key in homes), -line.number)
        match = next(((home, index) for index in indexes if (home, index) in waiting), None)
        homes.update(dict.fromkeys(keys, home))
        adults = name_keys(partner, line.adult, sealer=sealer) if not keys else []
        if match is None and any((index, adult) in namesakes for index in indexes for adult in adults):
            told.append(Foreseen(line, Fate.DOUBTFUL))
            continue
        if match is None:
            waiting[home, indexes[0]] = None
            told.append(Foreseen(line, Fate.NEW))
            continue
        pupil = waiting[match]
        moved = pupil is not None and folded(pupil.class_name) != folded(line.class_name)
        moved = moved and pupil is not None and pupil.request.state in LIVE
        told.append(Foreseen(line, Fate.MOVED if moved else Fate.KNOWN, pupil))
    return told


def correct_pupil(
    session: Session,
    pupil: ClassPupil,
    class_name: str,
    name: str = "",
    *,
    sealer: Sealer,
    by: Person,
    at: datetime,
) -> None:
    """Put a child's class, and name where one is given, right. Raises `NotAllowed`, `Invalid`, `NotWaiting` once it was served."""
    require(by, "classes.write", pupil.request.partner, at=at)
    session.refresh(pupil.request, with_for_update={"of": Request})
    if pupil.request.state not in LIVE:
        raise NotWaiting(request=pupil.request.code, state=pupil.request.state)
    told_class, told_name = " ".join(class_name.split()), " ".join(name.split())
    if not folded(told_class) or len(told_class) > LONGEST_CLASS or len(told_name) > LONGEST:
        raise Invalid(
            field="class" if len(told_name) <= LONGEST else "name", why="too-long" if told_class else "missing"
        )
    pupil.class_name = told_class
    if folded(told_name):
        pupil.name_sealed = sealer.seal("class_pupils", "name", pupil.uid, told_name)
        pupil.name_index = sealer.blind_indexes(children_of(pupil.request.partner_id), told_name)[0]
    session.flush()
