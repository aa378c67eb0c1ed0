"""Three worlds with one of everything, and a canary in every column that speaks of somebody or something of theirs.

A thing is a value that stands in addresses and forms (a tag, a code, a number), with the ties that bind it to the
organisations of its world. Everything is made by the real verbs, once per run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi import legal_rules
from ordi.bench import bins, holding, hosts, loose_drives, losses, merging, part_moves, photos, shortages, tasks
from ordi.bench.certificates import issue
from ordi.bench.claims import claim_wipe
from ordi.bench.destruction import How, destroy_drive
from ordi.bench.intake import of_person, receive_file
from ordi.bench.jobs import order_wipe
from ordi.bench.part_kinds import Family, kind_of
from ordi.bench.quarantines import quarantine
from ordi.fleet import help_requests
from ordi.fleet.alerts import AlertKind, raise_alert
from ordi.fleet.leaflets import print_leaflet
from ordi.giving import offers
from ordi.giving.collections import collect
from ordi.giving.reception import receive
from ordi.keys import KeyRing
from ordi.labels.printers import add_printer
from ordi.labels.printings import Item, Way, print_labels
from ordi.labels.stocks import SHIPPED, save_stock
from ordi.machines.checks import Check
from ordi.machines.drive import Drive, Medium, open_sightings
from ordi.machines.labels import print_free
from ordi.machines.lifecycle import State
from ordi.machines.lots import Lot
from ordi.machines.machine import Form, Machine
from ordi.messages.outbox import Message
from ordi.messages.piles import take_pile
from ordi.parties import covers, directory
from ordi.parties.households import Contact, Household, open_file
from ordi.parties.organisations import Kind, Organisation, found
from ordi.parties.people import Membership, Person, Role, appoint, dismiss, welcome
from ordi.parties.place_file import read_places
from ordi.parties.tokens import make_token
from ordi.sharing import applications, calls, committee, deliberating, programmes, scoring, telling
from ordi.sharing.allocation import Allocation, allocate
from ordi.sharing.appointments import book
from ordi.sharing.calls import Applicant, Call
from ordi.sharing.class_lists import ClassPupil, file_list, open_list
from ordi.sharing.class_reading import Line
from ordi.sharing.desks import open_desk
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.hand_over import hand_over
from ordi.sharing.programmes import Programme
from ordi.sharing.repairs import bring_unlabelled
from ordi.sharing.requests import Reach, Request
from ordi.sharing.rules import HolderKind, Rules
from ordi.sharing.training import open_group
from ordi.sharing.visit_tickets import plan_visit
from ordi.sharing.waiting import waiting_requests
from ordi.tags import check_character, number_code
from tests.access.players import ALL, ANYONE, ELSEWHERE, NEXT_DOOR, OURS, WORLDS
from tests.bench.benches import Bench, wipe
from tests.bench.photographs import PHOTOGRAPHED
from tests.cast import PARTS, Cast
from tests.factories import a_drive, a_machine
from tests.fleet.news import enrolled, news, tell
from tests.ground.clock import NOW
from tests.sharing.families import a_signature
from web.sign_in import sessions
from web.sign_in.accounts import Account

WORKSHOP = frozenset({"workshop", "donor"})
"""A machine or lot at a workshop, given by a donor."""
ROUND = WORKSHOP | {"round"}
OUT = WORKSHOP | {"partner", "member"}
"""A machine promised to a family, or out with it."""
PARTNER = frozenset({"partner"})
FAMILY = frozenset({"family"})
"""A family's request: its service, its coordinator."""
ASSOCIATION = FAMILY | {"association"}
BENCH_ONLY = frozenset({"workshop"})
NETWORK = frozenset({"organisation"})


@dataclass(frozen=True)
class Thing:
    """What stands in an address or a form."""

    value: str
    ties: frozenset[str]


Things = dict[str, Thing]

MARKS = {OURS: "Ours", NEXT_DOOR: "Door", ELSEWHERE: "Else"}


def canary(world: str, what: str) -> str:
    """A word that nothing else says."""
    return f"Qz{what}{MARKS[world]}"


