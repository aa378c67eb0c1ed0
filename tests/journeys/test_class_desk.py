"""An afternoon at a desk: a school's list of sixty, brought and opened, handed out in one page that is never loaded again.

Siblings sign once, one label is refused, two children do not come, and in the middle the wire is cut for a while.
Another page is closed while acts wait in it: they are found again, and done once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import func, select

from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from ordi.sharing.class_counts import by_class
from ordi.sharing.class_desks import DeskAct
from ordi.sharing.class_lists import ClassList, open_list
from ordi.sharing.programmes import write
from ordi.sharing.rules import Rules
from tests.ground.network import Wire, wired
from tests.ground.scanner import scan
from tests.journeys.workshop import PASSWORD, PATIENT, PHONE, NewPage, Workshop, cast_of, enter
from web.sign_in.accounts import open_account

pytestmark = pytest.mark.browser

CHILDREN, ABSENT = 60, 2
CUT, MENDED = 20, 30
"""Between these families there is no network."""


@pytest.fixture
def workshop(own_workshop: Workshop) -> Workshop:
    """One for each test: both bring the same school."""
    return own_workshop


@pytest.fixture
def wire(workshop: Workshop) -> Iterator[Wire]:
    """Between the desk and the server."""
    with wired(workshop.server.url) as wire:
        yield wire


def a_file() -> bytes:
    """Sixty children of three classes; the second is the first one's sister, the fourth the third one's."""
    rows = ["Classe;Nom;Prénom;Responsable;Téléphone"]
    for n in range(CHILDREN):
        home = n - (n in (1, 3))
        rows.append(f"CM{n % 3};Nom{home:02d};Élève{n:02d};Parent {home};06 39 98 00 {home:02d}")
    return "\n".join(rows).encode()


def a_school(workshop: Workshop) -> None:
    """Éva of the school, Awa at the desk, and a programme that schools ask under."""
    with workshop.session() as session:
        people = {one.name: one for one in session.scalars(select(Person))}
        cast = cast_of(session)
        for name, username in (("Éva Lopez", "eva"), ("Awa Diop", "awa")):
            open_account(session, people[name], username, PASSWORD, at=cast.at)
        rules = Rules(code="rentree", name="Rentrée", contract="gift", requesters=("school",), open_from=cast.at.date())
        write(session, cast.workshop.parent, rules, at=cast.at)


def bring(page: Page, url: str) -> None:
    """Éva sees what the file would do, then writes it."""
    enter(page, url, "eva", "/classes/import")
    page.get_by_label("Nom de la liste").fill("Rentrée")
    page.locator("#programme").select_option(label="Rentrée, CCAS de Planoise")
    page.locator("#file").set_input_files({"name": "liste.csv", "mimeType": "text/csv", "buffer": a_file()})
    page.get_by_role("button", name="Voir ce que cela changerait").click()
    page.get_by_role("button", name="Écrire 60 enfants").click()
    expect(page.get_by_text("60 enfants sont sur la liste")).to_be_visible()


def find(page: Page, name: str) -> None:
    """Type a name; open the first child found."""
    page.locator("[data-who]").fill(name)
    page.locator("[data-found] button:not([disabled])").first.click()
    expect(page.locator("[data-family]")).to_be_visible()


def sign(page: Page) -> None:
    """Draw with a finger, then hand over."""
    page.locator("canvas").evaluate("one => one.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = page.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Remettre").click()
    expect(page.locator("[data-find]")).to_be_visible()


def test_sixty_computers_in_one_afternoon(workshop: Workshop, wire: Wire, new_page: NewPage) -> None:
    a_school(workshop)
    bring(new_page(), workshop.server.url)
    tags = workshop.machines(State.READY, CHILDREN - ABSENT)
    (unready,) = workshop.machines(State.RECEIVED, 1)
    with workshop.session() as session:
        the_list = session.scalars(select(ClassList)).one()
        number, ada = the_list.id, cast_of(session).ada
        open_list(session, the_list, by=ada, at=the_list.at)

    page = enter(new_page(**PHONE), wire.url, "awa", f"/classes/{number}/desk")
    expect(page.locator("[data-desk][data-ready]")).to_be_attached(timeout=PATIENT)
    label = f"{wire.url}/M/".upper()

    find(page, "ELEVE59 nom")  # a label of a computer that is not ready: refused, said, and the child still waits
    scan(page, label + unready)
    sign(page)
    expect(page.locator("[data-refusal-list]")).to_contain_text(unready, timeout=PATIENT)
    page.locator("[data-answer-close]").click()
    page.locator("[data-refusal-list] button").click()
    expect(page.locator("[data-given]")).to_have_text("0")

    left, families = list(tags), [n for n in range(CHILDREN - ABSENT) if n not in (1, 3)]
    for turn, child in enumerate(families):
        if turn == CUT:
            expect(page.locator("[data-waiting]")).to_have_text("0", timeout=PATIENT)
            wire.cut()
        if turn == MENDED:
            expect(page.locator("[data-bar]")).to_be_visible(timeout=PATIENT)
            expect(page.locator("[data-waiting]")).to_have_text(str(MENDED - CUT))
            wire.mend()
        find(page, f"nom{child:02d} élève{child:02d}")
        for _ in range(page.locator("[data-children] > *").count()):
            scan(page, label + left.pop())
        expect(page.locator("[data-children] input[type=text]").last).not_to_have_value("")
        sign(page)
    assert left == []
    expect(page.locator("[data-given]")).to_have_text(str(CHILDREN - ABSENT))
    expect(page.locator("[data-bar]")).to_be_hidden(timeout=PATIENT)
    expect(page.locator("[data-waiting]")).to_have_text("0", timeout=PATIENT)
    page.get_by_role("button", name="Terminer la journée").click()
    expect(page.get_by_text("2 enfants ne sont pas venus")).to_be_visible()
    with workshop.session() as session:
        counts = by_class(session, session.get_one(ClassList, number))
        assert sum(one.given for one in counts) == CHILDREN - ABSENT
        assert sum(one.absent for one in counts) == ABSENT
        given = select(func.count()).where(Machine.state == State.HANDED_OVER, Machine.tag.in_(tags))
        assert session.scalar(given) == CHILDREN - ABSENT


def open_a_desk(context: BrowserContext, wire: Wire, number: int) -> Page:
    """A page of the same telephone, once it has heard who is expected."""
    page = context.new_page()
    page.goto(f"{wire.url}/classes/{number}/desk")
    expect(page.locator("[data-desk][data-ready]")).to_be_attached(timeout=PATIENT)
    return page


def hand(page: Page, wire: Wire, child: int, tags: list[str]) -> None:
    """One family is served, whatever the network does."""
    find(page, f"nom{child:02d} élève{child:02d}")
    for _ in range(page.locator("[data-children] > *").count()):
        scan(page, f"{wire.url}/M/".upper() + tags.pop())
    expect(page.locator("[data-children] input[type=text]").last).not_to_have_value("")
    sign(page)


def test_a_page_closed_without_a_network_has_lost_nothing_and_does_nothing_twice(
    workshop: Workshop, wire: Wire, new_page: NewPage
) -> None:
    a_school(workshop)
    bring(new_page(), workshop.server.url)
    left = workshop.machines(State.READY, 4)
    tags = list(left)
    with workshop.session() as session:
        the_list = session.scalars(select(ClassList).order_by(ClassList.id.desc()).limit(1)).one()
        number, ada = the_list.id, cast_of(session).ada
        open_list(session, the_list, by=ada, at=the_list.at)

    page = enter(new_page(**PHONE), wire.url, "awa", f"/classes/{number}/desk")
    phone = page.context
    expect(page.locator("[data-desk][data-ready]")).to_be_attached(timeout=PATIENT)
    wire.deaf = True  # the server does what is asked, and its answer is lost
    hand(page, wire, 5, left)
    until(lambda: told(workshop, number) == 1)
    wire.cut()
    wire.deaf = False
    hand(page, wire, 0, left)  # with a sister: two machines
    hand(page, wire, 7, left)
    expect(page.locator("[data-kept]")).to_be_visible(timeout=PATIENT)
    page.close()

    wire.mend()
    home = phone.new_page()
    home.goto(f"{wire.url}/classes")
    expect(home.locator("[data-desk-queue]")).to_be_visible()
    assert told(workshop, number) == 1, "nothing leaves before somebody opens the desk again"
    home.get_by_role("link", name="Ouvrir la table").click()
    expect(home.locator("[data-given]")).to_have_text("4", timeout=PATIENT)
    for _ in range(2):
        expect(home.locator("[data-bar]")).to_be_hidden(timeout=PATIENT)
        expect(home.locator("[data-waiting]")).to_have_text("0", timeout=PATIENT)
        home.close()
        home = open_a_desk(phone, wire, number)
        expect(home.locator("[data-given]")).to_have_text("4")
    assert told(workshop, number) == 4
    with workshop.session() as session:
        given = select(func.count()).where(Machine.state == State.HANDED_OVER, Machine.tag.in_(tags))
        assert session.scalar(given) == 4


def told(workshop: Workshop, number: int) -> int:
    """Machines that desks of a list said they gave, as the server knows it."""
    with workshop.session() as session:
        return session.scalar(select(func.count()).where(DeskAct.list_id == number)) or 0


def until(holds: Callable[[], bool]) -> None:
    """Wait until something is so. Fails after a minute."""
    last = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.05)
