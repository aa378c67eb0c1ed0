"""Invented families: names nobody bears, numbers that ring nowhere (01 99 00 is kept for fiction), and what they ask for."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from ordi.demonstration.network import Network, Partner
from ordi.parties.households import Contact, open_file
from ordi.sealing import Sealer
from ordi.sharing.consents import CURRENT_TEXT
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.needs import COMFORTS, USES
from ordi.sharing.requests import Request

_FIRST = ("Alba", "Bilal", "Célia", "Doan", "Esma", "Farid", "Gaëlle", "Hamid", "Ilona", "Joris", "Kenza", "Lamine")
_LAST = ("Ombreval", "Tissandre", "Valcombe", "Merlivaux", "Karsenoy", "Brunelle-Roche", "Zafirion", "Quervoal")
_LANGUAGES = ("fr", "fr", "fr", "fr", "ar", "uk", "tr")
_PROGRAMMES = ("ecole", "ecole", "emploi", "emploi", "emploi")
WAITING = 24


class Families:
    """Files families and their requests, one after the other."""

    def __init__(self, session: Session, network: Network, sealer: Sealer, random: Random, *, at: datetime) -> None:
        self._session, self._network, self._sealer, self._random, self._at = session, network, sealer, random, at
        self._count = 0

    def ask(self, partner: Partner, *, at: datetime) -> Request:
        """A new family of this partner organisation asks for a computer."""
        random = self._random
        self._count += 1
        programme = self._network.programmes[random.choice(_PROGRAMMES)]
        language = random.choice(_LANGUAGES)
        contact = Contact(
            name=f"{random.choice(_FIRST)} {random.choice(_LAST)}",
            phone=f"01 99 00 {self._count // 100:02d} {self._count % 100:02d}",
            language=language,
        )
        household = open_file(
            self._session, partner.organisation, contact, sealer=self._sealer, by=partner.worker, at=at
        )
        needs = (random.choice(USES), *random.sample(COMFORTS[:6], random.randint(0, 2)))
        facts = [code for code in programme.weights if code not in programme.required and random.random() < 0.5]
        filing = Filing(
            programme=programme,
            needs=tuple(str(need) for need in needs),
            attested=(*programme.required, *facts),
            household=household,
            consent=Reading(CURRENT_TEXT, language),
        )
        return file_request(self._session, partner.organisation, filing, by=partner.worker, at=at)

    def wait(self, *, at: datetime) -> None:
        """Families who still wait."""
        partners = list({id(p): p for room in self._network.workshops for p in room.partners}.values())
        for number in range(WAITING):
            partner = partners[number % len(partners)]
            self.ask(partner, at=at - timedelta(days=self._random.randint(0, 60), hours=self._random.randint(1, 9)))
