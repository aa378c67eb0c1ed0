"""What each world has that others must not read, and which roles may: read in every answer to everyone.

Within a world a role reads what its line allows; of another world nothing at all, but for `pole`: those roles read it
in their whole pole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.giving.collections import Collection
from ordi.giving.offers import Offer
from ordi.machines.drive import Drive, Sighting
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from ordi.parties.access import BENCH, CASEWORK, OVERSIGHT
from ordi.parties.households import Household
from ordi.parties.people import Role
from ordi.sharing.requests import Request
from tests.access.players import NEXT_DOOR, OURS, Player
from tests.access.stage import Answer, Stage
from tests.access.world import HOUSEHOLD, canary

COORDINATION = frozenset({Role.COORDINATOR})
SERVICE = COORDINATION | {Role.SOCIAL_WORKER}
"""Who follows a family. An office with a list of its own reads that list, which bears none of these words."""
PARTNERS = CASEWORK | {Role.PARTNER_LEAD, Role.ANIMATOR, Role.MEDIATOR, Role.SIGNATORY}
HOUSE = BENCH | OVERSIGHT | COORDINATION
"""Who sees a machine's whole life."""


@dataclass(frozen=True)
class Kind:
    """One kind of thing to know: who may read it at home, who in the whole pole."""

    home: frozenset[Role]
    pole: frozenset[Role] = frozenset()

    def open_to(self, player: Player, world: str) -> bool:
        """Whether this player may read that world's."""
        if player.reads(self.home | self.pole, world):
            return True
        both = (OURS, NEXT_DOOR)
        return world in both and any(player.reads(self.pole, other) for other in both)


KINDS: dict[str, Kind] = {
    "a household": Kind(SERVICE),
    "a household's code": Kind(SERVICE | {Role.ANIMATOR}),
    "a note to the workshop": Kind(SERVICE),
    "a request": Kind(
        SERVICE | {Role.ANIMATOR, Role.SIGNATORY, Role.LANDLORD_OFFICER, Role.SCHOOL_OFFICER}, pole=BENCH
    ),
    "a machine": Kind(HOUSE | PARTNERS | {Role.DONOR_CONTACT, Role.DRIVER, Role.VOLUNTEER}),
    "a machine's serial number": Kind(HOUSE | {Role.DONOR_CONTACT, Role.DRIVER}),
    "a drive's serial number": Kind(HOUSE | {Role.DONOR_CONTACT}),
    "a shelf": Kind(HOUSE),
    "a lot": Kind(HOUSE | {Role.DONOR_CONTACT, Role.DRIVER}),
    "an offer's note": Kind(COORDINATION | {Role.DONOR_CONTACT, Role.DRIVER, Role.AUDITOR}),
    "a donor's name": Kind(HOUSE | {Role.DONOR_CONTACT, Role.DRIVER}),
    "a partner's name": Kind(HOUSE | PARTNERS, pole=frozenset({Role.SIGNATORY, Role.PARTNER_LEAD})),  # a joint project
    "somebody's name": Kind(HOUSE | PARTNERS | {Role.DONOR_CONTACT, Role.DRIVER}),
}

REACHED_BY_SECRET = ("a machine",)
"""What a leaflet or a certificate tells whoever holds its code."""


def canaries(session: Session, stage: Stage, world: str) -> dict[str, frozenset[str]]:
    """Every word of a world, by kind."""
    worlds = stage.worlds
    places = worlds.organisations[world]
    machines = session.scalars(select(Machine).where(Machine.donor_id.in_(places))).all()
    drives = select(Drive.serial).join(Sighting).where(Sighting.machine_id.in_([one.id for one in machines]))
    lots = session.scalars(select(Lot.code).where(Lot.donor_id.in_(places)))
    offers = session.scalars(select(Offer.code).where(Offer.donor_id.in_(places)))
    slips = session.scalars(select(Collection.code).join(Lot).where(Lot.donor_id.in_(places)))
    requests = session.scalars(select(Request.code).where(Request.partner_id.in_(places)))
    households = session.scalars(select(Household.code).where(Household.partner_id.in_(places)))
    return {
        "a household": frozenset(canary(world, what) for what in HOUSEHOLD),
        "a household's code": frozenset(households),
        "a note to the workshop": frozenset({canary(world, "Note")}),
        "a request": frozenset(requests),
        "a machine": frozenset({canary(world, "Model"), *(one.tag for one in machines)}),
        "a machine's serial number": frozenset({canary(world, "Serial"), canary(world, "Processor")}),
        "a drive's serial number": frozenset(session.scalars(drives)),
        "a shelf": frozenset({canary(world, "Shelf")}),
        "a lot": frozenset([*lots, *offers, *slips]),
        "an offer's note": frozenset({canary(world, "OfferNote")}),
        "a donor's name": worlds.donors[world],
        "a partner's name": worlds.partners[world],
        "somebody's name": worlds.names[world],
    }


def told(stage: Stage, player: Player, answer: Answer, said: Iterable[str], *, by_secret: bool) -> Iterator[str]:
    """What an answer tells this player that is not theirs to read; what they said themselves is no news."""
    own = {"".join(word.split()) for word in said}
    for (world, kind), words in stage.canaries.items():
        if KINDS[kind].open_to(player, world) or (by_secret and kind in REACHED_BY_SECRET):
            continue
        for word in words:
            if word in answer.squeezed and word not in own:
                yield f"{kind} of {world} ({word})"
