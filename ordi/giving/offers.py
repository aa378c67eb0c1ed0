"""A donor offers computers; a coordinator accepts, and a lot of promised machines is born, or declines with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from random import Random

from sqlalchemy import ForeignKey, Select, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused
from ordi.giving.codes import next_code
from ordi.machines.journal import bear
from ordi.machines.labels import unused_tag
from ordi.machines.lifecycle import Action
from ordi.machines.lots import Lot
from ordi.machines.machine import Form, Machine
from ordi.machines.policy import LEVELS as ALL_LEVELS
from ordi.machines.policy import Demand, policy_of, write_policy
from ordi.parties.access import ACCESS, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person, Role

MOST = 500
LEVELS = ("clear", "purge")
"""From the least to the most that an offer can ask of a wipe; what asks for more says that a drive below it is destroyed."""


class Answer(StrEnum):
    """What became of an offer."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Declined(StrEnum):
    """Why an offer is declined: kept as evidence of the sorting of re-use from waste."""

    TOO_OLD = "too_old"
    TOO_FAR = "too_far"
    NO_ROOM = "no_room"
    NOT_COMPUTERS = "not_computers"
    OTHER_TAKER = "other_taker"


class AlreadyAnswered(Refused):
    """This offer has had its answer."""

    code = "already-answered"


class NotADriver(Refused):
    """This person does not drive for that workshop."""

    code = "not-a-driver"


class NotOurWorkshop(Refused):
    """The workshop stands in another pole than the donor."""

    code = "not-our-workshop"


class Offer(Base):
    """What a donor would give, before anybody has seen it. Names nobody: the donor's own people are reached by its phone."""

    __tablename__ = "offers"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    """`P-2026-014`."""
    donor_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    """How to get in: "quai de livraison, sonner à l'accueil". No name, no number of a person."""
    minimum_level: Mapped[str] = mapped_column(String(8), default="clear")
    answer: Mapped[str] = mapped_column(String(12), default=Answer.WAITING, index=True)
    reason: Mapped[str] = mapped_column(String(16), default="")
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"), unique=True)
    collect_on: Mapped[date | None]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    donor: Mapped[Organisation] = relationship()
    lot: Mapped[Lot | None] = relationship()
    lines: Mapped[list[OfferLine]] = relationship(lazy="selectin", order_by="OfferLine.id")

    @property
    def count(self) -> int:
        """How many computers in all."""
        return sum(line.count for line in self.lines)


class OfferLine(Base):
    """So many computers of one form."""

    __tablename__ = "offer_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"), index=True)
    form: Mapped[str] = mapped_column(String(16))
    count: Mapped[int]


def offer(
    session: Session,
    donor: Organisation,
    counts: Mapping[Form, int],
    *,
    note: str = "",
    minimum_level: str | None = None,
    by: Person,
    at: datetime,
) -> Offer:
    """Offer computers in a donor's name. Raises `NotAllowed`, `Invalid`.

    A stricter level than the donor's own becomes the donor's policy: what it asks for its drives never falls by an offer.
    """
    require(by, "giving.offer", donor, at=at)
    wanted = {form: count for form, count in counts.items() if count}
    if any(count < 0 for count in wanted.values()) or not 1 <= sum(wanted.values()) <= MOST:
        raise Invalid(field="count", why="out-of-range", least=1, most=MOST)
    stands = policy_of(session, donor)
    own = stands.demand if stands else Demand()
    level = minimum_level or max(LEVELS[0], own.minimum_level, key=ALL_LEVELS.index)
    if level not in LEVELS:
        raise Invalid(field="minimum_level", why="unknown")
    if level != LEVELS[0]:
        write_policy(session, donor, own.and_also(Demand(level, destroy=True)), by=by, at=at)
    made = Offer(
        code=next_code(session, Offer.code, "P", at),
        donor=donor,
        note=note.strip()[:200],
        minimum_level=level,
        made_by_id=by.id,
        created_at=at,
        lines=[OfferLine(form=form, count=count) for form, count in wanted.items()],
    )
    session.add(made)
    session.flush()
    return made