HOUSEHOLD = ("Name", "Phone", "Mail", "Address", "Lang")
"""The sealed columns of a household, in the order of `Contact`."""


@dataclass
class Worlds:
    """Everything made, as plain values: nothing here is tied to a session."""

    things: dict[str, Things]
    cookies: dict[str, str]
    """The token of each player's browser."""
    names: dict[str, frozenset[str]]
    """What the people of each world are called."""
    called: dict[str, str]
    """The name of each player."""
    donors: dict[str, frozenset[str]]
    partners: dict[str, frozenset[str]]
    organisations: dict[str, frozenset[int]]
    people: dict[str, frozenset[int]]
    api: dict[str, str]
    """The secrets of API tokens, by what they are."""
    keys: dict[str, Ed25519PrivateKey]
    """The key of the live system that wipes in each world."""


def build(session: Session, cast: Cast, ring: KeyRing) -> Worlds:
    """Make the three worlds and a browser for everyone."""
    legal_rules.ship(session)
    casts = {OURS: cast, NEXT_DOOR: _next_door(session, cast), ELSEWHERE: _elsewhere(session, cast)}
    keys = {world: Ed25519PrivateKey.generate() for world in WORLDS}
    things = {world: dict(_furnish(session, casts[world], world, ring, keys[world])) for world in WORLDS}
    people = {str(role): cast.of(role) for role in Role} | {"noor": cast.noor}
    people["moved-away"] = _gone(session, cast)
    people["milo"] = _moved(session, cast)
    cookies = {name: sessions.begin(session, person, at=NOW) for name, person in people.items()}
    for name, person in people.items():
        session.add(Account(person=person, username=name, password_hash="none", changed_at=NOW))
    session.flush()
    mine = session.scalars(select(sessions.SignInSession).where(sessions.SignInSession.person_id == cast.sam.id)).one()
    things[OURS]["session"] = Thing(str(mine.id), frozenset({str(Role.TECHNICIAN)}))
    for world in (NEXT_DOOR, ELSEWHERE):
        sessions.begin(session, casts[world].sam, at=NOW)
        other = session.scalars(
            select(sessions.SignInSession).where(sessions.SignInSession.person_id == casts[world].sam.id)
        ).one()
        things[world]["session"] = Thing(str(other.id), frozenset({"nobody of ours"}))
    return Worlds(
        things=things,
        cookies=cookies,
        names={world: frozenset("".join(name.split()) for name in _called(casts[world])) for world in WORLDS},
        called={name: person.name for name, person in people.items()},
        donors={world: frozenset({"".join(casts[world].donor.name.split())}) for world in WORLDS},
        partners={world: frozenset({"".join(casts[world].partner.name.split())}) for world in WORLDS},
        organisations={world: _organisations(casts[world], world) for world in WORLDS},
        people={world: frozenset(one.id for one in _people(casts[world])) for world in WORLDS},
        api=dict(_api(session, casts)),
        keys=keys,
    )


def nowhere(things: Things) -> Things:
    """The same things as nobody has ever made them."""
    never = {
        "tag": "YYYYYY",
        "number": "987654321",
        "uuid": "00000000-0000-4000-8000-000000000000",
        "code": "9999",
    }
    return {name: Thing(_never(thing.value, never), thing.ties) for name, thing in things.items()}


def _never(value: str, never: dict[str, str]) -> str:
    if value.isdigit():
        return never["number"]
    if len(value) == 8 and value[6] == "-":
        return f"{never['tag']}-{check_character(never['tag'])}"
    if len(value) == 36 and value.count("-") == 4:
        return never["uuid"]
    if value[1:2] == "-":
        return f"{value[:7]}{never['code'][: len(value) - 7]}"
    return "A" * len(value)


# Who stands in for our cast in the other worlds.


