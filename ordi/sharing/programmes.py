"""Programmes: who may ask, on which conditions, for what kind of contract. Rows, never code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.canonical import canonical
from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.legal_rules import LegalRule, rule
from ordi.machines.machine import Form, Machine
from ordi.parties.organisations import Nature, Organisation, pole_of


class Contract(StrEnum):
    """What binds the holder: it decides the paper, the end date and the warranty."""

    GIFT = "gift"
    LOAN = "loan"
    SALE = "sale"


class HolderKind(StrEnum):
    """Who holds the machine afterwards."""

    HOUSEHOLD = "household"
    ASSOCIATION = "association"


class PriceAboveCap(Refused):
    """A machine given by a public donor is sold at the solidarity price at most."""

    code = "price-above-cap"


class ProgrammeClosed(Refused):
    """The programme does not take requests on this day."""

    code = "programme-closed"


class Programme(Base):
    """One set of rules. Criteria and their points are lists of codes in JSON; the face knows their words."""

    __tablename__ = "programmes"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    pole_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    """The pole that runs it; none: every pole."""
    contract: Mapped[str] = mapped_column(String(8))
    price_cents: Mapped[int] = mapped_column(default=0)
    holder: Mapped[str] = mapped_column(String(12))
    criteria: Mapped[str] = mapped_column(default="[]")
    """Codes that must each be attested before a request waits."""
    points: Mapped[str] = mapped_column(default="{}")
    """What each attested fact weighs when the list is ordered: code → points. A person decides."""
    open_from: Mapped[date] = mapped_column(Date)
    open_until: Mapped[date | None] = mapped_column(Date)
    """The last day on which a request is taken."""
    loan_months: Mapped[int | None]
    loan_ends: Mapped[date | None] = mapped_column(Date)
    """A day that ends every loan of it (entry into 6e), when it is not a number of months."""
    profile: Mapped[str] = mapped_column(String(40), default="")
    """The software profile its machines carry."""
    created_at: Mapped[datetime]

    pole: Mapped[Organisation | None] = relationship()

    @property
    def required(self) -> list[str]:
        """The criteria to attest."""
        codes: list[str] = json.loads(self.criteria)
        return codes

    @property
    def weights(self) -> dict[str, int]:
        """The points of each fact."""
        weights: dict[str, int] = json.loads(self.points)
        return weights

    def open_on(self, day: date) -> bool:
        """Whether it takes requests on this day."""
        return self.open_from <= day and (self.open_until is None or day <= self.open_until)


@dataclass(frozen=True)
class Rules:
    """What an administrator or a coordinator writes of a programme."""

    code: str
    name: str
    contract: Contract
    open_from: date
    holder: HolderKind = HolderKind.HOUSEHOLD
    price_cents: int = 0
    criteria: tuple[str, ...] = ()
    points: dict[str, int] = field(default_factory=dict)
    open_until: date | None = None
    loan_months: int | None = None
    loan_ends: date | None = None
    profile: str = ""


def write(session: Session, pole: Organisation | None, rules: Rules, *, at: datetime) -> Programme:
    """Add a programme to a pole, or to all. Raises `Invalid` for a priced gift, a free sale or a loan without an end."""
    if (rules.contract == Contract.SALE) != (rules.price_cents > 0):
        raise Invalid(field="price_cents", why="does-not-fit-contract", contract=rules.contract)
    if (rules.contract == Contract.LOAN) != bool(rules.loan_months or rules.loan_ends):
        raise Invalid(field="loan_months", why="does-not-fit-contract", contract=rules.contract)
    programme = Programme(
        code=rules.code,
        name=rules.name,
        pole=pole,
        contract=rules.contract,
        price_cents=rules.price_cents,
        holder=rules.holder,
        criteria=canonical(list(rules.criteria)),
        points=canonical(rules.points),
        open_from=rules.open_from,
        open_until=rules.open_until,
        loan_months=rules.loan_months,
        loan_ends=rules.loan_ends,
        profile=rules.profile,
        created_at=at,
    )
    session.add(programme)
    session.flush()
    return programme


def open_programmes(
    session: Session, partner: Organisation, on: date, holder: HolderKind | None = None
) -> list[Programme]:
    """The programmes a partner organisation can file under on a day, by name."""
    found = select(Programme).where(or_(Programme.pole_id.is_(None), Programme.pole_id == pole_of(partner).id))
    if holder is not None:
        found = found.where(Programme.holder == holder)
    return [one for one in session.scalars(found.order_by(Programme.name)) if one.open_on(on)]


def check_price(
    session: Session,
    programme: Programme,
    machine: Machine,
    on: date,
    rules: Mapping[str, LegalRule] | None = None,
) -> None:
    """Raise `PriceAboveCap` when a public donor's machine would be sold above the solidarity price of that day.

    `rules` are those in force, for whoever checks many. Raises `NoLegalRule`.
    """
    donor = machine.donor
    if programme.contract != Contract.SALE or donor is None or donor.nature != Nature.PUBLIC:
        return
    kind = "desktop" if machine.form in (Form.DESKTOP, Form.ALL_IN_ONE) else "laptop"
    code = f"solidarity-price.{kind}"
    cap = rules[code] if rules and code in rules else rule(session, code, on)
    if programme.price_cents > cap.value:
        raise PriceAboveCap(tag=machine.tag, price_cents=programme.price_cents, cap_cents=cap.value)


SHIPPED = (
    Rules(
        code="ecole",
        name="École, prêt jusqu’en 6e",
        contract=Contract.LOAN,
        open_from=date(2026, 1, 1),
        loan_ends=date(2029, 7, 5),
        criteria=("lives-here", "pupil", "no-computer"),
        points={"several-pupils": 30, "no-computer": 20, "low-income": 10},
        profile="ecole",
    ),
    Rules(
        code="emploi",
        name="Emploi, don",
        contract=Contract.GIFT,
        open_from=date(2026, 1, 1),
        criteria=("lives-here", "job-seeker"),
        points={"no-computer": 20, "low-income": 20},
        profile="bureau",
    ),
    Rules(
        code="solidaire",
        name="Vente solidaire",
        contract=Contract.SALE,
        price_cents=60_00,
        open_from=date(2026, 1, 1),
        criteria=("low-income",),
        points={"no-computer": 20},
        profile="bureau",
    ),
    Rules(
        code="associations",
        name="Associations, prêt de trois ans",
        contract=Contract.LOAN,
        holder=HolderKind.ASSOCIATION,
        open_from=date(2026, 1, 1),
        loan_months=36,
        criteria=("local-project",),
        points={"first-request": 10},
        profile="bureau",
    ),
)
"""A handful to begin with; poles write their own."""


def ship(session: Session, pole: Organisation | None = None, *, at: datetime) -> list[Programme]:
    """Add the programmes that come with Ordi where they are missing."""
    known = set(session.scalars(select(Programme.code)))
    return [write(session, pole, rules, at=at) for rules in SHIPPED if rules.code not in known]