def accept(
    session: Session,
    offered: Offer,
    workshop: Organisation,
    driver: Person | None,
    on: date | None,
    *,
    by: Person,
    at: datetime,
    random: Random | None = None,
    demonstration: bool = False,
) -> Lot:
    """Accept an offer: a lot is opened and its machines are born promised, each with a tag to print.

    Raises `NotAllowed`, `AlreadyAnswered`, `NotOurWorkshop`, `NotADriver`.
    """
    require(by, "giving.decide", offered.donor, at=at)
    _waiting(session, offered)
    if offered.donor.parent_id != workshop.parent_id:
        raise NotOurWorkshop(workshop=workshop.name)
    if driver is not None and not drives_for(driver, workshop, at=at):
        raise NotADriver(workshop=workshop.name)
    lot = Lot(
        code=next_code(session, Lot.code, "L", at),
        donor=offered.donor,
        workshop=workshop,
        driver_id=driver.id if driver else None,
        promised_count=offered.count,
        created_at=at,
    )
    session.add(lot)
    session.flush()
    if offered.minimum_level != LEVELS[0]:
        write_policy(session, lot, Demand(offered.minimum_level, destroy=True), by=by, at=at)
    for line in offered.lines:
        for _ in range(line.count):
            machine = Machine(
                tag=unused_tag(session, random),
                form=line.form,
                workshop=workshop,
                donor=offered.donor,
                lot=lot,
                demonstration=demonstration,
            )
            bear(session, machine, Action.PROMISE, by=by, at=at, lot=lot.code)
    _answered(offered, Answer.ACCEPTED, by, at)
    offered.lot, offered.collect_on = lot, on
    session.flush()
    return lot


def decline(session: Session, offered: Offer, reason: Declined, *, by: Person, at: datetime) -> None:
    """Decline an offer, with a reason the donor reads. Raises `NotAllowed`, `AlreadyAnswered`."""
    require(by, "giving.decide", offered.donor, at=at)
    _waiting(session, offered)
    _answered(offered, Answer.DECLINED, by, at)
    offered.reason = reason
    session.flush()


def withdraw(session: Session, offered: Offer, *, by: Person, at: datetime) -> None:
    """The donor takes an unanswered offer back. Raises `NotAllowed`, `AlreadyAnswered`."""
    require(by, "giving.offer", offered.donor, at=at)
    _waiting(session, offered)
    _answered(offered, Answer.WITHDRAWN, by, at)
    session.flush()


def drives_for(person: Person, workshop: Organisation, *, at: datetime) -> bool:
    """Whether this person drives for this workshop, or for the pole above it."""
    return any(held.role == Role.DRIVER and held.organisation.holds(workshop) for held in person.current(at))


def offers_seen_by(reader: Person, *, at: datetime) -> Select[Offer]:
    """The offers a reader may see: a donor's own, or those of donors within the reader's pole. Drivers read lots instead."""
    beneath = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in reader.current(at)
        if held.role in ACCESS["giving.see"] and held.role not in (Role.DRIVER, Role.LEAD)
    ]
    reach = select(Organisation.id).where(or_(*beneath) if beneath else Organisation.id.is_(None))
    return select(Offer).where(Offer.donor_id.in_(reach))


def offer_seen(session: Session, reader: Person, code: str, *, at: datetime) -> Offer:
    """The offer under this code, if this reader may see it. Raises `NotFound` alike for none and not yours."""
    found = session.scalar(offers_seen_by(reader, at=at).where(Offer.code == code))
    if found is None:
        raise NotFound(offer=code[:12])
    return found


def _waiting(session: Session, offered: Offer) -> None:
    session.refresh(offered, with_for_update=True)
    if offered.answer != Answer.WAITING:
        raise AlreadyAnswered(offer=offered.code, answer=offered.answer)


def _answered(offered: Offer, answer: Answer, by: Person, at: datetime) -> None:
    offered.answer, offered.answered_by_id, offered.answered_at = answer, by.id, at
