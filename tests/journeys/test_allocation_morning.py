"""A coordinator's morning: two hundred requests, eighty computers. She sees why, accepts, is refused, decides; a social worker sees it.

Each refusal she meets says what stops her and what to do next, and she does it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.keys import KeyRing
from ordi.machines.journal import record
from ordi.machines.lifecycle import Action
from ordi.machines.machine import Form, Machine
from ordi.parties.households import Contact, open_file
from ordi.parties.organisations import Kind, Nature, found
from ordi.sealing import Sealer
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.prices import set_price
from ordi.sharing.programmes import Programme
from ordi.sharing.requests import Request
from tests.alike import alike
from tests.cast import LONG_AGO, Cast
from tests.factories import a_machine
from tests.journeys.workshop import PASSWORD, PHONE, NewPage, Workshop, cast_of, enter
from tests.sharing.calls import an_association
from tests.sharing.families import a_programme
from web.sign_in.accounts import open_account

pytestmark = pytest.mark.browser

LAPTOPS, DESKTOPS, OF_THE_TOWN = 60, 16, 4
MACHINES = LAPTOPS + DESKTOPS + OF_THE_TOWN
REQUESTS, QUOTA, OVER_QUOTA = 200, 2, 2
DEAR, FAIR = 190_00, 90_00


@dataclass(frozen=True)
class Morning:
    """The requests with something of their own, by what it is."""

    elsewhere: str
    over_quota: str
    priced: str
    of_a_room: str


class Waiting:
    """Files requests, each an hour after the one before, through the verb that everybody goes through."""

    def __init__(self, session: Session, cast: Cast, sealer: Sealer) -> None:
        self.session, self.cast, self.sealer = session, cast, sealer
        self.count = 0

    def family(self, programme: Programme, *needs: str) -> str:
        """One more family's request."""
        at = self._hour()
        contact = Contact(name=f"Famille {self.count}", phone=f"06 39 98 {self.count:05d}", address="")
        home = open_file(self.session, self.cast.partner, contact, sealer=self.sealer, by=self.cast.ines, at=at)
        filing = Filing(programme, needs, household=home, consent=Reading("2026-1", "fr"))
        return file_request(self.session, self.cast.partner, filing, by=self.cast.ines, at=at, sealer=self.sealer).code

    def room(self, programme: Programme) -> str:
        """A public digital space's own request."""
        club, signs = an_association(self.session, self.cast, "EPN du Canal")
        filing = Filing(programme, ("paperwork",))
        return file_request(self.session, club, filing, by=signs, at=self._hour()).code

    def _hour(self) -> datetime:
        self.count += 1
        return self.cast.at + LONG_AGO - timedelta(hours=REQUESTS - self.count)


def the_morning(workshop: Workshop) -> Morning:
    """Eighty computers ready and two hundred requests; Ada and Inès may sign in."""
    now = datetime.now(UTC)
    sealer = KeyRing.open(workshop.server.data / "keys", at=now, create=False).sealer()
    with workshop.session() as session:
        cast = cast_of(session)
        cast.at = now - LONG_AGO
        for name in ("ada", "ines"):
            open_account(session, getattr(cast, name), name, PASSWORD, at=now)
        town = found(session, Kind.DONOR, "Ville de Besançon", parent=cast.pole, at=cast.at, nature=Nature.PUBLIC)
        stock = (
            (Form.LAPTOP, LAPTOPS, cast.donor),
            (Form.DESKTOP, DESKTOPS, cast.donor),
            (Form.ALL_IN_ONE, OF_THE_TOWN, town),
        )
        for form, count, donor in stock:
            alike(session, a_machine(session, cast, form=form, donor=donor, at=now), count - 1)
        one_shape = {"form": "all_in_one", "least_memory_gib": 4}
        families = a_programme(session, cast, "familles", name="Familles")
        few = a_programme(session, cast, "peu", name="Rentrée", quota={"total": QUOTA})
        sold = a_programme(
            session, cast, "vente", name="Locataires", contract="sale", partner_sets_price=True, configuration=one_shape
        )
        there = a_programme(session, cast, "jura", name="Jura", postcodes=("39000",))
        lent = a_programme(
            session, cast, "epn", name="Ordi EPN", holder="association", placed=True, applicant_may_use=False
        )
        set_price(session, cast.partner, sold, FAIR, by=cast.ada, at=now)
        file = Waiting(session, cast, sealer)
        priced = file.family(sold, "paperwork")
        of_a_room = file.room(lent)
        elsewhere = file.family(there, "paperwork")
        over = [file.family(few, "paperwork") for _ in range(QUOTA + OVER_QUOTA)][QUOTA]
        while file.count < REQUESTS:
            file.family(families, "paperwork", *(["laptop"] if file.count % 2 else []))
        return Morning(elsewhere, over, priced, of_a_room)


