"""What somebody pays: the programme's price, the partner organisation's own, or the one a certificate unlocks; and its cap."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.errors import Invalid, Refused
from ordi.legal_rules import LegalRule, rule
from ordi.machines.machine import Form, Machine
from ordi.money import euros
from ordi.parties.access import require
from ordi.parties.organisations import Nature, Organisation
from ordi.parties.people import Person
from ordi.sharing.programmes import Programme
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request
from ordi.sharing.rules import Contract, Rules
from ordi.sharing.training import has_certificate

DEAREST = 1_000_00
"""A price above this is a slip of the keyboard."""


class PriceAboveCap(Refused):
    """A machine given by a public donor is sold at the solidarity price at most."""

    code = "price-above-cap"


class PublicDonorMachine(Refused):
    """A machine given by a public donor never goes to this programme."""

    code = "public-donor-machine"


class NoPriceYet(Refused):
    """The partner organisation sets the price, and has not yet."""

    code = "no-price-yet"


class PartnerPrice(Base):
    """The price a partner organisation asks for, under a programme that lets it."""

    __tablename__ = "partner_prices"
    __table_args__ = (UniqueConstraint("partner_id", "programme_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    programme_code: Mapped[str] = mapped_column(String(24))
    cents: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


def set_price(
    session: Session, partner: Organisation, programme: Programme, cents: int, *, by: Person, at: datetime
) -> None:
    """The partner organisation's own price from now on, by who signs for it: what was promised before keeps its price. Raises `NotAllowed`, `Invalid`."""
    require(by, "sharing.price", partner, at=at)
    if not programme.rules.partner_sets_price or not 0 < cents <= DEAREST:
        raise Invalid(field="price", why="out-of-range", least=1, most=DEAREST)
    found = _own(session, partner.id, programme.code)
    if found is None:
        found = PartnerPrice(partner_id=partner.id, programme_code=programme.code)
        session.add(found)
    found.cents, found.by_id, found.at = cents, by.id, at
    session.flush()


def own_price(session: Session, partner: Organisation, programme: Programme) -> int | None:
    """What a partner organisation asks for, once it said so."""
    found = _own(session, partner.id, programme.code)
    return found.cents if found else None


def price_of(session: Session, request: Request) -> int:
    """What this request pays, in cents. Raises `NoPriceYet`."""
    rules = request.programme.rules
    if rules.partner_sets_price:
        found = _own(session, request.partner_id, request.programme.code)
        if found is None:
            raise NoPriceYet(programme=request.programme.code)
        return found.cents
    opening = rules.unlocked_by or (request.programme.code,)
    if rules.unlocked_price_cents is not None and has_certificate(session, request, opening):
        return rules.unlocked_price_cents
    return rules.price_cents


def owed(session: Session, promise: Allocation) -> int:
    """What a promise pays at its hand-over, in cents: never more than was promised, less when the price fell since."""
    price = price_of(session, promise.request)
    return price if promise.price_cents is None else min(promise.price_cents, price)


def check_price(
    session: Session,
    programme: Rules,
    price_cents: int,
    machine: Machine,
    on: date,
    law: Mapping[str, LegalRule] | None = None,
) -> None:
    """Whether a machine may go for this price: what a public donor gave is capped, or kept out.

    `law` are the thresholds in force, for whoever checks many. Raises `PriceAboveCap`, `PublicDonorMachine`, `NoLegalRule`.
    """
    donor = machine.donor
    if donor is None or donor.nature != Nature.PUBLIC:
        return
    if not programme.public_donors:
        raise PublicDonorMachine(tag=machine.tag)
    if programme.contract != Contract.SALE:
        return
    kind = "desktop" if machine.form in (Form.DESKTOP, Form.ALL_IN_ONE) else "laptop"
    code = f"solidarity-price.{kind}"
    cap = law[code] if law and code in law else rule(session, code, on)
    if price_cents > cap.value:
        raise PriceAboveCap(tag=machine.tag, price=euros(price_cents), cap=euros(cap.value))


def _own(session: Session, partner_id: int, programme_code: str) -> PartnerPrice | None:
    return session.scalar(
        select(PartnerPrice).where(PartnerPrice.partner_id == partner_id, PartnerPrice.programme_code == programme_code)
    )