def _next_door(session: Session, cast: Cast) -> Cast:
    """Another workshop, another donor, another partner of our own pole: only Ada is the same."""
    pole, at = cast.pole, cast.at
    donor = found(session, Kind.DONOR, canary(NEXT_DOOR, "Donor"), parent=pole, at=at)
    partner = found(session, Kind.PARTNER, canary(NEXT_DOOR, "Partner"), parent=pole, at=at)
    there: dict[str, Any] = {"workshop": cast.second_workshop, "donor": donor, "partner": partner}
    return replace(cast, **there, **_staff(session, NEXT_DOOR, there, at, but={"ada", "fanny", "aude", "zoe", "noor"}))


def _elsewhere(session: Session, cast: Cast) -> Cast:
    """Noor's pole: she coordinates, leads and drives."""
    there: dict[str, Any] = {"workshop": cast.other_workshop, "donor": cast.other_donor, "partner": cast.other_partner}
    but = {"ada", "lou", "theo", "fanny", "aude", "zoe", "noor"}
    staff = _staff(session, ELSEWHERE, there, cast.at, but=but)
    return replace(cast, pole=cast.other_pole, ada=cast.noor, lou=cast.noor, theo=cast.noor, **there, **staff)


def _staff(
    session: Session, world: str, there: dict[str, Organisation], at: datetime, *, but: set[str]
) -> dict[str, Any]:
    staff = {}
    for key, (_name, roles) in PARTS.items():
        if key not in but:
            staff[key] = welcome(session, canary(world, f"Person{key.title()}"), at=at)
            for role, where in roles.items():
                appoint(session, staff[key], role, there[where], at=at)
    return staff


def _gone(session: Session, cast: Cast) -> Person:
    """Mina coordinated the pole and worked at the bench until yesterday."""
    mina = welcome(session, "Mina Partie", at=cast.at)
    for role, where in ((Role.COORDINATOR, cast.pole), (Role.TECHNICIAN, cast.workshop)):
        dismiss(session, appoint(session, mina, role, where, at=cast.at), at=NOW - timedelta(days=1))
    return mina


def _moved(session: Session, cast: Cast) -> Person:
    """Milo works at Noor's bench since yesterday, at ours no more."""
    milo = welcome(session, "Milo Mobile", at=cast.at)
    dismiss(session, appoint(session, milo, Role.TECHNICIAN, cast.workshop, at=cast.at), at=NOW - timedelta(days=1))
    appoint(session, milo, Role.TECHNICIAN, cast.other_workshop, at=NOW - timedelta(days=1))
    return milo


def _people(cast: Cast) -> Iterator[Person]:
    for field in fields(cast):
        held = getattr(cast, field.name)
        if isinstance(held, Person) and field.name not in ("fanny", "aude", "zoe"):
            yield held


def _called(cast: Cast) -> Iterator[str]:
    bench = (cast.sam, cast.kim, cast.ines, cast.paul, cast.bruno, cast.vic)
    yield from (one.name for one in bench)


def _organisations(cast: Cast, world: str) -> frozenset[int]:
    own = {cast.workshop.id, cast.donor.id, cast.partner.id}
    return frozenset(own | {cast.pole.id} if world == ELSEWHERE else own)


# One of everything.


def _furnish(
    session: Session, cast: Cast, world: str, ring: KeyRing, key: Ed25519PrivateKey
) -> Iterator[tuple[str, Thing]]:
    yield from _given(session, cast, world)
    yield from _bench(session, cast, world, ring, key)
    yield from _shared(session, cast, world, ring)
    yield from _network(session, cast, world)