class Ada:
    """The coordinator before her list."""

    def __init__(self, page: Page, workshop: Workshop) -> None:
        self.page, self.workshop, self.url = page, workshop, workshop.server.url

    def opens(self, path: str = "/sharing/allocations") -> float:
        """Open a page; the seconds until it answered."""
        before = time.monotonic()
        answer = self.page.goto(self.url + path)
        assert answer
        assert answer.ok, f"{path}: {answer.status}"
        return time.monotonic() - before

    def row(self, code: str) -> Locator:
        """The line of a request in the list."""
        return self.page.locator("li.match").filter(
            has=self.page.get_by_role("link", name=f"Demande {code}", exact=True)
        )

    def served(self) -> Locator:
        """The lines with a computer to accept."""
        return self.page.locator("li.match").filter(has=self.page.get_by_role("button", name=re.compile("^Accepter")))

    def is_refused(self, press: Locator, what: str, then: str) -> None:
        """Press; the page says what stops it, and what to do next."""
        press.click()
        expect(self.page.locator("main")).to_contain_text(spaced(what))
        expect(self.page.locator("main")).to_contain_text(spaced(then))

    def meanwhile(self, change: Callable[[Session, Cast], object]) -> None:
        """Somebody else does something, elsewhere."""
        with self.workshop.session() as session:
            change(session, cast_of(session))


def spaced(sentence: str) -> re.Pattern[str]:
    """A sentence, whatever spaces the page puts before its signs."""
    return re.compile(r"\s+".join(re.escape(word) for word in sentence.split()))


