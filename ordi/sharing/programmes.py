"""Programmes, version after version: a draft is written, looked at, put in force; a request keeps the one it was filed under."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.canonical import canonical
from ordi.database import Base
from ordi.errors import NotFound, Refused, SomeoneJustDidThis
from ordi.parties.access import require
from ordi.parties.organisations import Organisation, pole_of
from ordi.parties.people import Person
from ordi.sharing.facts import unmet
from ordi.sharing.rules import Contract, HolderKind, Rules, problems


class Standing(StrEnum):
    """Where a version is."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    REPLACED = "replaced"


class RulesUnusable(Refused):
    """These rules do not hold together: `fields` says which, each as `field:why`."""

    code = "rules-unusable"


class NoSuchCertificate(Refused):
    """No programme in force under these codes ends with a certificate: the price would never be opened."""

    code = "no-such-certificate"


class ProgrammeClosed(Refused):
    """The programme does not take requests on this day."""

    code = "programme-closed"


def _only(standing: Standing) -> dict[str, Any]:
    condition = text(f"standing = '{standing}'")
    return {"unique": True, "sqlite_where": condition, "postgresql_where": condition}


class Programme(Base):
    """One version of one set of rules. What was put in force is never changed, only replaced."""

    __tablename__ = "programmes"
    __table_args__ = (
        UniqueConstraint("pole_id", "code", "number"),
        Index("uq_programmes_draft", "pole_id", "code", **_only(Standing.DRAFT)),
        Index("uq_programmes_in_force", "pole_id", "code", **_only(Standing.IN_FORCE)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24))
    number: Mapped[int]
    """The version: 1, 2, 3…"""
    standing: Mapped[str] = mapped_column(String(12))
    pole_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    """The pole that runs it; none: every pole that has not written its own under the same code."""
    written: Mapped[str]
    """Its rules, as canonical JSON of `rules.Rules`."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Who wrote it; nobody: it came with Ordi."""
    created_at: Mapped[datetime]
    in_force_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]

    pole: Mapped[Organisation | None] = relationship()

    @property
    def rules(self) -> Rules:
        """What it says."""
        return _read(self.written)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.rules.name

    @property
    def contract(self) -> Contract:
        """Gift, loan, sale, or none."""
        return self.rules.contract

    @property
    def price_cents(self) -> int:
        """The programme's own price."""
        return self.rules.price_cents

    @property
    def profile(self) -> str:
        """The software profile its machines carry."""
        return self.rules.profile

    @property
    def weights(self) -> Mapping[str, int]:
        """The points of each fact."""
        return self.rules.points

    @property
    def required(self) -> list[str]:
        """The facts its conditions speak of, none of them verified yet."""
        return unmet(self.rules.criteria, ())

    def open_on(self, day: date) -> bool:
        """Whether it takes requests on this day."""
        rules = self.rules
        return (
            self.standing == Standing.IN_FORCE
            and rules.open_from <= day
            and (rules.open_until is None or day <= rules.open_until)
        )


@lru_cache(maxsize=512)
def _read(written: str) -> Rules:
    return Rules.model_validate_json(written)


def rules_from(said: Mapping[str, object]) -> Rules:
    """Rules that hold together, from plain data. Raises `RulesUnusable` with every field that does not."""
    try:
        rules = Rules.model_validate(said)
    except ValidationError as trouble:
        fields = [f"{'.'.join(str(one) for one in error['loc'])}:{error['type']}" for error in trouble.errors()]
        raise RulesUnusable(fields=fields) from None
    return checked(rules)


def checked(rules: Rules) -> Rules:
    """The same rules, if they hold together. Raises `RulesUnusable`."""
    if found := [f"{field}:{why}" for field, why in problems(rules)]:
        raise RulesUnusable(fields=found)
    return rules


def written_as(rules: Rules) -> str:
    """Rules as they are kept."""
    return canonical(rules.model_dump(mode="json"))


def write(session: Session, pole: Organisation | None, rules: Rules, *, at: datetime) -> Programme:
    """Add a programme that comes with Ordi, in force at once. Raises `RulesUnusable`."""
    programme = Programme(
        code=rules.code,
        number=1,
        standing=Standing.IN_FORCE,
        pole=pole,
        written=written_as(checked(rules)),
        created_at=at,
        in_force_at=at,
    )
    session.add(programme)
    session.flush()
    return programme