def _given(session: Session, cast: Cast, world: str) -> Iterator[tuple[str, Thing]]:
    def offered(count: int) -> offers.Offer:
        note = canary(world, "OfferNote")
        return offers.offer(session, cast.donor, {Form.LAPTOP: count}, note=note, by=cast.bruno, at=NOW)

    def lot(count: int) -> Lot:
        return offers.accept(session, offered(count), cast.workshop, cast.theo, NOW.date(), by=cast.ada, at=NOW)

    def inside(of: Lot) -> list[Machine]:
        machines = list(session.scalars(select(Machine).where(Machine.lot_id == of.id).order_by(Machine.id)))
        for machine in machines:
            _told(machine, world)
        return machines

    promised, coming, past = lot(2), lot(3), lot(1)
    inside(past)
    collect(session, past, count=1, signature=a_signature(), by=cast.theo, at=NOW - timedelta(days=1))
    yield "past_lot", Thing(past.code, WORKSHOP)
    first, second = inside(promised)[0], inside(coming)
    slip = collect(session, coming, count=3, signature=a_signature(), by=cast.theo, at=NOW)
    receive(session, second[0], by=cast.sam, at=NOW)
    yield "offer", Thing(offered(4).code, frozenset({"donor"}))
    yield "promised_lot", Thing(promised.code, ROUND)
    yield "promised", Thing(first.tag, ROUND)
    yield "coming_lot", Thing(coming.code, WORKSHOP | {"round"})
    yield "slip", Thing(slip.code, WORKSHOP)
    yield "coming", Thing(second[1].tag, WORKSHOP)
    yield "arrived", Thing(second[0].tag, WORKSHOP)
    labels = print_free(session, cast.workshop, 3, by=cast.sam, at=NOW)
    printing = print_labels(
        session,
        cast.workshop,
        [Item(labels[0].tag, labels[0].tag)],
        SHIPPED["24-70x37"],
        Way.PAPER,
        uuid=str(uuid4()),
        kind="free",
        subject=str(labels[0].id),
        by=cast.sam,
        at=NOW,
    )
    printer = add_printer(session, cast.workshop, name="Zebra", address="127.0.0.1", by=cast.lou, at=NOW)
    yield "printer", Thing(str(printer.id), BENCH_ONLY)
    own = replace(SHIPPED["1-57x32"], name=canary(world, "Stock"))
    yield "stock", Thing(save_stock(session, cast.workshop, own, by=cast.lou, at=NOW).stock.key, BENCH_ONLY)
    yield "printing", Thing(printing.uuid, BENCH_ONLY)
    yield "free_label", Thing(labels[1].tag, BENCH_ONLY)


def _told(machine: Machine, world: str) -> Machine:
    machine.describe(manufacturer="Dell", model=canary(world, "Model"), serial=f"{canary(world, 'Serial')}{machine.id}")
    machine.processor = canary(world, "Processor")
    return machine