def test_two_hundred_requests_and_eighty_computers(own_workshop: Workshop, new_page: NewPage) -> None:
    told = the_morning(own_workshop)
    url = own_workshop.server.url
    ada = Ada(enter(new_page(), url, "ada", "/sharing"), own_workshop)
    page = ada.page

    # Why this one, and why not the next.
    seconds = ada.opens()
    expect(page.locator(".story")).to_contain_text(f"sur {REQUESTS} qui attendent")
    expect(page.locator(".story")).to_contain_text(f"avec {MACHINES} ordinateurs prêts")
    first = ada.served().filter(has_text="Portable").filter(has_text="CCAS de Planoise").first
    first.get_by_text("Pourquoi celui-ci ?").click()
    for heading in ("Pourquoi cette demande ici", "L’ordinateur convient", "Pourquoi pas le suivant"):
        expect(first.get_by_role("heading", name=heading)).to_be_visible()
    expect(first.locator(".reasons li").last).to_be_visible()

    # Accepted one by one.
    kept = []
    for _ in range(3):
        line = ada.served().filter(has_text="Portable").filter(has_text="CCAS de Planoise").first
        code = line.get_by_role("heading", level=2).inner_text().removeprefix("Demande ").strip()
        line.get_by_role("button", name=re.compile("^Accepter")).click()
        expect(page.get_by_text(re.compile(f"est gardé pour la demande {code}"))).to_be_visible()
        kept.append(code)

    # A computer went back to the bench while she read.
    line = ada.served().filter(has_text="Portable").filter(has_text="CCAS de Planoise").first
    tag = line.locator("input[name=tag]").get_attribute("value")
    ada.meanwhile(
        lambda session, cast: record(session, the_machine(session, tag), Action.REOPEN, by=cast.sam, at=now())
    )
    button = line.get_by_role("button", name=re.compile("^Accepter"))
    ada.is_refused(button, f"{tag} n’est pas prêt.", "Choisissez un ordinateur prêt, ou voyez avec l’atelier.")

    # The landlord raised its price above the cap of what a town gave.
    ada.opens(f"/sharing/requests/{told.priced}/machines")
    ada.meanwhile(lambda session, cast: the_price(session, cast, told.priced, DEAR))
    dear = page.get_by_role("button", name=re.compile("^Attribuer")).first
    ada.is_refused(
        dear, "vient d’un donateur public : il se vend", "Baissez le prix, ou choisissez un autre ordinateur."
    )
    ada.meanwhile(lambda session, cast: the_price(session, cast, told.priced, FAIR))
    ada.opens(f"/sharing/requests/{told.priced}/machines")
    page.get_by_role("button", name=re.compile("^Attribuer")).first.click()
    expect(page.get_by_text(re.compile(f"est gardé pour la demande {told.priced}"))).to_be_visible()

    # A public digital space puts computers at others' disposal: it does not use them itself.
    ada.opens(f"/sharing/requests/{told.of_a_room}/follow")
    says_who(page, "EPN du Canal")
    ada.is_refused(
        page.get_by_role("button", name="Noter le lieu"),
        "Qui demande ne se sert pas de ces ordinateurs : ils sont pour un partenaire.",
        "Dites quel partenaire les utilisera.",
    )
    ada.opens(f"/sharing/requests/{told.of_a_room}/follow")
    says_who(page, "CCAS de Planoise")
    page.get_by_role("button", name="Noter le lieu").click()
    expect(page.get_by_text("Le placement est noté.")).to_be_visible()

    # The quota is reached, and the list says what then.
    ada.opens()
    over = ada.row(told.over_quota)
    expect(over).to_contain_text("Quota atteint")
    expect(over).to_contain_text(spaced(f"sa limite est de {QUOTA} en tout. La demande garde sa place."))
    expect(over).to_contain_text(spaced("Attendez la prochaine période, ou changez le quota du dispositif."))
    expect(over.get_by_role("button")).to_have_count(0)

    # One lives elsewhere: the list says so, she decides, with a reason, and a computer is proposed.
    outside = ada.row(told.elsewhere)
    expect(outside).to_contain_text("Hors du territoire")
    expect(outside).to_contain_text(spaced(f"Ouvrez la demande {told.elsewhere} : servez-la quand même"))
    outside.get_by_role("link", name=f"Demande {told.elsewhere}", exact=True).click()
    page.get_by_label("La servir quand même, parce que").select_option(index=1)
    page.get_by_role("button", name="Décider").click()
    expect(page.get_by_text("la laisse servir")).to_be_visible()
    ada.opens()
    expect(ada.row(told.elsewhere).get_by_role("button", name=re.compile("^Accepter"))).to_be_visible()

    # All the rest at once, page after page, until every computer that can go has gone.
    pages = 0
    while (everything := page.get_by_role("button", name="Accepter toutes celles de cette page")).count():
        shown = ada.served().count()
        everything.click()
        expect(page.get_by_text(re.compile(f"^{shown} ordinateurs sont gardés"))).to_be_visible()
        pages += 1
    assert pages == 2
    expect(page.locator(".story")).to_contain_text("avec 0 ordinateurs prêts")
    expect(ada.served()).to_have_count(0)
    print(f"/sharing/allocations, {REQUESTS} requests, {MACHINES} computers: {seconds:.2f} s")

    # Inès sees, on her telephone, which of hers is kept, and where the next one stands.
    phone = enter(new_page(**PHONE), url, "ines", "/sharing")
    phone.goto(f"{url}/sharing/requests/{kept[0]}")
    expect(phone.locator("main")).to_contain_text("Ordinateur gardé")
    expect(phone.get_by_role("heading", name="L’ordinateur", exact=True)).to_be_visible()
    phone.goto(f"{url}/sharing/requests/{told.over_quota}")
    waiting = REQUESTS - (MACHINES - 1)
    expect(phone.get_by_text(re.compile(rf"sur {waiting} demandes du pôle"))).to_be_visible()


def now() -> datetime:
    """This instant, as the server has it."""
    return datetime.now(UTC)


def the_machine(session: Session, tag: str | None) -> Machine:
    """The machine with this label."""
    return session.scalars(select(Machine).where(Machine.tag == tag)).one()


def the_price(session: Session, cast: Cast, code: str, cents: int) -> None:
    """The partner organisation asks for another price from now on."""
    request = session.scalars(select(Request).where(Request.code == code)).one()
    set_price(session, request.partner, request.programme, cents, by=cast.ada, at=now())


def says_who(page: Page, operator: str) -> None:
    """Where an organisation's computer stands, and who uses it."""
    page.get_by_label("Qui l’anime ou s’en sert").select_option(label=operator)
    page.get_by_label("Dans quel lieu").fill("Salle du rez-de-chaussée")
