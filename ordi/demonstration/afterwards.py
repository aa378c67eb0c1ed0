"""What happens to a computer after the shelf: promised, handed over, giving news, asking for help, coming back."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from ordi.demonstration.families import Families
from ordi.demonstration.gifts import End
from ordi.demonstration.hardware import uuid
from ordi.demonstration.hours import working
from ordi.demonstration.network import Workshop
from ordi.fleet.check_ins import take_check_in
from ordi.fleet.enrolment import Enrolment, enrol, prepare
from ordi.fleet.help_requests import Trouble, ask
from ordi.fleet.swaps import serial_hash
from ordi.journeys.returns import take_back
from ordi.machines.drive import open_sightings
from ordi.machines.machine import Machine
from ordi.papers import PARIS
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation, allocate
from ordi.sharing.appointments import book, miss
from ordi.sharing.desks import Desk, slots
from ordi.sharing.hand_over import Means, OnPaper, Pack, hand_over
from ordi.sharing.packs import pack_of
from ordi.sharing.repairs import Fault, bring_in, mended
from ordi.sharing.requests import Request
from ordi.sharing.take_back import Reason
from ordi.sharing.visit_tickets import Origin, plan_visit, visited
from ordi.sharing.visits import Cause, Finding, Heading

PREPARED = 0.5
"""The share of computers that will give news."""


class Afterwards:
    """Walks computers out of the workshop."""

    def __init__(self, session: Session, families: Families, signature: bytes, random: Random, *, at: datetime) -> None:
        self._session, self._families, self._signature, self._random = session, families, signature, random
        self._end = at
        self._token: str | None = None
        self._met = 0
        self._handed = 0

    def prepare(self, machine: Machine, *, by: Person, at: datetime) -> None:
        """Put a one-time token in some of them."""
        chosen = self._random.random() < PREPARED
        self._token = prepare(self._session, machine, by=by, at=at) if chosen else None

    def share(self, machine: Machine, end: End, workshop: Workshop, *, at: datetime) -> None:
        """A family asked for it: promise it, and as far as it goes."""
        session, random = self._session, self._random
        partner = random.choice(workshop.partners)
        request = self._families.ask(partner, at=at - timedelta(days=random.randint(2, 30)))
        allocation = allocate(session, machine, request, by=workshop.coordinator, at=at)
        if end == End.ALLOCATED:
            self._meet(allocation, partner.worker)
            return
        at = max(at, working(at + timedelta(days=random.uniform(1, 9)), self._end - timedelta(minutes=2)))
        things = tuple(pack_of(machine, request))
        short = self._handed % 9 == 4
        on_paper = OnPaper(at.astimezone(PARIS).date(), partner.worker) if self._handed % 12 == 5 else None
        hand_over(
            session,
            allocation,
            on_paper or self._signature,
            by=partner.worker,
            at=at,
            pack=Pack(things[1:], things[1:2], things[:1]) if short else Pack(things, things[:2]),
            accepts_check_ins=bool(self._token),
            paid_by=Means.CASH,
        )
        if self._token:
            self._news(machine, self._token, at)
        if random.random() < 0.08:
            trouble = random.choice(list(Trouble))
            ask(session, machine, trouble, at=self._before_end(at + timedelta(days=random.uniform(2, 60))))
        self._handed += 1
        if end != End.TAKEN_BACK and self._handed % 20 == 3:
            self._repair(machine, workshop)
        if end != End.TAKEN_BACK and self._handed % 8 == 1:
            self._visit(request, partner.worker, at)
        if end == End.TAKEN_BACK:
            back = max(at + timedelta(days=20), self._end - timedelta(days=random.uniform(1, 30)))
            back = max(at, working(back, self._end - timedelta(minutes=2)))
            take_back(session, allocation, random.choice(list(Reason)), by=workshop.lead, at=back)

    def _repair(self, machine: Machine, workshop: Workshop) -> None:
        """It came to the repair café this week with its family's data; every other one is mended."""
        brought = self._end - timedelta(days=2)
        found = bring_in(self._session, machine, Fault.SLOW, by=workshop.lead, at=brought)
        if self._handed % 40 == 3:
            mended(self._session, found, by=workshop.lead, at=self._end - timedelta(hours=3))

    def _visit(self, request: Request, worker: Person, handed_over: datetime) -> None:
        """Somebody goes there today or these days; one of three was there this morning, as far as the day goes."""
        causes, number = (Cause.BREAKDOWN, Cause.GETTING_STARTED, Cause.CONNECTION), self._handed // 8
        opened = max(handed_over, self._end - timedelta(days=1))
        day = self._end.astimezone(PARIS).date() + timedelta(days=number % 3)
        cause = causes[number % 3]
        words = "Sonner deux fois, troisième étage" if cause == Cause.BREAKDOWN else ""
        ticket = plan_visit(
            self._session,
            request,
            cause,
            day,
            worker,
            words=words,
            sealer=self._families.sealer,
            origin=Origin.CALL,
            by=worker,
            at=opened,
        )
        if number % 3 == 2:
            findings = dict.fromkeys(map(str, Heading), str(Finding.WELL)) | {Heading.PROVIDER: Finding.TO_FOLLOW}
            visited(self._session, ticket, findings, by=worker, at=self._end)

    def _meet(self, allocation: Allocation, worker: Person) -> None:
        """Most of those whose machine waits have a moment; one of the first did not come."""
        session, place = self._session, allocation.machine.workshop
        self._met += 1
        if self._met % 4 == 0:
            return
        made = self._end - timedelta(days=8 if self._met % 4 == 1 else 1)
        desk = session.get(Desk, place.id)
        free = slots(session, desk, made.date() + timedelta(days=2), 14, at=made) if desk else []
        if not free:
            return
        booked = book(session, allocation, place, free[0].begins, by=worker, at=made)
        if booked.begins < self._end and self._met % 8 == 1:
            miss(session, booked, by=worker, at=self._end)

    def _news(self, machine: Machine, token: str, at: datetime) -> None:
        random = self._random
        at = self._before_end(at + timedelta(hours=random.uniform(2, 40)))
        enrolment = enrol(self._session, token=token, public_key=random.randbytes(32), uuid=uuid(random), at=at)
        drive = open_sightings(self._session, machine)[0].drive
        told = {"name": "sda", "model": drive.model, "serial_hash": serial_hash(drive.serial), "passed": True}
        worn = random.random()
        told |= {"reallocated": 0, "pending": 0, "offline_uncorrect": 0, "reported_uncorrect": 0}
        silent = random.random() < 0.15
        last = at + timedelta(days=4) if silent else self._end - timedelta(hours=random.uniform(2, 30))
        for number, moment in enumerate(sorted({at, max(at, self._before_end(last))})):
            if worn < 0.06 and number:
                told |= {"pending": 24, "offline_uncorrect": 3}
            self._tell(enrolment, told, 41 if 0.06 < worn < 0.18 and number else 46, moment)

    def _tell(self, enrolment: Enrolment, drive: dict[str, object], full: int, at: datetime) -> None:
        random = self._random
        payload = {
            "agent": "0.1.0",
            "at": at.isoformat(),
            "uptime_s": random.randint(600, 30_000),
            "cpu_percent": random.randint(2, 30),
            "memory_percent": random.randint(25, 70),
            "disk_percent": random.randint(18, 60),
            "battery": {
                "percent": random.randint(30, 100),
                "full": full - (20 if full == 41 else 0),
                "full_design": 50,
            },
            "drives": [drive],
            "absences": [],
        }
        counter = enrolment.counter + 1
        take_check_in(self._session, enrolment, uuid=uuid(random), counter=counter, payload=payload, at=at)

    def _before_end(self, moment: datetime) -> datetime:
        return min(moment, self._end - timedelta(minutes=2))
