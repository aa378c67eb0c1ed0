"""The list of machines: filters, words, pages by key. One query for the rows, one for the counts, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from ordi.machines.drive import Drive, Sighting
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine, machines_seen_by
from ordi.parties.people import Person

PAGE = 50

GROUPS: dict[str, tuple[State, ...]] = {
    "coming": (State.PROMISED, State.COLLECTED),
    "bench": (State.RECEIVED, State.SANITISED, State.REINSTALLED),
    "ready": (State.READY,),
    "allocated": (State.ALLOCATED,),
    "out": (State.HANDED_OVER,),
    "gone": (State.DISMANTLED, State.RECYCLED, State.CANCELLED, State.REFUSED, State.LOST),
}
"""The chips above the list."""


@dataclass(frozen=True)
class Page:
    """Some machines, and the keys of the pages beside it."""

    machines: Sequence[Machine]
    older: int | None
    newer: int | None
    counts: dict[str, int]
    held: int


def page_of(
    session: Session,
    reader: Person,
    *,
    group: str = "",
    held: bool = False,
    words: str = "",
    serials: bool = False,
    before: int | None = None,
    after: int | None = None,
    at: datetime,
) -> Page:
    """The machines `reader` may list, newest first. `serials`: their drives' serial numbers are searched too."""
    mine = machines_seen_by(reader, "machines.list", at=at).where(Machine.merged_into_id.is_(None))
    if words:
        hits = _hits(session, mine.where(*_said(words, serials, machines_seen_by(reader, "machines.history", at=at))))
        keys = [hit.id for hit in hits if _belongs(hit, group, held)]
        chosen = select(Machine).where(Machine.id.in_(_nearest(keys, before, after)))
        counts, kept = _grouped((hit.state, 1, hit.held_for != "") for hit in hits)
    else:
        chosen = mine.where(Machine.state.in_(GROUPS[group])) if group in GROUPS else mine
        chosen = chosen.where(Machine.held_for != "") if held else chosen
        counts, kept = _counts(session, mine)
    rows, more = _rows(session, chosen, before, after)
    older = rows[-1].id if rows and (more if after is None else True) else None
    newer = rows[0].id if rows and (more if after is not None else before is not None) else None
    return Page(rows, older, newer, counts, kept)


def _rows(
    session: Session, chosen: Select[Machine], before: int | None, after: int | None
) -> tuple[list[Machine], bool]:
    query = chosen.options(joinedload(Machine.workshop), joinedload(Machine.partner), joinedload(Machine.donor))
    if after is not None:
        query = query.where(Machine.id > after).order_by(Machine.id)
    else:
        query = (query.where(Machine.id < before) if before is not None else query).order_by(Machine.id.desc())
    rows = list(session.scalars(query.limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return (rows[::-1] if after is not None else rows), more


def _counts(session: Session, mine: Select[Machine]) -> tuple[dict[str, int], int]:
    inner = mine.with_only_columns(Machine.state, Machine.held_for).subquery()
    rows = session.execute(
        select(inner.c.state, func.count(), func.count().filter(inner.c.held_for != "")).group_by(inner.c.state)
    )
    return _grouped(rows.tuples())


def _grouped(rows: Iterable[tuple[str, int, int]]) -> tuple[dict[str, int], int]:
    by_state: dict[str, int] = {}
    held = 0
    for state, count, aside in rows:
        by_state[state] = by_state.get(state, 0) + count
        held += aside
    return {name: sum(by_state.get(state, 0) for state in states) for name, states in GROUPS.items()}, held


@dataclass(frozen=True)
class _Hit:
    """A machine in which the words were found."""

    id: int
    state: str
    held_for: str


def _hits(session: Session, said: Select[Machine]) -> list[_Hit]:
    """Everything the words are found in: one look at each machine serves the page and the counts alike."""
    query = said.with_only_columns(Machine.id, Machine.state, Machine.held_for)
    return [_Hit(*row) for row in session.execute(query).tuples()]


def _belongs(hit: _Hit, group: str, held: bool) -> bool:
    return (group not in GROUPS or hit.state in GROUPS[group]) and (not held or hit.held_for != "")


def _nearest(keys: list[int], before: int | None, after: int | None) -> list[int]:
    """Of these keys, those `_rows` shows, and the one that tells whether there are more."""
    if after is not None:
        return sorted(key for key in keys if key > after)[: PAGE + 1]
    return sorted((key for key in keys if before is None or key < before), reverse=True)[: PAGE + 1]


def _said(words: str, serials: bool, shelved: Select[Machine]) -> list[ColumnElement[bool]]:
    """Each word is found in the tag, or in maker, model and serial; whole, in any case, in any order.

    On a shelf only among the machines of `shelved`: a donor does not learn where theirs stands.
    """
    conditions = []
    for word in words.casefold().split()[:6]:
        places = [
            Machine.found_by.contains(word, autoescape=True),
            Machine.tag.contains(word.upper(), autoescape=True),
            Machine.shelf.icontains(word, autoescape=True) & Machine.id.in_(shelved.with_only_columns(Machine.id)),
        ]
        if serials and len(word) >= 4:
            of_drive = Drive.serial.icontains(word, autoescape=True)
            places.append(Machine.id.in_(select(Sighting.machine_id).join(Sighting.drive).where(of_drive)))
        conditions.append(or_(*places))
    return conditions