def _bench(
    session: Session, cast: Cast, world: str, ring: KeyRing, key: Ed25519PrivateKey
) -> Iterator[tuple[str, Thing]]:
    def machine(state: State, **details: Any) -> Machine:
        made = _told(a_machine(session, cast, state, **details), world)
        if made.shelf:
            made.shelf = canary(world, "Shelf")
        session.flush()
        return made

    def full(made: Machine) -> Drive:
        return a_drive(session, made, medium=Medium.HDD, size=64 * 1024)

    received, wiping, proven = (machine(State.RECEIVED, triage="keep") for _ in range(3))
    left = tasks.open_task(session, received, tasks.Work.REPAIR, Check.SCREEN, by=cast.sam, at=NOW)
    taken = photos.add_photo(session, received, PHOTOGRAPHED["photo"], by=cast.sam, at=NOW)
    yield "photo", Thing(str(taken.id), BENCH_ONLY)
    yield "task", Thing(str(left.id), BENCH_ONLY)
    inside = full(received)
    Bench(session, NOW).adopted(received, cast.sam)
    yield "received", Thing(received.tag, WORKSHOP)
    yield "inside", Thing(str(inside.id), WORKSHOP)
    busy = Bench(session, NOW, key=key).adopted(wiping, cast.sam)
    job = order_wipe(session, busy, full(wiping), by=cast.sam, at=NOW)
    yield "wiping", Thing(wiping.tag, WORKSHOP)
    yield "job", Thing(job.uuid, WORKSHOP)
    yield "bench", Thing(busy.uuid, WORKSHOP)
    proved = full(proven)
    outcome = wipe(session, proven, proved, by=cast.sam, at=NOW)
    assert outcome.proof, outcome.judgement
    certificate = issue(session, outcome.proof, ring.signing("certificate", NOW), at=NOW)
    Bench(session, NOW).adopted(proven, cast.lou)
    yield "proven", Thing(proven.tag, WORKSHOP)
    yield "proved_drive", Thing(str(proved.id), WORKSHOP)
    yield "certificate", Thing(certificate.code, frozenset({ANYONE}))
    log = f"nwipe 0.42\nnotice: Found /dev/sda, SATA, {canary(world, 'Disk')}, 5 GB, S/N=1\n".encode()
    yield "claim", Thing(str(claim_wipe(session, received, log, by=cast.sam, at=NOW).id), WORKSHOP)
    doubted = machine(State.RECEIVED, triage="keep")
    suspect = wipe(session, doubted, full(doubted), by=cast.kim, at=NOW)
    assert suspect.proof
    yield "quarantine", Thing(str(quarantine(session, suspect.proof, "audit", at=NOW).id), WORKSHOP)
    for name, state in (
        ("sanitised", State.SANITISED),
        ("reinstalled", State.REINSTALLED),
        ("ready", State.READY),
        ("dismantled", State.DISMANTLED),
        ("lost", State.LOST),
    ):
        yield name, Thing(machine(state).tag, WORKSHOP)
    kept, merged = machine(State.RECEIVED), machine(State.RECEIVED)
    merge = merging.merge(session, merged, kept, merging.Cause.TWICE, by=cast.lou, at=NOW)
    yield "kept", Thing(kept.tag, WORKSHOP)
    yield "merged", Thing(merged.tag, WORKSHOP)
    yield "merge", Thing(str(merge.id), WORKSHOP)
    left = receive_file(session, world.encode(), None, sender=of_person(cast.sam, cast.workshop), at=NOW)
    yield "doubt", Thing(str(left.evidence.id), BENCH_ONLY)
    held = machine(State.READY)
    holding.hold(session, held, holding.Hold.PART, by=cast.sam, at=NOW)
    yield "held", Thing(held.tag, WORKSHOP)
    yield from _bins(session, cast, world, machine(State.RECEIVED, triage="keep"))
    gone = losses.lose(session, machine(State.RECEIVED), losses.Loss.STOLEN, by=cast.lou, at=NOW)
    yield "incident", Thing(str(gone.id), BENCH_ONLY)
    opened = machine(State.DISMANTLED)
    sighting = open_sightings(session, opened)[0]
    loose_drives.remove_drive(session, sighting, loose_drives.Why.FOR_PARTS, by=cast.sam, witness=cast.kim, at=NOW)
    yield "loose", Thing(str(sighting.drive_id), WORKSHOP)
    yield "loose_code", Thing(number_code(sighting.drive_id), WORKSHOP)
    emptied = machine(State.DISMANTLED)
    sighting = open_sightings(session, emptied)[0]
    loose_drives.remove_drive(session, sighting, loose_drives.Why.TO_DESTROY, by=cast.sam, witness=cast.kim, at=NOW)
    written = destroy_drive(session, sighting.drive, How.DRILLED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=NOW)
    issue(session, written, ring.signing("certificate", NOW), at=NOW)
    yield "destroyed", Thing(str(sighting.drive_id), WORKSHOP)
    host = hosts.add_host(session, cast.workshop, name=canary(world, "Host"), address="192.0.2.9", by=cast.lou, at=NOW)
    yield "host", Thing(str(host.id), WORKSHOP)
    waiting = Bench(session, NOW).hello()
    yield "screen", Thing(waiting.uuid.replace("-", ""), frozenset({ANYONE}))
    yield "fingerprint", Thing(waiting.fingerprint, frozenset({ANYONE}))


def _bins(session: Session, cast: Cast, world: str, waiting: Machine) -> Iterator[tuple[str, Thing]]:
    kind = kind_of(session, Family.KEYBOARD, {"fits": canary(world, "Model")})
    box, empty = (bins.open_bin(session, cast.workshop, canary(world, "Bin"), by=cast.sam, at=NOW) for _ in range(2))
    part_moves.put_in(session, box, kind, part_moves.Origin.DONATED, count=3, by=cast.sam, at=NOW)
    shortages.wait_for(session, waiting, kind, by=cast.sam, at=NOW)
    yield "bin", Thing(box.tag, BENCH_ONLY)
    yield "empty_bin", Thing(empty.tag, BENCH_ONLY)
    yield "kind", Thing(str(kind.id), BENCH_ONLY)
    yield "waiting", Thing(waiting.tag, WORKSHOP)


