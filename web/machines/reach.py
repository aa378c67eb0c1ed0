"""What a reader may know of a machine: a permission reaches it through the tie that binds their role to it."""

from __future__ import annotations

from datetime import datetime

from ordi.machines.machine import SEEN_THROUGH, Machine
from ordi.parties.access import grounds
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person, Role


def reaches(person: Person, permission: str, machine: Machine, *, at: datetime) -> bool:
    """Whether this permission of theirs covers this machine: a donor's through its gift, a partner's through its families."""
    return any(_tied(machine, held.role, held.organisation) for held in grounds(person, permission, at))


def _tied(machine: Machine, role: str, organisation: Organisation) -> bool:
    tie = SEEN_THROUGH.get(Role(role), Machine.workshop_id)
    bound = {"donor_id": machine.donor, "partner_id": machine.partner, "workshop_id": machine.workshop}[tie.key]
    return bound is not None and organisation.holds(bound)
