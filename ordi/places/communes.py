"""Communes, their postcodes and their priority districts. Public facts: nothing here says where anybody lives.

A commune is its INSEE code. Arrondissements of Paris, Lyon and Marseille have their own; districts of those three
are listed under the commune or under the arrondissement, and are found under both.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.text import folded

INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}")
"""A commune's code: `25056`, `2A004`, `97411`."""
POSTCODE = re.compile(r"[0-9]{5}")
PREFIX = re.compile(r"[0-9]{2}")
"""How postcodes are asked for: their first two digits. All overseas is 97 or 98, all Corsica 20."""
_IN = re.compile(r"(.*?)\s*\(([0-9][0-9AB][0-9]?)\)", re.IGNORECASE)
"""A name with its département: `Saint-Denis (974)`."""
_WHOLE = {"75056": ("75101", "75120"), "69123": ("69381", "69389"), "13055": ("13201", "13216")}
"""Commune → its first and last arrondissement."""


class Commune(Base):
    """A commune or a municipal arrondissement. One that a newer file leaves out is offered no more; its name stays readable."""

    __tablename__ = "communes"

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    department: Mapped[str] = mapped_column(String(3), index=True)
    listed: Mapped[bool] = mapped_column(default=True)


class CommunePostcode(Base):
    """One postcode of one commune: several communes share one, one commune has several."""

    __tablename__ = "commune_postcodes"

    postcode: Mapped[str] = mapped_column(String(5), primary_key=True)
    commune_code: Mapped[str] = mapped_column(ForeignKey("communes.code"), primary_key=True, index=True)


class District(Base):
    """A priority district (quartier prioritaire de la politique de la ville)."""

    __tablename__ = "districts"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(160))
    listed: Mapped[bool] = mapped_column(default=True)


class DistrictCommune(Base):
    """A commune that a district lies in. The list of communes may not be there yet: the code stands alone."""

    __tablename__ = "district_communes"

    district_code: Mapped[str] = mapped_column(ForeignKey("districts.code"), primary_key=True)
    commune_code: Mapped[str] = mapped_column(String(5), primary_key=True, index=True)


def department_of(code: str) -> str:
    """The département of an INSEE code: `25`, `2A`, `974`."""
    return code[:3] if code[:2] in ("97", "98") else code[:2]


def whole(code: str) -> str:
    """The commune of an arrondissement of Paris, Lyon or Marseille; any other code as it is."""
    return next((commune for commune, (first, last) in _WHOLE.items() if first <= code <= last), code)


def same_name(text: str) -> str:
    """A commune's name as it is compared: `ST ETIENNE` is Saint-Étienne, `PARIS 12` Paris 12e Arrondissement."""
    words = " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in folded(text).split())
    words = words.removesuffix(" arrondissement")
    words = re.sub(r" cedex( [0-9]+)?$", "", words)
    return re.sub(r" 0*([0-9]+)(er|e|eme)?$", r" \1", words)


def communes_of(session: Session, postcode: str) -> list[Commune]:
    """The communes of a postcode, by name."""
    shared = select(CommunePostcode.commune_code).where(CommunePostcode.postcode == postcode)
    query = select(Commune).where(Commune.code.in_(shared), Commune.listed).order_by(Commune.name, Commune.code)
    return _narrowest(list(session.scalars(query)))


def commune_at(session: Session, postcode: str, name: str) -> Commune | None:
    """The commune that somebody meant: the one of this name at this postcode, or the only one there when they wrote none."""
    found = communes_of(session, postcode) if POSTCODE.fullmatch(postcode) else []
    if not name.strip():
        return found[0] if len(found) == 1 else None
    said = same_name(name)
    named = [one for one in found if same_name(one.name) == said]
    if not named and len(found) == 1 and same_name(found[0].name).rpartition(" ")[0] == said:
        return found[0]  # « Paris » at 75012
    return named[0] if len(named) == 1 else None


def named(session: Session, table: type[Commune] | type[District], code: str) -> str:
    """What a commune or a district is called, offered still or not; its code when no list names it."""
    return (session.scalar(select(table.name).where(table.code == code)) if code else None) or code