def _contact(world: str, number: int = 0) -> Contact:
    return Contact(*(f"{canary(world, what)}{number or ''}" for what in HOUSEHOLD))


def _shared(session: Session, cast: Cast, world: str, ring: KeyRing) -> Iterator[tuple[str, Thing]]:
    # A programme is its pole's: the association next door asks under ours too.
    def programme(code: str, holder: HolderKind, **rules: object) -> Programme:
        given: dict[str, Any] = {"contract": "gift", "holder": holder, "open_from": cast.at.date()} | rules
        rule = Rules(code=f"{code}-{MARKS[world]}", name=canary(world, f"Programme{code}"), **given)
        return programmes.write(session, cast.pole, rule, at=cast.at)

    def family(number: int) -> Household:
        contact, sealer = _contact(world, number), ring.sealer()
        return open_file(session, cast.partner, contact, sealer=sealer, by=cast.ines, at=NOW)

    def asked(number: int) -> Request:
        filing = Filing(
            programme=gift,
            needs=("paperwork",),
            household=family(number),
            consent=Reading("2026-1", "fr"),
            note=canary(world, "Note"),
        )
        return file_request(session, cast.partner, filing, by=cast.ines, at=NOW, sealer=ring.sealer())

    def promise(number: int) -> Allocation:
        machine = _told(a_machine(session, cast, State.READY), world)
        session.flush()
        return allocate(session, machine, asked(number), by=cast.ada, at=NOW)

    def listed(officer: Person, name: str) -> Request:
        """A family on an office's own list; it bears no word of the service's families."""
        home = open_file(session, cast.partner, Contact(f"{name} {world}"), sealer=ring.sealer(), by=officer, at=NOW)
        filing = Filing(programme=gift, needs=("paperwork",), household=home, consent=Reading("2026-1", "fr"))
        return file_request(session, cast.partner, filing, by=officer, at=NOW)

    gift = programme("Gift", HolderKind.HOUSEHOLD)
    project = programme("Project", HolderKind.ASSOCIATION)
    deputy = welcome(session, f"Suppléante {world}", at=NOW)
    appoint(session, deputy, Role.SOCIAL_WORKER, cast.partner, at=NOW)
    yield "giver", Thing(str(cast.ines.id), frozenset({ANYONE}))
    yield "taker", Thing(str(deputy.id), frozenset({ANYONE}))
    today = NOW.date()
    said = covers.away(session, cast.partner, deputy, today, today, by=cast.ines, at=NOW)
    mine = {str(Role.SOCIAL_WORKER)} if world == OURS else {"nobody of ours"}
    yield "cover", Thing(str(said.id), frozenset(mine))
    yield "gift", Thing(str(gift.id), PARTNER)
    yield "project", Thing(str(project.id), frozenset({ANYONE}) if world == NEXT_DOOR else ASSOCIATION)
    yield "request", Thing(asked(1).code, FAMILY)
    yield "tenants_request", Thing(listed(cast.lise, "Locataire").code, FAMILY | {"tenant"})
    yield "pupils_request", Thing(listed(cast.eva, "Eleve").code, FAMILY | {"pupil"})
    school = programme("Ecole", HolderKind.HOUSEHOLD)
    lines = [Line(1, "CE2", f"Enfant {world}", f"Parent {world}", "0612345678")]
    how = {"attested": (), "form_uuid": str(uuid4()), "by": cast.eva, "at": NOW, "sealer": ring.sealer()}
    the_list = file_list(session, cast.partner, school, "Rentree", lines, **how).the_list
    open_list(session, the_list, by=cast.ada, at=NOW)
    yield "class_list", Thing(str(the_list.id), PARTNER)
    pupil = session.scalars(select(ClassPupil.id).where(ClassPupil.list_id == the_list.id)).one()
    yield "pupil", Thing(str(pupil), PARTNER)
    place = f"id,nom,commune,code_postal,adresse\nlieu-{world},Lieu {world},Lens,62300,1 rue de l’Exemple"
    (found_there,) = directory.take(session, read_places(place.encode()), by=cast.ada, at=NOW)
    query = select(directory.ListedPlace.id).where(directory.ListedPlace.reference == found_there.line.fields["id"])
    yield "listed", Thing(str(session.scalars(query).one()), frozenset({ANYONE}))
    course = programme(
        "Course",
        HolderKind.HOUSEHOLD,
        contract="none",
        services=("training",),
        training={"sessions": 1, "minutes": 60},
    )
    yield "group", Thing(open_group(session, cast.partner, course, [NOW], by=cast.awa, at=NOW).code, PARTNER)
    filed = file_request(session, cast.partner, Filing(project, ("paperwork",)), by=cast.said, at=NOW)
    yield "own_request", Thing(filed.code, ASSOCIATION)
    yield from _called_for(session, cast, world, project)
    spoken, letter = asked(4), asked(5)
    letter.reach = Reach.LETTER
    facts: dict[str, object] = {"begins": NOW.isoformat(), "place": cast.workshop.id}
    for told in (spoken, letter):
        telling.tell(
            session, told, telling.Telling.BOOKED, facts, about=f"world:{told.id}", once=f"world:{told.id}", at=NOW
        )
    said = session.scalars(select(Message).where(Message.request_id == spoken.id)).one()
    yield "message", Thing(str(said.id), FAMILY)
    letters = select(Message).where(Message.request_id == letter.id)
    yield "pile", Thing(take_pile(session, letters, by_id=cast.ines.id) or "", FAMILY)
    allocated, given = promise(2), promise(3)
    yield "allocated", Thing(allocated.machine.tag, OUT)
    yield "allocated_request", Thing(allocated.request.code, FAMILY)
    open_desk(session, cast.workshop, {4: "9h-11h"}, minutes=30, at_once=1, by=cast.ada, at=NOW)
    morning = NOW.replace(day=19, hour=8, minute=0)
    coming = book(session, allocated, cast.workshop, morning, by=cast.ines, at=NOW)
    yield "appointment", Thing(str(coming.id), FAMILY)
    hand_over(session, given, a_signature(), by=cast.ines, at=NOW)
    machine = given.machine
    yield "out", Thing(machine.tag, OUT)
    yield "out_request", Thing(given.request.code, FAMILY)
    yield from _fleet(session, cast, machine)
    to_make = plan_visit(session, given.request, "breakdown", NOW.date(), cast.ines, by=cast.ines, at=NOW)
    yield "visit", Thing(to_make.code, FAMILY)
    ours = _told(a_machine(session, cast, State.READY), world)
    session.flush()
    allocate(session, ours, filed, by=cast.ada, at=NOW)
    printer = bring_unlabelled(session, cast.workshop, "printer", "other", by=cast.sam, at=NOW)
    yield "repair", Thing(printer.code, BENCH_ONLY)
    yield "lent", Thing(ours.tag, OUT | ASSOCIATION)


