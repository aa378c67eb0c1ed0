"""Organisations form one tree: the network, its poles, and beneath each pole its workshops, donors and partners."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Refused


class Kind(StrEnum):
    """What an organisation is to the network."""

    NETWORK = "network"
    POLE = "pole"
    WORKSHOP = "workshop"
    DONOR = "donor"
    PARTNER = "partner"
    FUNDER = "funder"


class Nature(StrEnum):
    """What an organisation is in law: it decides papers, prices and who may receive (DOMAIN.md, Law)."""

    PUBLIC = "public"
    COMPANY = "company"
    INDIVIDUAL = "individual"
    ASSOCIATION = "association"


PARENT = {
    Kind.POLE: Kind.NETWORK,
    Kind.WORKSHOP: Kind.POLE,
    Kind.DONOR: Kind.POLE,
    Kind.PARTNER: Kind.POLE,
    Kind.FUNDER: Kind.NETWORK,
}
"""Where each kind hangs in the tree."""


class WrongParent(Refused):
    """An organisation hangs under the kind that `PARENT` names."""

    code = "wrong-parent"


class Organisation(Base):
    """A pole, workshop, donor, partner organisation, funder, or the network itself."""

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    nature: Mapped[str] = mapped_column(String(16), default=Nature.ASSOCIATION)
    name: Mapped[str] = mapped_column(String(120))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    path: Mapped[str] = mapped_column(String(80), index=True, default="")
    """`/1/4/9/`: the ids from the network down to this one, so that "within" is a prefix."""
    siret: Mapped[str | None] = mapped_column(String(14))
    commune: Mapped[str] = mapped_column(String(80), default="")
    postcode: Mapped[str] = mapped_column(String(5), default="")
    commune_code: Mapped[str] = mapped_column(String(5), default="", server_default="")
    """The commune's INSEE code; nothing: not known (`ordi/places`)."""
    street: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(24), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    """Where its office is written to: nobody's own address."""
    created_at: Mapped[datetime]

    parent: Mapped[Organisation | None] = relationship(remote_side=[id])

    def holds(self, other: Organisation) -> bool:
        """Whether `other` is this organisation or stands beneath it."""
        return other.path.startswith(self.path)


def found(
    session: Session,
    kind: Kind,
    name: str,
    *,
    parent: Organisation | None = None,
    at: datetime,
    **details: str,
) -> Organisation:
    """Add an organisation to the tree. Raises `WrongParent` when it would hang in the wrong place."""
    wanted = PARENT.get(kind)
    if (parent.kind if parent else None) != wanted:
        raise WrongParent(kind=kind, wanted=wanted)
    organisation = Organisation(kind=kind, name=name, parent=parent, created_at=at, **details)
    session.add(organisation)
    session.flush()
    organisation.path = f"{parent.path if parent else '/'}{organisation.id}/"
    session.flush()
    return organisation


def pole_of(organisation: Organisation) -> Organisation:
    """The pole an organisation belongs to, or itself when it stands above every pole."""
    here = organisation
    while here.kind != Kind.POLE and here.parent is not None:
        here = here.parent
    return here if here.kind == Kind.POLE else organisation
