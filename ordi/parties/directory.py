"""The directory: places of digital mediation that anybody of the network may send a family to.

A place is its `id` in the file, nothing else: a name or an address never makes two places one. It is tied to an
organisation of the network only where a SIRET says so without a doubt, and that organisation is never changed by a file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.canonical import canonical
from ordi.database import Base
from ordi.errors import NotAllowed
from ordi.parties.access import may
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Person
from ordi.parties.place_file import Line, day_of
from ordi.text import folded

SOUGHT = ("nom", "commune", "code_postal", "services", "typologie", "structure_parente")
"""The columns in which a place is looked for."""
TIED = (Kind.PARTNER, Kind.WORKSHOP, Kind.POLE)
"""Organisations that may be places of the directory."""


class ListedPlace(Base):
    """One place of the directory, with everything its file said."""

    __tablename__ = "listed_places"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(160), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    siret: Mapped[str | None] = mapped_column(String(14), index=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    commune: Mapped[str] = mapped_column(String(120))
    postcode: Mapped[str] = mapped_column(String(5))
    written: Mapped[str]
    """Canonical JSON of its columns, empty ones left out."""
    sought: Mapped[str]
    """Its words without accents, each with a space before it."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    organisation: Mapped[Organisation | None] = relationship()

    @property
    def fields(self) -> dict[str, str]:
        """What its file said, by column."""
        return dict(json.loads(self.written))

    def values(self, name: str) -> list[str]:
        """The values of a column that holds several."""
        return [one.strip() for one in self.fields.get(name, "").split("|") if one.strip()]


class Fate(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    OLDER = "older"
    WRONG = "wrong"
    OTHER_SIRET = "other_siret"


@dataclass(frozen=True)
class Step:
    """A line, and what would become of it."""

    line: Line
    fate: Fate
    place: ListedPlace | None = None
    organisation: Organisation | None = None
    doubt: bool = False
    """Its SIRET is that of several places or organisations: it is tied to none."""
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Column → what is known, what the file says."""


def plan(session: Session, lines: Sequence[Line]) -> list[Step]:
    """What a file would do, without doing it: three queries however long it is."""
    good = [line for line in lines if not line.faults]
    ids = [line.fields["id"] for line in good]
    sirets = {line.siret for line in good if line.siret}
    known = {one.reference: one for one in session.scalars(select(ListedPlace).where(ListedPlace.reference.in_(ids)))}
    bodies: dict[str, list[Organisation]] = {}
    for one in session.scalars(select(Organisation).where(Organisation.siret.in_(sirets), Organisation.kind.in_(TIED))):
        bodies.setdefault(str(one.siret), []).append(one)
    places = Counter(line.siret for line in good)
    listed = session.execute(select(ListedPlace.siret, ListedPlace.reference).where(ListedPlace.siret.in_(sirets)))
    places.update(siret for siret, reference in listed if reference not in set(ids))
    return [_step(line, known, bodies, places) for line in lines]


def _step(
    line: Line,
    known: Mapping[str, ListedPlace],
    bodies: Mapping[str, list[Organisation]],
    places: Mapping[str | None, int],
) -> Step:
    if line.faults:
        return Step(line, Fate.WRONG)
    candidates = bodies.get(line.siret or "", [])
    sure = len(candidates) == 1 and places[line.siret] == 1
    tied, doubt = (candidates[0] if sure else None), bool(candidates) and not sure
    place = known.get(line.fields["id"])
    if place is None:
        return Step(line, Fate.NEW, None, tied, doubt)
    if place.siret and line.siret and place.siret != line.siret:
        return Step(line, Fate.OTHER_SIRET, place)
    was = place.fields
    before, after = day_of(was.get("date_maj", "")), day_of(line.fields.get("date_maj", ""))
    if before and after and after < before:
        return Step(line, Fate.OLDER, place)
    changes = {name: (was.get(name, ""), told) for name, told in line.fields.items() if was.get(name) != told}
    return Step(line, Fate.CHANGED if changes else Fate.SAME, place, tied, doubt, changes)


def take(session: Session, lines: Sequence[Line], *, by: Person, at: datetime) -> list[Step]:
    """Write the new places and what changed of known ones; an empty cell takes nothing away. Raises `NotAllowed`."""
    if not may(by, "directory.write", None, at=at):
        raise NotAllowed(permission="directory.write")
    # one file after the other: two that bring the same place would both find it new
    session.scalars(select(Organisation.id).where(Organisation.kind == Kind.NETWORK).with_for_update()).all()
    steps = plan(session, lines)
    for step in steps:
        if step.fate not in (Fate.NEW, Fate.CHANGED):
            continue
        place = step.place or ListedPlace(reference=step.line.fields["id"])
        told = {**(place.fields if step.place else {}), **step.line.fields}
        place.siret = step.line.siret or place.siret
        place.name, place.commune, place.postcode = told["nom"], told["commune"], told["code_postal"]
        place.written, place.sought = canonical(told), _sought(told)
        place.organisation_id = step.organisation.id if step.organisation else place.organisation_id
        place.by_id, place.at = by.id, at
        session.add(place)
    session.flush()
    return steps


def places_like(words: str) -> Select[ListedPlace]:
    """The places that have each of these words, or its beginning, in their name, commune, postcode or services."""
    query = select(ListedPlace)
    for word in _words(words):
        query = query.where(ListedPlace.sought.contains(f" {word}", autoescape=True))
    return query


def nearest_words(session: Session, words: str) -> str:
    """The same words as the directory spells them: `plannoise` is `planoise`. Nothing when none is near."""
    there = sorted({word for text in session.scalars(select(ListedPlace.sought)) for word in text.split()})
    near = [get_close_matches(word, there, 1, 0.75) for word in _words(words)]
    return " ".join(one[0] for one in near) if near and all(near) else ""


def every_place(session: Session) -> Iterable[dict[str, str]]:
    """What the directory says of each place, by reference."""
    return (one.fields for one in session.scalars(select(ListedPlace).order_by(ListedPlace.reference)))


def _words(text: str) -> list[str]:
    """Words as they are compared, `St` and `Ste` written out."""
    return [{"st": "saint", "ste": "sainte"}.get(word, word) for word in folded(text).split()]


def _sought(told: Mapping[str, str]) -> str:
    return " " + " ".join(word for name in SOUGHT for word in _words(told.get(name, "")))
