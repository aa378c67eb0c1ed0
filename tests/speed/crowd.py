"""Rows for lists, no two alike: each has its own donor, partner, people, lot and family, so that nothing asked for one row
answers for the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from ordi import legal_rules
from ordi.bench.jobs import order_wipe
from ordi.bench.loose_drives import Why, remove_drive
from ordi.fleet import help_requests
from ordi.fleet.alerts import AlertKind, raise_alert
from ordi.giving.collections import collect
from ordi.giving.offers import accept, offer
from ordi.giving.reception import receive_all
from ordi.labels.printers import add_printer
from ordi.labels.printings import Item, Way, print_labels
from ordi.labels.stocks import SHIPPED, save_stock
from ordi.machines.drive import open_sightings
from ordi.machines.journal import record
from ordi.machines.labels import print_free
from ordi.machines.lifecycle import Note, State
from ordi.machines.lots import Lot
from ordi.machines.machine import Form, Machine
from ordi.parties.households import Contact, open_file
from ordi.parties.organisations import Kind, Nature, found
from ordi.parties.people import Role, appoint, welcome
from ordi.parties.tokens import make_token
from ordi.sharing.programmes import write
from ordi.sharing.requests import Request, withdraw
from ordi.sharing.rules import Rules
from ordi.sharing.telling import Telling
from ordi.sharing.telling import tell as tell_family
from tests.bench.benches import Bench, wipe
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.fleet.news import enrolled, news, tell
from tests.ground.clock import NOW
from tests.sharing.families import SEALER, a_promise, a_request

SHEET = SHIPPED["24-70x37"]
STATES = (State.PROMISED, State.RECEIVED, State.SANITISED, State.READY, State.ALLOCATED, State.HANDED_OVER)

More = Callable[[Session, Cast, int], object]
"""`more(session, cast, 3)`: so many rows more."""


def others(session: Session, cast: Cast, *, own_workshop: bool = False) -> Cast:
    """Other people of other places, who do the same in the same pole."""
    tail = uuid4().hex[:6]
    at = cast.at
    workshop = (
        cast.workshop if own_workshop else found(session, Kind.WORKSHOP, f"Atelier {tail}", parent=cast.pole, at=at)
    )
    donor = found(session, Kind.DONOR, f"Don {tail}", parent=cast.pole, at=at, nature=Nature.PUBLIC)
    partner = found(session, Kind.PARTNER, f"CCAS {tail}", parent=cast.pole, at=at)
    held = {
        "sam": (Role.TECHNICIAN, workshop),
        "kim": (Role.TECHNICIAN, workshop),
        "lou": (Role.LEAD, workshop),
        "theo": (Role.DRIVER, workshop),
        "ines": (Role.SOCIAL_WORKER, partner),
        "bruno": (Role.DONOR_CONTACT, donor),
    }
    people = {}
    for name, (role, place) in held.items():
        people[name] = welcome(session, f"{name.title()} {tail}", at=at)
        appoint(session, people[name], role, place, at=at)
    return replace(cast, workshop=workshop, donor=donor, partner=partner, **people)


def machines(session: Session, cast: Cast, count: int) -> None:
    """Machines of many places, in many states."""
    for turn in range(count):
        machine = a_machine(session, others(session, cast), STATES[turn % len(STATES)])
        machine.describe()


def at_our_bench(session: Session, cast: Cast, count: int) -> None:
    """Machines of our workshop, from many donors, touched by many hands; some of each are put aside."""
    for turn in range(count):
        here = others(session, cast, own_workshop=True)
        machine = a_machine(session, here, STATES[1 + turn % 3])
        machine.held_for = "part" if turn % 2 else ""


def in_stock(session: Session, cast: Cast, count: int) -> None:
    """Machines ready, each on a shelf of another workshop."""
    for turn in range(count):
        a_machine(session, others(session, cast), State.READY, shelf=f"A{turn}")


def wipes(session: Session, cast: Cast, count: int) -> None:
    """Drives being wiped."""
    for _ in range(count):
        here = others(session, cast, own_workshop=True)
        machine = a_machine(session, here, State.RECEIVED)
        drive = a_drive(session, machine)
        order_wipe(session, Bench(session, NOW).adopted(machine, here.sam), drive, by=here.sam, at=NOW)


def loose(session: Session, cast: Cast, count: int) -> None:
    """Drives taken out of machines of our workshop."""
    for _ in range(count):
        here = others(session, cast, own_workshop=True)
        machine = a_machine(session, here, State.RECEIVED)
        a_drive(session, machine)
        (sighting,) = open_sightings(session, machine)
        remove_drive(session, sighting, Why.FAULTY, by=here.sam, witness=here.kim, at=NOW)


def sheets(session: Session, cast: Cast, count: int) -> None:
    """Sheets of labels, each printed at another hour for another workshop, on its own printer and paper."""
    for turn in range(count):
        here = others(session, cast)
        made = print_free(session, here.workshop, 2, by=here.lou, at=NOW - timedelta(minutes=turn))
        own = save_stock(session, here.workshop, replace(SHEET, name="Le sien"), by=here.lou, at=NOW).stock
        printer = add_printer(session, here.workshop, name="Bureau", by=here.lou, at=NOW)
        print_labels(
            session,
            here.workshop,
            [Item(one.tag, one.tag) for one in made],
            own,
            Way.PAPER,
            uuid=str(uuid4()),
            kind="free",
            subject=str(made[0].id),
            printer=printer,
            by=here.lou,
            at=NOW,
        )


def lots(session: Session, cast: Cast, count: int) -> None:
    """Offers that wait, offers declined, rounds to drive and lots received, of many donors, driven by our driver."""
    for turn in range(count):
        here = others(session, cast, own_workshop=True)
        offer(session, here.donor, {Form.LAPTOP: 2, Form.DESKTOP: 1}, by=here.bruno, at=NOW)
        for collected in (False, True):
            made = offer(session, here.donor, {Form.LAPTOP: 1}, by=here.bruno, at=NOW)
            lot = accept(session, made, cast.workshop, cast.theo, NOW.date(), by=cast.ada, at=NOW)
            if collected:
                collect(session, lot, count=1, signature=b"png", by=cast.theo, at=NOW)
            if collected and turn % 2:
                receive_all(session, lot, by=cast.sam, at=NOW)


def in_a_lot(lot: Lot, state: State) -> More:
    """Machines of one lot."""

    def more(session: Session, cast: Cast, count: int) -> None:
        for _ in range(count):
            a_machine(session, others(session, cast, own_workshop=True), state, lot=lot)

    return more


def waiting(session: Session, cast: Cast, count: int) -> None:
    """Families of many services that wait under many programmes, some of them sales, and machines of public donors."""
    legal_rules.ship(session)
    for turn in range(count):
        here = others(session, cast)
        a_machine(session, here, State.READY)
        _request(session, here, sale=bool(turn % 2))


def _request(session: Session, here: Cast, *, sale: bool = False) -> Request:
    contract = {"contract": "sale", "price_cents": 60_00} if sale else {"contract": "gift"}
    code = uuid4().hex[:8]
    rules = Rules(code=code, name=f"Essai {code}", open_from=here.at.date(), points={"low-income": 20}, **contract)  # type: ignore[arg-type]
    programme = write(session, here.pole, rules, at=here.at)
    family = open_file(session, here.partner, Contact(name=f"F {code}"), sealer=SEALER, by=here.ines, at=NOW)
    return a_request(session, here, programme, household=family, attested=("low-income",))


def of_our_service(session: Session, cast: Cast, count: int) -> None:
    """Requests of our own service: many families, programmes and people; some served, some given up."""
    legal_rules.ship(session)
    for turn in range(count):
        here = replace(others(session, cast), partner=cast.partner)
        appoint(session, here.ines, Role.SOCIAL_WORKER, cast.partner, at=cast.at)
        request = _request(session, here)
        if turn % 3 == 1:
            a_promise(session, here, a_machine(session, here), request)
        if turn % 3 == 2:
            withdraw(session, request, by=here.ines, at=NOW)


def told(session: Session, cast: Cast, count: int) -> None:
    """Messages to families of many structures, each about another place."""
    legal_rules.ship(session)
    for turn in range(count):
        here = others(session, cast)
        facts: dict[str, object] = {"begins": NOW.isoformat(), "place": here.partner.id}
        tell_family(session, _request(session, here), Telling.BOOKED, facts, about="", once=f"{uuid4()}{turn}", at=NOW)


def withdrawn(session: Session, cast: Cast, count: int) -> None:
    """Machines still kept for families that no longer want one."""
    legal_rules.ship(session)
    for _ in range(count):
        here = others(session, cast)
        promise = a_promise(session, here, a_machine(session, here), _request(session, here))
        withdraw(session, promise.request, by=here.ines, at=NOW)


def in_use(session: Session, cast: Cast, count: int) -> None:
    """Machines with families of many services, which give news, raise alerts and ask for help."""
    for turn in range(count):
        here = others(session, cast)
        machine = a_machine(session, here, State.HANDED_OVER)
        if turn % 3:
            tell(session, enrolled(session, here, machine), news(session, machine))
        raise_alert(session, machine, AlertKind.HEALTH, "watch", {"reasons": []}, at=NOW)
        ticket = help_requests.ask(session, machine, "slow", at=NOW)
        if turn % 2:
            help_requests.take(session, ticket, by=here.sam, at=NOW)


def with_us(session: Session, cast: Cast, count: int) -> None:
    """Machines with families of our own service, which ask for help."""
    for _ in range(count):
        here = replace(others(session, cast), partner=cast.partner, ines=cast.ines)
        machine = a_machine(session, here, State.HANDED_OVER)
        help_requests.ask(session, machine, "slow", at=NOW)


def people(session: Session, cast: Cast, count: int) -> None:
    """People of many places, organisations under many parents, and their tokens."""
    for turn in range(count):
        here = others(session, cast)
        pole = found(session, Kind.POLE, f"Pôle {uuid4().hex[:6]}", parent=cast.network, at=NOW)
        found(session, Kind.WORKSHOP, f"Atelier {turn}", parent=pole, at=NOW)
        make_token(session, f"jeton {turn}", ["machines:read"], here.workshop, by=cast.zoe, at=NOW)


def events_of(machine: Machine) -> More:
    """A longer life, in which many people had a hand."""

    def more(session: Session, cast: Cast, count: int) -> None:
        own = session.get_one(Machine, machine.id)
        for _ in range(count):
            record(session, own, Note.CLEANED, by=others(session, cast, own_workshop=True).sam, at=NOW)

    return more


def drives_of(machine: Machine) -> More:
    """More drives in one machine, every other one proven wiped."""

    def more(session: Session, cast: Cast, count: int) -> None:
        own = session.get_one(Machine, machine.id)
        for turn in range(count):
            here = others(session, cast, own_workshop=True)
            drive = a_drive(session, own)
            if turn % 2:
                wipe(session, own, drive, by=here.sam, at=NOW)

    return more
