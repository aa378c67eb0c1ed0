"""Invented families: names nobody bears, numbers that ring nowhere (06 39 98 is kept for fiction), and what they ask for."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from ordi.demonstration.network import Network, Partner
from ordi.parties.households import Contact, open_file
from ordi.parties.organisations import Organisation, pole_of
from ordi.places.communes import districts_of
from ordi.sealing import Sealer
from ordi.sharing.connections import connect
from ordi.sharing.consents import CURRENT_TEXT
from ordi.sharing.facts import QPV
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.inviting import invite, set_meeting, write_letters
from ordi.sharing.levels import Gesture, Onward, keep_level, review
from ordi.sharing.living import Living
from ordi.sharing.needs import COMFORTS, USES
from ordi.sharing.programmes import write
from ordi.sharing.requests import Qpv, Reach, Request
from ordi.sharing.seats import Leaving, enlist, leave
from ordi.sharing.shipped import example
from ordi.sharing.training import WAY, advance, certify, note_attendance, open_group

_FIRST = ("Alba", "Bilal", "Célia", "Doan", "Esma", "Farid", "Gaëlle", "Hamid", "Ilona", "Joris", "Kenza", "Lamine")
_LAST = ("Ombreval", "Tissandre", "Valcombe", "Merlivaux", "Karsenoy", "Brunelle-Roche", "Zafirion", "Quervoal")
_LANGUAGES = ("fr", "fr", "fr", "fr", "ar", "uk", "tr", "pt")
_REACHES = (Reach.SMS, Reach.SMS, Reach.MAIL, Reach.LETTER, Reach.CALL, Reach.IN_PERSON)
_PROGRAMMES = ("ecole", "ecole", "emploi", "emploi", "emploi")
WAITING = 24
LEARNERS = 8
WAITING_FOR_A_SEAT = 2
BEGINNERS = 4


class Families:
    """Files families and their requests, one after the other."""

    def __init__(self, session: Session, network: Network, sealer: Sealer, random: Random, *, at: datetime) -> None:
        self._session, self._network, self.sealer, self._random, self._at = session, network, sealer, random, at
        self._count = 0

    def ask(self, partner: Partner, *, at: datetime, programme: str = "") -> Request:
        """A new family of this partner organisation asks for a computer."""
        random = self._random
        self._count += 1
        asked = self._network.programmes[programme or random.choice(_PROGRAMMES)]
        language = random.choice(_LANGUAGES)
        contact = Contact(
            name=f"{random.choice(_FIRST)} {random.choice(_LAST)}",
            phone=f"06 39 98 {self._count // 100:02d} {self._count % 100:02d}",
            email=f"famille{self._count}@exemple.invalid",
            address=f"{1 + self._count % 90} rue des Lilas, {partner.organisation.postcode} {partner.organisation.commune}",
            language=language,
        )
        household = open_file(
            self._session, partner.organisation, contact, sealer=self.sealer, by=partner.worker, at=at
        )
        needs = (random.choice(USES), *random.sample(COMFORTS[:6], random.randint(0, 2)))
        facts = [code for code in asked.weights if code not in (*asked.required, QPV) and random.random() < 0.5]
        filing = Filing(
            programme=asked,
            needs=tuple(str(need) for need in needs),
            attested=(*(one for one in asked.required if one != QPV), *facts),
            living=self._living(partner.organisation),
            household=household,
            consent=Reading(CURRENT_TEXT, language),
            reach=_REACHES[self._count % len(_REACHES)],
        )
        return file_request(self._session, partner.organisation, filing, by=partner.worker, at=at)

    def _living(self, partner: Organisation) -> Living:
        """Somewhere in the commune of the partner or of its pole: a third in its first priority district, a third not, a third unknown."""
        commune = partner.commune_code or pole_of(partner).commune_code
        there = districts_of(self._session, commune)
        answer = (Qpv.YES, Qpv.NO, Qpv.UNKNOWN)[self._count % 3]
        return Living(commune, answer, there[0].code if there and answer == Qpv.YES else "")

    def learn(self, partner: Partner, pole: Organisation, *, at: datetime) -> None:
        """A group of learners in the middle of its sessions, some without a computer of ours."""
        session, worker = self._session, partner.worker
        for code in ("ateliers", "kerourien", "toit-angevin"):
            rules = example(code)
            assert rules
            self._network.programmes[code] = write(
                session, pole, rules.model_copy(update={"open_from": (at - timedelta(days=480)).date()}), at=at
            )
        begins = [
            (at + timedelta(days=7 * (n - 4))).replace(hour=9, minute=0, second=0, microsecond=0) for n in range(10)
        ]
        programme = self._network.programmes["ateliers"]
        group = open_group(
            session, partner.organisation, programme, begins, by=worker, at=at - timedelta(days=40), places=LEARNERS
        )
        places = [
            enlist(
                session, group, self.ask(partner, at=at - timedelta(days=39), programme="ateliers"), by=worker, at=at
            )
            for _ in range(LEARNERS)
        ]
        for place in places[:-2]:
            for step in WAY[1:]:
                advance(session, place, step, by=worker, at=at - timedelta(days=30))
        for number, meeting in enumerate(group.sessions[:4]):
            came = [place.id for n, place in enumerate(places[:-2]) if (n + number) % 4]
            note_attendance(session, meeting, came, by=worker, at=max(at, meeting.begins))
        levels = programme.rules.training.levels if programme.rules.training else ()
        for number, place in enumerate(places[:-1]):
            keep_level(session, place.request, levels[number % len(levels)], by=worker, at=at)
        for _ in range(WAITING_FOR_A_SEAT):
            enlist(session, group, self.ask(partner, at=at, programme="ateliers"), by=worker, at=at)
        leave(session, places[-3], Leaving.HOURS, by=worker, at=at)
        set_meeting(
            session,
            group,
            (at + timedelta(days=5)).replace(hour=14, minute=0, second=0, microsecond=0),
            by=worker,
            at=at,
        )
        self._begin_a_group(partner, at=at)
        self._certify_past_group(partner, at=at - timedelta(days=30))
        self._certify_past_group(partner, at=at - timedelta(days=400))
        connect(session, self.ask(partner, at=at - timedelta(days=50), programme="kerourien"), by=worker, at=at)

    def _certify_past_group(self, partner: Partner, *, at: datetime) -> None:
        """A group whose sessions are over: one person has the certificate."""
        session, worker = self._session, partner.worker
        begins = [
            (at - timedelta(days=3 * n + 1)).replace(hour=14, minute=0, second=0, microsecond=0) for n in range(10)
        ]
        begun = begins[-1] - timedelta(days=9)
        asked = self.ask(partner, at=begun, programme="ateliers")
        programme = self._network.programmes["ateliers"]
        group = open_group(session, partner.organisation, programme, begins, by=worker, at=begun)
        place = enlist(session, group, asked, by=worker, at=begun)
        for step in WAY[1:]:
            advance(session, place, step, by=worker, at=begun)
        for meeting in group.sessions:
            note_attendance(session, meeting, [place.id], by=worker, at=meeting.begins)
        certify(session, place, by=worker, at=at)
        review(session, place, list(Gesture)[:5], Onward.ANOTHER_GROUP, by=worker, at=at)

    def _begin_a_group(self, partner: Partner, *, at: datetime) -> None:
        """A group still on its way: some have the letter and wait for the meeting, some committed themselves and are invited."""
        session, worker = self._session, partner.worker
        afternoon = at.replace(hour=14, minute=0, second=0, microsecond=0)
        begins = [afternoon + timedelta(days=14 + 7 * n) for n in range(10)]
        group = open_group(
            session, partner.organisation, self._network.programmes["ateliers"], begins, by=worker, at=at
        )
        for _ in range(BEGINNERS):
            enlist(session, group, self.ask(partner, at=at, programme="ateliers"), by=worker, at=at)
        set_meeting(session, group, afternoon + timedelta(days=6), by=worker, at=at)
        write_letters(session, group, by=worker, at=at)
        for place in group.members[:2]:
            for step in WAY[2:]:
                advance(session, place, step, by=worker, at=at)
        invite(session, group, by=worker, at=at)
        enlist(session, group, self.ask(partner, at=at, programme="ateliers"), by=worker, at=at)

    def wait(self, *, at: datetime) -> None:
        """Families who still wait."""
        partners = list({id(p): p for room in self._network.workshops for p in room.partners}.values())
        for number in range(WAITING):
            partner = partners[number % len(partners)]
            self.ask(partner, at=at - timedelta(days=self._random.randint(0, 60), hours=self._random.randint(1, 9)))
        first = self._network.workshops[0]
        self.learn(first.partners[0], pole_of(first.organisation), at=at)
