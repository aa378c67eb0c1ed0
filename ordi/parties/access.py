"""Who may do what: one readable map from permission to roles. Reach is the organisation a role is held in.

A permission is named by every endpoint of the face and by every verb that is not a step of the lifecycle
(those name their roles in the table itself). TRUST.md tells why each line reads as it does.
"""

from __future__ import annotations

from datetime import datetime

from ordi.errors import NotAllowed
from ordi.parties.organisations import Organisation
from ordi.parties.people import Membership, Person, Role

BENCH = frozenset({Role.TECHNICIAN, Role.LEAD})
"""Who works at a bench."""

OVERSIGHT = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})
"""Who reads the network's evidence without acting on it."""

CASEWORK = frozenset({Role.SOCIAL_WORKER, Role.LANDLORD_OFFICER, Role.SCHOOL_OFFICER})
"""Who files a request with or for a family."""

PARTNERS = CASEWORK | {Role.PARTNER_LEAD, Role.SIGNATORY, Role.ANIMATOR, Role.MEDIATOR}
"""Everyone of a partner organisation but its volunteers."""

EVERYONE = frozenset(Role)

ACCESS: dict[str, frozenset[Role]] = {
    # machines
    "machines.look-up": EVERYONE - {Role.FUNDER},
    "machines.see": BENCH | PARTNERS | OVERSIGHT | {Role.COORDINATOR, Role.DRIVER, Role.DONOR_CONTACT},
    "machines.list": BENCH | OVERSIGHT | {Role.COORDINATOR, Role.DONOR_CONTACT, Role.PARTNER_LEAD},
    "machines.history": BENCH | OVERSIGHT | {Role.COORDINATOR},
    "machines.export": OVERSIGHT | {Role.LEAD, Role.COORDINATOR},
    "machines.merge": frozenset({Role.LEAD, Role.COORDINATOR}),
    "labels.print": BENCH | {Role.COORDINATOR},
    "labels.printers": frozenset({Role.LEAD}),
    # giving
    "giving.offer": frozenset({Role.DONOR_CONTACT, Role.COORDINATOR}),
    "giving.see": frozenset({Role.DONOR_CONTACT, Role.COORDINATOR, Role.LEAD, Role.DRIVER, Role.AUDITOR}),
    "giving.decide": frozenset({Role.COORDINATOR}),
    "giving.collect": frozenset({Role.DRIVER, Role.COORDINATOR}),
    "giving.receive": BENCH,
    # bench
    "bench.work": BENCH,
    "bench.wipe": BENCH,
    "bench.adopt": BENCH,
    "bench.remote": BENCH,
    "network.hosts": frozenset({Role.LEAD, Role.ADMINISTRATOR}),
    "bench.offline": frozenset({Role.LEAD}),
    "bench.devices": frozenset({Role.LEAD}),
    "bench.counter-check": frozenset({Role.LEAD}),
    "bench.audit": BENCH,
    "bench.waive": frozenset({Role.COORDINATOR}),
    "bench.quarantine": BENCH | {Role.COORDINATOR},
    "bench.lift": frozenset({Role.COORDINATOR}),
    "bench.destroy": frozenset({Role.LEAD}),
    "bench.witness": BENCH,
    "bench.intake": BENCH,
    "bench.wall": BENCH | {Role.COORDINATOR},
    "bench.correct": frozenset({Role.LEAD, Role.COORDINATOR}),
    "parts.work": BENCH,
    "parts.see": BENCH | {Role.COORDINATOR},
    "parts.plan": frozenset({Role.LEAD}),
    "incidents.see": OVERSIGHT | {Role.LEAD, Role.COORDINATOR},
    "incidents.follow": frozenset({Role.LEAD, Role.COORDINATOR}),
    # certificates and log
    "evidence.see": BENCH | OVERSIGHT | {Role.COORDINATOR},
    "certificates.see": BENCH | OVERSIGHT | {Role.COORDINATOR, Role.DONOR_CONTACT},
    # sharing
    "requests.write": CASEWORK,
    "requests.apply": frozenset({Role.SIGNATORY}),
    "requests.see": CASEWORK | {Role.COORDINATOR, Role.SIGNATORY},
    "requests.count": frozenset({Role.PARTNER_LEAD}),
    "service.hand-on": frozenset({Role.PARTNER_LEAD, Role.COORDINATOR, Role.ADMINISTRATOR}),
    "requests.needs": BENCH | {Role.COORDINATOR},
    "households.read": CASEWORK | {Role.COORDINATOR},
    "households.erase": CASEWORK | {Role.COORDINATOR},
    "sharing.allocate": frozenset({Role.COORDINATOR}),
    "sharing.hand-over": CASEWORK | {Role.COORDINATOR, Role.ANIMATOR, Role.SIGNATORY},
    "sharing.exchange": frozenset({Role.COORDINATOR}),
    "sharing.take-back": BENCH | {Role.COORDINATOR},
    "sharing.programmes": frozenset({Role.COORDINATOR}),
    "sharing.follow": CASEWORK | {Role.COORDINATOR, Role.SIGNATORY},
    # Who may be sent to a home: an animator or a mediator reads the visits they make themselves, and no file.
    "sharing.visit": CASEWORK | {Role.COORDINATOR, Role.SIGNATORY, Role.ANIMATOR, Role.MEDIATOR},
    "sharing.loans": CASEWORK | {Role.COORDINATOR},
    "sharing.repair": BENCH | {Role.COORDINATOR, Role.ANIMATOR, Role.MEDIATOR},
    "sharing.book": CASEWORK | {Role.COORDINATOR, Role.SIGNATORY},
    "sharing.tenants": frozenset({Role.LANDLORD_OFFICER, Role.SIGNATORY, Role.COORDINATOR}),
    "sharing.price": frozenset({Role.SIGNATORY, Role.COORDINATOR}),
    "sharing.desks": frozenset({Role.COORDINATOR, Role.PARTNER_LEAD}),
    # Class lists: whoever stands at a desk reads the names of an open list, never a family's file; an office reads its lists whole.
    "classes.write": frozenset({Role.SCHOOL_OFFICER, Role.SOCIAL_WORKER}),
    "classes.read": frozenset({Role.SCHOOL_OFFICER, Role.SOCIAL_WORKER, Role.COORDINATOR}),
    "classes.desk": frozenset({Role.SCHOOL_OFFICER, Role.SOCIAL_WORKER, Role.COORDINATOR, Role.ANIMATOR}),
    "calls.see": frozenset({Role.COORDINATOR, Role.SIGNATORY, Role.PARTNER_LEAD, Role.LEAD}),
    "calls.run": frozenset({Role.COORDINATOR}),
    "calls.apply": frozenset({Role.SIGNATORY, Role.PARTNER_LEAD}),
    "calls.judge": frozenset({Role.COORDINATOR, Role.PARTNER_LEAD, Role.LEAD}),
    "messages.see": CASEWORK | {Role.COORDINATOR},
    # Whoever speaks a language signs for what families read in it, with their own name.
    "translations.review": CASEWORK | {Role.COORDINATOR},
    "translations.withdraw": frozenset({Role.COORDINATOR}),
    "sharing.train": frozenset({Role.ANIMATOR, Role.MEDIATOR, Role.SOCIAL_WORKER, Role.COORDINATOR}),
    # directory
    "directory.see": PARTNERS | OVERSIGHT | {Role.LEAD, Role.COORDINATOR},
    "directory.write": frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}),
    # places
    "places.see": PARTNERS | OVERSIGHT | {Role.LEAD, Role.COORDINATOR},
    "places.write": frozenset({Role.ADMINISTRATOR}),
    # fleet
    "fleet.see": BENCH | {Role.COORDINATOR, Role.AUDITOR, Role.SOCIAL_WORKER},
    "fleet.enrol": BENCH,
    "fleet.help": BENCH | {Role.COORDINATOR, Role.ANIMATOR, Role.MEDIATOR, Role.SOCIAL_WORKER},
    # network
    "network.figures": frozenset({Role.COORDINATOR, Role.FUNDER, Role.ADMINISTRATOR, Role.AUDITOR}),
    "network.people": frozenset({Role.ADMINISTRATOR}),
    "network.privacy": frozenset({Role.ADMINISTRATOR}),
    "network.tokens": frozenset({Role.ADMINISTRATOR}),
    "network.log": OVERSIGHT,
    "network.heads": frozenset({Role.ADMINISTRATOR}),
}


def grounds(person: Person, permission: str, at: datetime) -> list[Membership]:
    """The memberships that give `person` this permission: where it holds is their organisations and beneath."""
    return [held for held in person.current(at) if held.role in ACCESS[permission]]


def may(person: Person, permission: str, organisation: Organisation | None, *, at: datetime) -> bool:
    """Whether `person` holds this permission over `organisation` (anywhere at all, when it is None)."""
    held = grounds(person, permission, at)
    return bool(held) if organisation is None else any(one.organisation.holds(organisation) for one in held)


def require(person: Person, permission: str, organisation: Organisation | None, *, at: datetime) -> None:
    """Raise `NotAllowed` unless `person` holds this permission over `organisation`."""
    if not may(person, permission, organisation, at=at):
        raise NotAllowed(permission=permission)
