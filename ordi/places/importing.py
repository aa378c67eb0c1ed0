"""A list of places brought in: what it would change is seen first, and nothing a request may hold is ever lost.

A file says everything of the départements it names and nothing of the others: what it leaves out there is offered no more.
A file with lines that could not be read takes nothing away.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from ordi.errors import NotAllowed
from ordi.parties.access import may
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Person
from ordi.places.communes import (
    Commune,
    CommunePostcode,
    District,
    DistrictCommune,
    commune_at,
    department_of,
    same_name,
)
from ordi.places.files import Entry, ListKind, PlaceList

AT_ONCE = 400
"""Codes in one statement: SQLite binds a limited number of values."""


@dataclass(frozen=True)
class Change:
    """An entry of a file, and what is known of it already."""

    told: Entry
    was: Entry


@dataclass(frozen=True)
class Plan:
    """What a list would do."""

    told: PlaceList
    new: tuple[Entry, ...]
    changed: tuple[Change, ...]
    gone: tuple[Entry, ...]
    same: int

    @property
    def writes(self) -> int:
        """How many entries would change."""
        return len(self.new) + len(self.changed) + len(self.gone)

    @property
    def outline(self) -> str:
        """Everything a preview shows, as one text: two plans with the same one do the same to the same."""
        return repr((self.told.kind, self.new, self.changed, self.gone))


def plan(session: Session, told: PlaceList) -> Plan:
    """What a list would do, without doing it: two queries however long it is."""
    known, listed = _known(session, told.kind)
    new, changed, same = [], [], 0
    for code, entry in told.entries.items():
        was = known.get(code)
        if was is None:
            new.append(entry)
            continue
        kept = Entry(code, _better(entry.name, was.name), entry.others)
        if kept == was and code in listed:
            same += 1
        else:
            changed.append(Change(kept, was))
    gone = []
    if not told.wrong:
        there = {place for one in told.entries.values() for place in _departments(told.kind, one)}
        gone = [
            known[code] for code in sorted(listed - set(told.entries)) if _departments(told.kind, known[code]) <= there
        ]
    return Plan(told, tuple(new), tuple(changed), tuple(gone), same)


def take(session: Session, told: PlaceList, *, by: Person | None, at: datetime) -> Plan:
    """Write a list; `by` is nobody at a terminal. Raises `NotAllowed`."""
    if by is not None and not may(by, "places.write", None, at=at):
        raise NotAllowed(permission="places.write")
    # one file after the other: two that bring the same place would both find it new
    session.scalars(select(Organisation.id).where(Organisation.kind == Kind.NETWORK).with_for_update()).all()
    done = plan(session, told)
    write = _write_communes if told.kind == ListKind.COMMUNES else _write_districts
    write(session, done)
    session.expire_all()
    if told.kind == ListKind.COMMUNES:
        place_organisations(session)
    session.flush()
    return done


def place_organisations(session: Session) -> int:
    """Give its INSEE code to every organisation whose postcode and commune say it without a doubt; how many."""
    without = select(Organisation).where(Organisation.commune_code == "", Organisation.postcode != "")
    count = 0
    for one in session.scalars(without.order_by(Organisation.id)).all():
        commune = commune_at(session, one.postcode, one.commune)
        if commune is not None:
            one.commune_code = commune.code
            count += 1
    session.flush()
    return count


def _known(session: Session, kind: ListKind) -> tuple[dict[str, Entry], set[str]]:
    """Every entry there is, and the codes of those that are offered."""
    if kind == ListKind.COMMUNES:
        rows = session.execute(select(Commune.code, Commune.name, Commune.listed)).all()
        pairs = session.execute(select(CommunePostcode.commune_code, CommunePostcode.postcode)).all()
    else:
        rows = session.execute(select(District.code, District.name, District.listed)).all()
        pairs = session.execute(select(DistrictCommune.district_code, DistrictCommune.commune_code)).all()
    others: dict[str, list[str]] = defaultdict(list)
    for code, other in pairs:
        others[code].append(other)
    known = {code: Entry(code, name, tuple(sorted(others[code]))) for code, name, _listed in rows}
    return known, {code for code, _name, listed in rows if listed}


def _departments(kind: ListKind, one: Entry) -> set[str]:
    codes = [one.code] if kind == ListKind.COMMUNES else one.others
    return {department_of(code) for code in codes}


def _better(told: str, was: str) -> str:
    """La Poste writes in capitals without accents: the same name spelled better is kept."""
    return was if same_name(told) == same_name(was) and told.isupper() else told


def _write_communes(session: Session, done: Plan) -> None:
    if done.new:
        rows = [
            {"code": one.code, "name": one.name, "department": department_of(one.code), "listed": True}
            for one in done.new
        ]
        session.execute(insert(Commune), rows)
    _rename(session, Commune, done)
    pairs = _pairs(done)
    for part in _parts([change.told.code for change in done.changed]):
        session.execute(delete(CommunePostcode).where(CommunePostcode.commune_code.in_(part)))
    if pairs:
        session.execute(insert(CommunePostcode), [{"commune_code": code, "postcode": other} for code, other in pairs])


def _write_districts(session: Session, done: Plan) -> None:
    if done.new:
        session.execute(insert(District), [{"code": one.code, "name": one.name, "listed": True} for one in done.new])
    _rename(session, District, done)
    pairs = _pairs(done)
    for part in _parts([change.told.code for change in done.changed]):
        session.execute(delete(DistrictCommune).where(DistrictCommune.district_code.in_(part)))
    if pairs:
        session.execute(
            insert(DistrictCommune), [{"district_code": code, "commune_code": other} for code, other in pairs]
        )


def _rename(session: Session, table: type[Commune] | type[District], done: Plan) -> None:
    if done.changed:
        named = [{"code": one.told.code, "name": one.told.name, "listed": True} for one in done.changed]
        session.execute(update(table), named)
    for part in _parts([one.code for one in done.gone]):
        session.execute(update(table).where(table.code.in_(part)).values(listed=False))


def _pairs(done: Plan) -> list[tuple[str, str]]:
    entries = (*done.new, *(change.told for change in done.changed))
    return [(one.code, other) for one in entries for other in one.others]


def _parts(codes: list[str]) -> list[list[str]]:
    return [codes[n : n + AT_ONCE] for n in range(0, len(codes), AT_ONCE)]
