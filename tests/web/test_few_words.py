"""Each screen of the bench asks in twelve words at most.

Counted: what a person must read to know what to do. That is the text of the screen's own part and of its dock, without: what is
hidden or folded away, what only a screen reader says, the machine's own facts (its label, drives, lights and life with their headings, its workshop's name), and the
choices themselves, each of which is a button with its pictogram, read one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench.loose_drives import Why, remove_drive
from ordi.machines.drive import open_sightings
from ordi.machines.labels import print_free
from ordi.machines.lifecycle import State
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW
from web.sign_in.devices import register

Enter = Callable[[Person], TestApp]

MOST = 12
NOT_READ = "noscript, [hidden], template, script, .sr, [role=dialog], .ribbon"
FACTS = ".tag, .state, .beside, .lights, .drives, .timeline, .facts, .lines, .notice[data-answer], .pictograms, .count, .progress"
CHOICES = ".big-rows, .big-row, .choices, .filters, .tasks, .picture-grid, .dots, .scan, .answer, .why, input, select"

pytestmark = pytest.mark.usefixtures("app")


def words_of(html: str) -> list[str]:
    """What the screen asks, word by word."""
    page = BeautifulSoup(html, "html.parser")
    main = page.select_one("main")
    assert main
    for fold in main.select("details:not([open])"):
        for part in fold.find_all(recursive=False):
            if part.name != "summary":
                part.decompose()
    for part in main.select(", ".join(f"section:has(> {facts}) > h2" for facts in (".lights", ".drives", ".timeline"))):
        part.decompose()
    for part in main.select(f"{NOT_READ}, {FACTS}, {CHOICES}"):
        part.decompose()
    return re.findall(r"\w[\w’'-]*", " ".join(main.get_text(" ").split()))


OF_A_MACHINE = {
    "/bench/{}": State.RECEIVED,
    "/bench/{}/triage": State.RECEIVED,
    "/bench/{}/diagnosis": State.SANITISED,
    "/bench/{}/drives": State.RECEIVED,
    "/bench/{}/hold": State.SANITISED,
    "/bench/{}/dismantle": State.RECEIVED,
    "/bench/{}/reinstall": State.SANITISED,
    "/bench/{}/release": State.REINSTALLED,
    "/bench/{}/shelf": State.READY,
    "/bench/{}/lose": State.READY,
    "/machines/{}/wipe": State.RECEIVED,
}
OTHERS = (
    "/bench",
    "/bench/series",
    "/machines/scan",
    "/machines/scan/try",
    "/giving/receive",
    "/sign-in/my-badge",
    "/bench/loose-drives",
)


@pytest.mark.parametrize(("path", "state"), OF_A_MACHINE.items())
def test_a_screen_about_one_machine_asks_in_twelve_words(
    session: Session, cast: Cast, enter: Enter, path: str, state: State
) -> None:
    machine = a_machine(session, cast, state)
    session.commit()
    said = words_of(enter(cast.lou).get(path.format(machine.tag)).text)
    assert len(said) <= MOST, said


@pytest.mark.parametrize("path", OTHERS)
def test_a_screen_asks_in_twelve_words(session: Session, cast: Cast, enter: Enter, path: str) -> None:
    a_machine(session, cast, State.COLLECTED)
    session.commit()
    said = words_of(enter(cast.sam).get(path).text.replace(cast.workshop.name, ""))
    assert len(said) <= MOST, said


def test_new_labels_and_drives_ask_in_twelve_words(session: Session, cast: Cast, enter: Enter) -> None:
    (label,) = print_free(session, cast.workshop, 1, by=cast.sam, at=NOW)
    machine = a_machine(session, cast, State.RECEIVED)
    drive = a_drive(session, machine)
    (inside,) = [one for one in open_sightings(session, machine) if one.drive_id == drive.id]
    remove_drive(session, inside, Why.TO_DESTROY, by=cast.sam, witness=cast.kim, at=NOW)
    session.commit()
    for who, path in ((cast.sam, f"/giving/intake/{label.tag}"), (cast.lou, f"/bench/loose-drives/{drive.id}/destroy")):
        said = words_of(enter(who).get(path).text)
        assert len(said) <= MOST, (path, said)


def test_the_door_for_gloves_asks_in_twelve_words(session: Session, cast: Cast, visitor: TestApp) -> None:
    _device, token = register(session, cast.workshop, "Tablette", by=cast.lou, at=NOW)
    session.commit()
    visitor.set_cookie("ordi-device", token)
    said = words_of(visitor.get("/sign-in/badge").text)
    assert len(said) <= MOST, said