def _fleet(session: Session, cast: Cast, machine: Machine) -> Iterator[tuple[str, Thing]]:
    tell(session, enrolled(session, cast, machine), news(session, machine), at=NOW)
    alert = raise_alert(session, machine, AlertKind.SWAP, "repair", {"reasons": []}, at=NOW)
    yield "alert", Thing(str(alert.id), OUT)
    yield "ticket", Thing(str(help_requests.ask(session, machine, "slow", at=NOW).id), OUT)
    yield "leaflet", Thing(print_leaflet(session, machine, by=cast.sam, at=NOW), frozenset({ANYONE}))


def _called_for(session: Session, cast: Cast, world: str, programme: Programme) -> Iterator[tuple[str, Thing]]:
    """Three calls of a pole: open, to be marked, decided. Everyone of the pole reads a call, next door too."""
    everyone = (Applicant.ASSOCIATION, Applicant.SERVICE)
    to_all = frozenset({"family", "partner", "association", "workshop"})
    if world == NEXT_DOOR:
        to_all |= {str(Role.LEAD), str(Role.SIGNATORY), str(Role.PARTNER_LEAD)}  # our own, of the same pole

    def opened(title: str, *jury: Person) -> Call:
        said = calls.Opening(
            programme, title, "Pour tous", NOW.date(), NOW.date(), everyone, 9, 4, (calls.Criterion("Utile", 1, 5),)
        )
        made = calls.open_call(session, cast.pole, said, by=cast.ada, at=NOW)
        for person in jury:
            scoring.appoint_juror(session, made, person, by=cast.ada, at=NOW)
        return made

    def applied(call: Call) -> applications.Application:
        project = f"{canary(world, 'Project')} : des ateliers de quartier pour tous"
        one = applications.save(
            session, call, cast.partner, applications.Writing(project, 1, "", ("paperwork",)), by=cast.said, at=NOW
        )
        applications.file(session, one, by=cast.said, at=NOW)
        calls.close_call(session, call, by=cast.ada, at=NOW)
        return one

    yield "call", Thing(opened("Ouvert", cast.paul).code, to_all)
    yield "lead", Thing(str(cast.lou.id), FAMILY)
    judged = applied(opened("A noter", cast.ada, cast.paul))
    yield "judged_call", Thing(judged.call.code, FAMILY)
    yield "judged", Thing(judged.code, FAMILY | PARTNER)
    yield "juror", Thing(str(cast.paul.id), FAMILY)
    decided = applied(opened("Decide", cast.ada, cast.paul))
    for person in (cast.ada, cast.paul):
        scoring.declare(session, decided, scoring.Conflict.OTHER, by=person, at=NOW)
    verdict = {decided.code: deliberating.Verdict(applications.Outcome.ACCEPTED, 1)}
    minutes = deliberating.deliberate(session, decided.call, verdict, [cast.paul], by=cast.ada, at=NOW)
    yield "decided_call", Thing(decided.call.code, FAMILY)
    yield "minutes", Thing(minutes.label, FAMILY)
    read = [one.code for one in waiting_requests(session, cast.pole)]
    sitting = committee.decide(session, cast.pole, read, {}, [cast.paul], by=cast.ada, at=NOW)
    yield "committee_minutes", Thing(sitting.label, FAMILY)


