"""Walking a lot of computers from the donor's door to where each of them stands now, verb by verb."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from random import Random

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from ordi.bench.cleaning import clean
from ordi.bench.destruction import How, WhyDestroyed, destroy_drive
from ordi.bench.diagnosis import diagnose, grade, propose, questions
from ordi.bench.dismantling import dismantle, recycle
from ordi.bench.holding import Hold, hold
from ordi.bench.loose_drives import Why, remove_drive
from ordi.bench.photos import add_photo
from ordi.bench.reinstall import reinstall
from ordi.bench.release import release_to_stock
from ordi.bench.repairs import MINUTES, Change, repair
from ordi.bench.tasks import Work, open_tasks
from ordi.bench.triage import Decision, Reason, triage
from ordi.demonstration.afterwards import Afterwards
from ordi.demonstration.families import Families
from ordi.demonstration.gifts import End, Gift
from ordi.demonstration.hardware import told
from ordi.demonstration.hours import working
from ordi.demonstration.losses import missing
from ordi.demonstration.network import Network, Workshop
from ordi.demonstration.pictures import drilled, scratched
from ordi.demonstration.proofs import certify
from ordi.demonstration.wiping import begin, inventory, wipe
from ordi.giving.collections import Missing, collect, promised_in
from ordi.giving.offers import accept, offer
from ordi.giving.reception import close, receive
from ordi.keys import KeyRing
from ordi.machines.checks import Check, Result
from ordi.machines.drive import open_sightings
from ordi.machines.machine import Machine
from ordi.machines.profiles import PROFILES, fits
from ordi.parties.people import Person

LONGEST_WIPES = timedelta(hours=12)
"""Two of the slowest drive: what comes before a wipe happens early enough for its end to be in the past."""

_SIRET = "73282932000074"
_KEPT = frozenset(End) - {End.RECEIVED, End.REFUSED, End.DISMANTLED, End.RECYCLED, End.LOST}
_WIPED = _KEPT - {End.SORTED, End.FAILED, End.WIPING}
_TRIED = _WIPED - {End.SANITISED, End.HELD}
_INSTALLED = _TRIED - {End.TRIED}
_STOCKED = _INSTALLED - {End.REINSTALLED}
_BREAKS = (Check.SCREEN, Check.KEYBOARD, Check.BATTERY, Check.SOUND, Check.BIOS_LOCK)
_AFTER = {End.ALLOCATED, End.HANDED_OVER, End.TAKEN_BACK}


class Lives:
    """Walks gifts, one after the other."""

    def __init__(
        self, session: Session, network: Network, families: Families, ring: KeyRing, random: Random, *, at: datetime
    ) -> None:
        self._session, self._random, self._ring, self._end = session, random, ring, at
        self._latest = at - timedelta(minutes=5)
        self._signature = _ink()
        self._afterwards = Afterwards(session, families, self._signature, random, at=at)
        self._programmes = network.programmes

    def walk(self, gift: Gift) -> None:
        """One gift, from its offer to where each computer stands."""
        session, workshop, at = self._session, gift.workshop, gift.offered_at
        made = offer(session, gift.donor, gift.counts, by=gift.contact, at=at)
        at = max(at, self._at(at + timedelta(hours=self._random.randint(2, 20))))
        lot = accept(
            session,
            made,
            workshop.organisation,
            workshop.driver,
            (at + timedelta(days=2)).date(),
            by=workshop.coordinator,
            at=at,
            random=self._random,
            demonstration=True,
        )
        if gift.ends[0] == End.PROMISED:
            return
        machines = promised_in(session, lot)
        at = max(at, self._at(at + timedelta(hours=self._random.randint(20, 28))))
        reason = Missing.NOT_FOUND if gift.came < len(machines) else None
        collect(session, lot, count=gift.came, reason=reason, signature=self._signature, by=workshop.driver, at=at)
        if gift.ends[0] == End.COLLECTED:
            return
        at = max(at, self._at(at + timedelta(hours=self._random.randint(2, 6))))
        hands = self._random.choice(workshop.technicians)
        for machine, end in zip(machines[: gift.came], gift.ends, strict=False):
            receive(session, machine, by=hands, at=at)
            at += timedelta(minutes=4)
            self._live(machine, end, workshop, hands, at)
        if self._random.random() < 0.9:
            close(session, lot, by=workshop.lead, at=at)

    def _live(self, machine: Machine, end: End, workshop: Workshop, hands: Person, at: datetime) -> None:
        """One computer, once received."""
        session, random = self._session, self._random
        self._now, self._latest = at, self._end - LONGEST_WIPES
        if end == End.RECEIVED:
            return
        if end == End.REFUSED:
            triage(session, machine, Decision.REFUSE, Reason.TOO_OLD, by=hands, at=self._later(1, 30))
            return
        if end == End.LOST:
            missing(session, machine, workshop, at=self._later(100, 300), end=self._end)
            return
        if end not in _KEPT:
            self._take_apart(machine, end, workshop, hands)
            return
        triage(session, machine, Decision.KEEP, by=hands, at=self._later(1, 20))
        if end == End.WIPING:
            self._now = max(self._now, self._end - timedelta(minutes=100))
        found = told(random, machine.form)
        bench = inventory(
            session, machine, found, random, by=hands, at=self._now if end == End.WIPING else self._later(1, 20)
        )
        if end == End.WIPING:
            begin(session, bench, 0.2 + 0.7 * random.random(), by=hands, at=self._now, heard=self._end)
            return
        if end == End.SORTED and random.random() < 0.6:
            return
        if end in (End.SORTED, End.FAILED) or random.random() < 0.04:
            wipe(session, bench, random, by=hands, at=self._now, failing=True)
            self._later(5, 7)
            if end in (End.SORTED, End.FAILED):
                return
            bench = inventory(session, machine, found, random, by=hands, at=self._now)
        for proof in wipe(session, bench, random, by=hands, at=self._now):
            certify(session, proof, self._ring)
            self._now = max(self._now, proof.judged_at)
        self._latest = self._end - timedelta(minutes=5)
        if end == End.HELD:
            hold(session, machine, random.choice((Hold.PART, Hold.HOLD)), by=hands, at=self._later(1, 5))
            broken = [one for one in _BREAKS if one in questions(machine)]
            diagnose(session, machine, {broken[machine.id % len(broken)]: Result.FAILED}, by=hands, at=self._now)
        if end in _TRIED:
            self._try_out(machine, hands)
        if end in _INSTALLED:
            profile = random.choice([one for one in PROFILES if fits(one, machine)]).code
            reinstall(session, machine, profile, by=hands, at=self._later(2, 30))
            self._afterwards.prepare(machine, by=hands, at=self._now)
        if end in _STOCKED:
            shelf = f"{random.choice('ABC')}{random.randint(1, 6)}"
            release_to_stock(session, machine, shelf, by=hands, at=self._later(1, 20))
        if end in _AFTER:
            self._afterwards.share(machine, end, workshop, at=self._later(20, 200))

    def _try_out(self, machine: Machine, hands: Person) -> None:
        random = self._random
        found = dict.fromkeys(questions(machine), Result.GOOD)
        for check in (Check.BATTERY, Check.SCREEN, Check.KEYBOARD, Check.CAMERA):
            if check in found and random.random() < 0.25:
                found[check] = Result.WORN
        at = self._later(1, 30)
        if machine.id % 3 == 0:
            add_photo(self._session, machine, scratched(), by=hands, at=at)
        if machine.id % 6 == 0:
            self._mend(machine, hands, at)
        diagnose(self._session, machine, found, by=hands, at=at)
        proposed = propose(self._session, machine).grade
        assert proposed is not None
        grade(self._session, machine, proposed, by=hands, at=at)
        clean(self._session, machine, by=hands, at=self._later(0.3, 3))

    def _mend(self, machine: Machine, hands: Person, at: datetime) -> None:
        """Something failed at first, and was repaired."""
        broken = [one for one in _BREAKS if one in questions(machine)]
        what = broken[machine.id // 6 % len(broken)]
        diagnose(self._session, machine, {what: Result.FAILED}, by=hands, at=at)
        change, minutes = list(Change)[machine.id // 6 % len(Change)], MINUTES[machine.id // 6 % 4]
        for task in [one for one in open_tasks(self._session, machine) if one.kind == Work.REPAIR]:
            repair(self._session, task, change, minutes, by=hands, at=at)

    def _take_apart(self, machine: Machine, end: End, workshop: Workshop, hands: Person) -> None:
        session, random = self._session, self._random
        reason = random.choice((Reason.BROKEN, Reason.TOO_OLD, Reason.PARTS_WANTED))
        triage(session, machine, Decision.DISMANTLE, reason, by=hands, at=self._later(1, 40))
        inventory(session, machine, told(random, machine.form), random, by=hands, at=self._later(1, 10))
        dismantle(session, machine, reason, by=hands, at=self._later(2, 40))
        if end == End.DISMANTLED and random.random() < 0.5:
            return
        witness = next(one for one in workshop.technicians if one is not hands)
        for sighting in open_sightings(session, machine):
            at = self._later(1, 20)
            remove_drive(session, sighting, Why.TO_DESTROY, by=hands, witness=witness, at=at)
            if end == End.RECYCLED:
                at = self._later(1, 20)
                gone = destroy_drive(
                    session,
                    sighting.drive,
                    How.DRILLED,
                    cause=WhyDestroyed.FAULTY,
                    photo=drilled(),
                    by=workshop.lead,
                    witness=witness,
                    at=at,
                )
                certify(session, gone, self._ring)
        if end == End.RECYCLED:
            recycle(
                session,
                machine,
                grams=random.randint(1700, 8200),
                waste_code="16 02 14",
                taker="Filière D3E (fictive)",
                taker_siret=_SIRET,
                by=workshop.lead,
                at=self._later(20, 200),
            )

    def _later(self, least: float, most: float) -> datetime:
        """Some working hours later, never after the demonstration begins."""
        self._now = max(self._now, self._at(self._now + timedelta(hours=self._random.uniform(least, most))))
        return self._now

    def _at(self, moment: datetime) -> datetime:
        return working(moment, self._latest)


def _ink() -> bytes:
    picture = Image.new("L", (150, 50), 255)
    ImageDraw.Draw(picture).line([(8, 40), (40, 8), (70, 36), (100, 12), (142, 30)], fill=16, width=3)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
