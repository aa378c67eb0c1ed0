"""A family that a colleague already follows, in another service of the same organisation or on another list of the same one.

Who files learns which service to call and nothing else: no code, no request, no name. Name *and* telephone must be the same, because a
name alone would let one service ask which families another one follows; what is found is written in the file found, and
looks are counted. Services are of one organisation when their SIRETs begin with the same SIREN, within one pole.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, and_, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.parties.access import require
from ordi.parties.households import Household, family_keys, note_alike
from ordi.parties.organisations import Kind, Organisation, pole_of
from ordi.parties.people import Person
from ordi.sealing import Sealer

PER_DAY = 40
"""Looks of one person in a day and a night: more than anybody files, far fewer than a list of names to try."""
_DAY = timedelta(days=1)


class LookedAlike(Base):
    """Somebody looked once. Kept for a day, to count."""

    __tablename__ = "looks_alike"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    at: Mapped[datetime]


@dataclass(frozen=True)
class Alike:
    """The services to call, by name; or that this person looked too often today."""

    services: tuple[Organisation, ...] = ()
    too_often: bool = False


def look_alikes(
    session: Session,
    partner: Organisation,
    name: str,
    phone: str,
    *,
    known: Collection[int],
    sealer: Sealer,
    by: Person,
    at: datetime,
) -> Alike:
    """Where a file that looks like this family is followed, but for the files (`known`, by id) that `by` was shown already.

    Raises `NotAllowed`.
    """
    require(by, "requests.write", partner, at=at)
    services = {one.id: one for one in services_of(session, partner)}
    keys = {number: family_keys(one, name, phone, sealer=sealer) for number, one in services.items() if name.strip()}
    same = [
        and_(Household.partner_id == number, Household.name_index == first, Household.phone_index == second)
        for number, pairs in keys.items()
        for first, second in pairs
    ]
    if not same:
        return Alike()
    session.refresh(by, with_for_update=True)  # two looks at once count as two
    session.execute(delete(LookedAlike).where(LookedAlike.person_id == by.id, LookedAlike.at <= at - _DAY))
    looked = session.scalar(select(func.count()).where(LookedAlike.person_id == by.id)) or 0
    if looked >= PER_DAY:
        return Alike(too_often=True)
    session.add(LookedAlike(person_id=by.id, at=at))
    open_ones = select(Household).where(Household.erased_at.is_(None), or_(*same)).order_by(Household.id)
    found = [one for one in session.scalars(open_ones) if one.id not in known]
    for one in found:
        note_alike(session, one, by=by, at=at)
    told = {one.partner_id for one in found}
    return Alike(tuple(sorted((services[number] for number in told), key=lambda one: (one.name, one.id))))


def services_of(session: Session, partner: Organisation) -> list[Organisation]:
    """The services of a partner's organisation in its pole, itself among them."""
    siren = (partner.siret or "")[:9]
    if len(siren) < 9:
        return [partner]
    same = (Organisation.kind == Kind.PARTNER, Organisation.siret.startswith(siren, autoescape=True))
    here = Organisation.path.startswith(pole_of(partner).path, autoescape=True)
    return list(session.scalars(select(Organisation).where(*same, here).order_by(Organisation.id)))