def _network(session: Session, cast: Cast, world: str) -> Iterator[tuple[str, Thing]]:
    yield "person", Thing(str(cast.kim.id), NETWORK)
    membership = session.scalars(select(Membership).where(Membership.person_id == cast.kim.id)).one()
    yield "membership", Thing(str(membership.id), NETWORK)
    token, _secret = make_token(session, canary(world, "Token"), ["machines:read"], cast.workshop, by=None, at=NOW)
    yield "token", Thing(str(token.id), NETWORK)
    for name in ("pole", "workshop", "donor", "partner"):
        yield f"{name}_id", Thing(str(getattr(cast, name).id), ALL)
    yield "driver_id", Thing(str(cast.theo.id), ALL)


def _api(session: Session, casts: dict[str, Cast]) -> Iterator[tuple[str, str]]:
    ours = casts[OURS]

    def token(where: Organisation, *scopes: str, ends: timedelta | None = None, answers: Person | None = None) -> str:
        expires = None if ends is None else NOW + ends
        return make_token(
            session, "reader", list(scopes), where, by=None, at=ours.at, expires_at=expires, answers=answers
        )[1]

    yield "ours", token(ours.workshop, "machines:read")
    yield "our pole", token(ours.pole, "machines:read")
    yield "our donor", token(ours.donor, "machines:read")
    yield "our partner", token(ours.partner, "machines:read")
    yield "elsewhere", token(casts[ELSEWHERE].workshop, "machines:read")
    yield "another scope", token(ours.workshop, "evidence:write", answers=ours.sam)
    yield "expired", token(ours.workshop, "machines:read", ends=timedelta(seconds=-1))
    yield "ends now", token(ours.workshop, "machines:read", ends=timedelta(0))
    made, secret = make_token(session, "gone", ["machines:read"], ours.workshop, by=None, at=ours.at)
    made.revoked_at = NOW - timedelta(days=1)
    session.flush()
    yield "revoked", secret