def communes_called(session: Session, name: str) -> list[Commune]:
    """The communes of this name, accents, hyphens and `St` forgiven; `Saint-Denis (974)` is the one of that département."""
    within = _IN.fullmatch(name.strip())
    bare, department = within.groups() if within else (name, "")
    said = same_name(bare)
    rows = session.execute(select(Commune.code, Commune.name).where(Commune.listed, *_there(department)))
    codes = [code for code, one in rows if same_name(one) == said]
    return list(session.scalars(select(Commune).where(Commune.code.in_(codes)).order_by(Commune.code)))


def _there(department: str) -> list[ColumnElement[bool]]:
    return [Commune.department == department.upper()] if department else []


def names_of(session: Session, codes: Collection[str]) -> dict[str, str]:
    """What these communes are called, by code, in two queries: `Saint-Denis (974)` where others bear the name; unknown ones left out."""
    mine = dict(session.execute(select(Commune.code, Commune.name).where(Commune.code.in_(codes))).tuples().all())
    rows = session.execute(select(Commune.name).where(Commune.name.in_(mine.values()), Commune.listed))
    bearers = Counter(name for (name,) in rows)
    return {code: f"{name} ({department_of(code)})" if bearers[name] > 1 else name for code, name in mine.items()}


def known_postcode(session: Session, postcode: str) -> bool:
    """Whether a postcode is one of the list, or there is no list to say otherwise."""
    there = select(CommunePostcode.postcode)
    return bool(
        session.scalar(there.where(CommunePostcode.postcode == postcode).limit(1))
        or session.scalar(there.limit(1)) is None
    )


def districts_known(session: Session) -> bool:
    """Whether a list of priority districts was brought in."""
    return session.scalar(select(District.code).where(District.listed).limit(1)) is not None


def districts_of(session: Session, code: str) -> list[District]:
    """The priority districts of a commune or of an arrondissement, by name."""
    return districts_by_commune(session, [code])[code] if code else []


def districts_by_commune(session: Session, codes: Iterable[str]) -> dict[str, list[District]]:
    """The districts of each of these communes, in one query; none: an empty list."""
    asked = set(codes)
    among = {one for code in asked for one in (code, whole(code))}
    ranges = [DistrictCommune.commune_code.between(*_WHOLE[code]) for code in asked if code in _WHOLE]
    rows = session.execute(
        select(DistrictCommune.commune_code, District)
        .join(District, District.code == DistrictCommune.district_code)
        .where(District.listed, or_(DistrictCommune.commune_code.in_(among), *ranges))
    )
    there: dict[str, list[District]] = defaultdict(list)
    for code, district in rows:
        there[code].append(district)
        if whole(code) in asked - {code}:
            there[f"in {whole(code)}"].append(district)
    return {code: _each_once([*there[code], *there[f"in {code}"], *there[whole(code)]]) for code in asked}


def near(session: Session, prefix: str) -> dict[str, list[Commune]]:
    """Every postcode that begins with these two digits, and its communes: what a page keeps to work without a network."""
    rows = session.execute(
        select(CommunePostcode.postcode, Commune)
        .join(Commune, Commune.code == CommunePostcode.commune_code)
        .where(CommunePostcode.postcode.startswith(prefix, autoescape=True), Commune.listed)
        .order_by(CommunePostcode.postcode, Commune.name, Commune.code)
    )
    told: dict[str, list[Commune]] = defaultdict(list)
    for postcode, commune in rows:
        told[postcode].append(commune)
    return {postcode: _narrowest(found) for postcode, found in told.items()}


def _narrowest(found: list[Commune]) -> list[Commune]:
    """Without the whole of Paris, Lyon or Marseille where its arrondissement is there."""
    wholes = {whole(one.code) for one in found if whole(one.code) != one.code}
    return [one for one in found if one.code not in wholes]


def _each_once(found: list[District]) -> list[District]:
    return sorted({one.code: one for one in found}.values(), key=lambda one: (one.name, one.code))