def draft(session: Session, pole: Organisation, rules: Rules, *, by: Person, at: datetime) -> Programme:
    """Write the draft of a programme's next version in a pole, or over the draft that is there.

    A programme of every pole is not changed: the pole gets a version of its own. Raises `NotAllowed`, `RulesUnusable`.
    """
    require(by, "sharing.programmes", pole, at=at)
    written = written_as(checked(rules))
    versions = versions_of(session, rules.code, pole)
    open_one = next((one for one in versions if one.standing == Standing.DRAFT), None)
    if open_one is None:
        number = max((one.number for one in versions), default=0) + 1
        open_one = Programme(code=rules.code, number=number, standing=Standing.DRAFT, pole=pole)
        session.add(open_one)
    open_one.written, open_one.by_id, open_one.created_at = written, by.id, at
    session.flush()
    return open_one


def put_in_force(session: Session, programme: Programme, *, by: Person, at: datetime) -> None:
    """From now on new requests are filed under this version. Raises `NotAllowed`, `SomeoneJustDidThis`, `NoSuchCertificate`."""
    require(by, "sharing.programmes", programme.pole, at=at)
    session.refresh(programme, with_for_update=True)
    if programme.standing != Standing.DRAFT:
        raise SomeoneJustDidThis(programme=programme.code)
    _check_certificates(session, programme)
    for one in versions_of(session, programme.code, programme.pole):
        if one.standing == Standing.IN_FORCE and one.pole_id == programme.pole_id:
            one.standing, one.replaced_at = Standing.REPLACED, at
    session.flush()
    programme.standing, programme.in_force_at = Standing.IN_FORCE, at
    session.flush()


def _check_certificates(session: Session, programme: Programme) -> None:
    rules, giving = programme.rules, set()
    for code in rules.unlocked_by:
        known = [one.rules for one in versions_of(session, code, programme.pole) if one.standing == Standing.IN_FORCE]
        versions = [*known, *([rules] if code == rules.code else [])]
        if any(one.training and one.training.certificate for one in versions):
            giving.add(code)
    if missing := [code for code in rules.unlocked_by if code not in giving]:
        raise NoSuchCertificate(programme=programme.name, codes=", ".join(missing))


def throw_away(session: Session, programme: Programme, *, by: Person, at: datetime) -> None:
    """Forget a draft. Raises `NotAllowed`, `SomeoneJustDidThis` when it is in force by now."""
    require(by, "sharing.programmes", programme.pole, at=at)
    if programme.standing != Standing.DRAFT:
        raise SomeoneJustDidThis(programme=programme.code)
    session.delete(programme)
    session.flush()


def versions_of(session: Session, code: str, pole: Organisation | None) -> list[Programme]:
    """Every version of a programme that a pole knows, oldest first."""
    theirs = or_(Programme.pole_id.is_(None), Programme.pole_id == (pole.id if pole else None))
    return list(session.scalars(select(Programme).where(Programme.code == code, theirs).order_by(Programme.number)))


def programmes_of(session: Session, pole: Organisation) -> list[Programme]:
    """What a pole works with: each version in force and each draft, by name. Its own hides that of every pole."""
    found = session.scalars(
        select(Programme).where(
            or_(Programme.pole_id.is_(None), Programme.pole_id == pole.id),
            Programme.standing.in_((Standing.IN_FORCE, Standing.DRAFT)),
        )
    ).all()
    own = {one.code for one in found if one.pole_id is not None and one.standing == Standing.IN_FORCE}
    kept = [one for one in found if one.pole_id is not None or one.code not in own]
    return sorted(kept, key=lambda one: (one.name.casefold(), one.number))


def seen_programme(session: Session, pole: Organisation, programme_id: int) -> Programme:
    """A version a pole knows, by its number in the database. Raises `NotFound`."""
    found = session.get(Programme, programme_id)
    if found is None or found.pole_id not in (None, pole.id):
        raise NotFound(programme=programme_id)
    return found


def open_programmes(
    session: Session, partner: Organisation, on: date, holder: HolderKind | None = None
) -> list[Programme]:
    """The programmes a partner organisation can file under on a day, by name."""
    mine = programmes_of(session, pole_of(partner))
    return [one for one in mine if one.open_on(on) and (holder is None or holder in one.rules.holders)]
