"""Who knocks at every door, and how far TRUST.md lets each reach. Written apart from `ordi.parties.access` on purpose."""

from __future__ import annotations

from dataclasses import dataclass

from ordi.parties.access import ACCESS
from ordi.parties.people import Role

OURS, NEXT_DOOR, ELSEWHERE = "ours", "next door", "elsewhere"
"""Our workshop with its donor and partner; another workshop, donor and partner of our pole; Noor's pole."""

WORLDS = (OURS, NEXT_DOOR, ELSEWHERE)

ANYONE = "anyone"
ALL = frozenset(
    {"workshop", "donor", "partner", "round", "member", "association", "organisation", "family", "tenant", "pupil"}
)

TIE: dict[Role, frozenset[str]] = {
    Role.TECHNICIAN: frozenset({"workshop"}),
    Role.LEAD: frozenset({"workshop"}),
    Role.VOLUNTEER: frozenset({"workshop"}),
    Role.DRIVER: frozenset({"round"}),
    Role.COORDINATOR: ALL - {"organisation"},
    Role.SOCIAL_WORKER: frozenset({"partner", "family", "tenant", "pupil"}),
    Role.PARTNER_LEAD: frozenset({"partner"}),
    Role.ANIMATOR: frozenset({"partner"}),
    Role.MEDIATOR: frozenset({"partner"}),
    Role.LANDLORD_OFFICER: frozenset({"partner", "tenant"}),
    Role.SCHOOL_OFFICER: frozenset({"partner", "pupil"}),
    Role.SIGNATORY: frozenset({"member", "association"}),
    Role.DONOR_CONTACT: frozenset({"donor"}),
    Role.FUNDER: frozenset(),
    Role.AUDITOR: ALL - {"organisation"},
    Role.ADMINISTRATOR: ALL,
}
"""What must bind a thing to the organisation in which a role is held.

A machine out with a structure is bound to all its people (`member`, `partner`), a family's request to the service that follows
families (`family`), a tenant's or a pupil's to the office that filed it too (`tenant`, `pupil`), what an association asked for itself to its signatory too (`association`).
"""

WITHIN: dict[Role, tuple[str, ...]] = {
    Role.COORDINATOR: (OURS, NEXT_DOOR),
    Role.AUDITOR: WORLDS,
    Role.ADMINISTRATOR: WORLDS,
    Role.FUNDER: (),
}
"""Which worlds the roles of our cast reach; every other role only its own organisation."""


@dataclass(frozen=True)
class Player:
    """Somebody with a browser: the roles they hold, each over some worlds."""

    name: str
    held: tuple[tuple[Role, tuple[str, ...]], ...] = ()

    @property
    def let_in(self) -> bool:
        """Whether any role of theirs holds today."""
        return bool(self.held)

    def holds(self, permission: str) -> bool:
        """Whether a role of theirs has this permission, wherever it is held."""
        return permission == "signed-in" or any(role in ACCESS[permission] for role, _worlds in self.held)

    def roles_for(self, permission: str, world: str, ties: frozenset[str]) -> frozenset[Role]:
        """Their roles that have this permission and are bound to a thing of a world by one of its ties."""
        free = ANYONE in ties or self.name in ties
        return frozenset(
            role
            for role, worlds in self.held
            if (permission == "signed-in" or role in ACCESS[permission])
            and (free or (world in worlds and TIE[role] & ties))
        )

    def reads(self, roles: frozenset[Role], world: str) -> bool:
        """Whether one of these roles is theirs over a world."""
        return any(role in roles and world in worlds for role, worlds in self.held)


SIGNED_OUT = Player("signed-out")
MOVED_AWAY = Player("moved-away")
"""Signed in once, and no role of theirs holds any more."""
NOOR = Player("noor", tuple((role, (ELSEWHERE,)) for role in (Role.COORDINATOR, Role.LEAD, Role.DRIVER)))
MILO = Player("milo", ((Role.TECHNICIAN, (ELSEWHERE,)),))
"""A technician of ours until yesterday, of Noor's pole since."""

CAST = tuple(Player(str(role), ((role, WITHIN.get(role, (OURS,))),)) for role in Role)
PLAYERS = (SIGNED_OUT, MOVED_AWAY, *CAST, NOOR, MILO)
BY_NAME = {player.name: player for player in PLAYERS}
