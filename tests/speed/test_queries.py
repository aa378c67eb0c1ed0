"""Every list asks the database as often for thirty rows as for three, whoever and wherever each row is of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.giving.offers import accept, offer
from ordi.machines.lifecycle import State
from ordi.machines.lots import Lot
from ordi.machines.machine import Form
from ordi.parties.people import Person, Role
from ordi.parties.tokens import make_token
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.speed import crowd

Enter = Callable[[Person], TestApp]
Queries = Callable[[], AbstractContextManager[list[str]]]

FEW, MANY = 3, 30

_LISTED = re.compile(r"\((?:\?|%\(\w+\)s(?:::\w+)?)(?:, (?:\?|%\(\w+\)s(?:::\w+)?))*\)")
"""The values of an IN: longer for more rows, and still one question."""

pytestmark = pytest.mark.usefixtures("app")

LISTS: dict[crowd.More, tuple[tuple[str, str], ...]] = {
    crowd.machines: (
        ("ada", "/machines"),
        ("ada", "/machines?group=bench"),
        ("ada", "/machines?before=1000000"),
        ("ada", "/machines/search?q=latitude"),
        ("aude", "/machines"),
        ("ada", "/giving/offers/new"),
        ("aude", "/administration/log"),
    ),
    crowd.sheets: (("ada", "/labels"), ("ada", "/labels/printers"), ("ada", "/labels/stocks")),
    crowd.at_our_bench: (("sam", "/bench"), ("sam", "/bench?held=1"), ("ada", "/bench/wall/board")),
    crowd.wipes: (("sam", "/bench/wall"), ("sam", "/bench/wall/wipes/board")),
    crowd.in_stock: (("ada", "/bench/shelves"),),
    crowd.loose: (("sam", "/bench/loose-drives"),),
    crowd.lots: (("ada", "/giving"), ("bruno", "/giving"), ("theo", "/giving"), ("sam", "/giving/receive")),
    crowd.waiting: (
        ("ada", "/sharing"),
        ("ada", "/sharing/allocations"),
        ("sam", "/sharing/needs"),
        ("fanny", "/figures"),
    ),
    crowd.withdrawn: (("ada", "/sharing/allocations"),),
    crowd.of_our_service: (("ines", "/sharing"), ("ines", "/sharing?shelf=over")),
    crowd.told: (("ada", "/messages"), ("ada", "/")),
    crowd.in_use: (("ada", "/fleet"), ("aude", "/fleet"), ("ada", "/fleet/help")),
    crowd.with_us: (("ines", "/fleet"), ("awa", "/fleet/help")),
    crowd.people: (
        ("zoe", "/administration"),
        ("zoe", "/administration/people/new"),
        ("zoe", "/administration/organisations"),
        ("zoe", "/administration/tokens"),
    ),
}
"""Who reads which lists of what."""

Pages = tuple[tuple[str, str], ...]


@pytest.fixture
def alike(session: Session, cast: Cast, enter: Enter, queries: Queries) -> Callable[[crowd.More, Pages], None]:
    """`alike(more, [("ada", "/machines")])`: no statement is sent more often for thirty rows than for three."""

    def asked(pages: Pages) -> list[Counter[str]]:
        counted = []
        for who, address in pages:
            browser = enter(getattr(cast, who))
            session.expunge_all()
            with queries() as sent:
                browser.get(address, status=200)
            counted.append(Counter(_LISTED.sub("(…)", statement) for statement in sent))
        return counted

    def compare(more: crowd.More, pages: Pages) -> None:
        more(session, cast, FEW)
        session.commit()
        few = asked(pages)
        more(session, cast, MANY - FEW)
        session.commit()
        told = []
        for page, before, after in zip(pages, few, asked(pages), strict=True):
            told += [f"{page}: {times} more: {statement}" for statement, times in (after - before).items()]
        assert not told, "\n\n".join(told)

    return compare


@pytest.mark.parametrize(("more", "pages"), LISTS.items(), ids=[more.__name__ for more in LISTS])
def test_a_list_of_thirty_asks_as_often_as_a_list_of_three(
    alike: Callable[[crowd.More, Pages], None], more: crowd.More, pages: Pages
) -> None:
    alike(more, pages)


def everything(session: Session, cast: Cast, count: int) -> None:
    """Something of all that may wait for anybody."""
    for more in (crowd.at_our_bench, crowd.lots, crowd.of_our_service, crowd.with_us):
        more(session, cast, count)


def test_the_home_of_each_role_asks_as_often_however_much_waits(
    alike: Callable[[crowd.More, Pages], None], cast: Cast
) -> None:
    names = {id(person): name for name, person in vars(cast).items()}
    alike(everything, tuple((names[id(cast.of(role))], "/") for role in Role))


@pytest.fixture
def lot(session: Session, cast: Cast) -> Lot:
    """A lot that Théo fetches."""
    made = offer(session, cast.donor, {Form.LAPTOP: 1}, by=cast.bruno, at=NOW)
    return accept(session, made, cast.workshop, cast.theo, NOW.date(), by=cast.ada, at=NOW)


@pytest.mark.parametrize(
    ("state", "pages"),
    [
        (State.PROMISED, (("theo", "/round"), ("ada", ""))),
        (State.COLLECTED, (("sam", "/receive"),)),
        (State.RECEIVED, (("sam", "/receive"),)),
        (State.HANDED_OVER, (("bruno", ""), ("bruno", "/outcomes.csv"))),
    ],
    ids=lambda part: part if isinstance(part, State) else "",
)
def test_a_large_lot_asks_as_often_as_a_small_one(
    alike: Callable[[crowd.More, Pages], None], lot: Lot, state: State, pages: Pages
) -> None:
    alike(crowd.in_a_lot(lot, state), tuple((who, f"/giving/lots/{lot.code}{page}") for who, page in pages))


def test_a_long_life_asks_as_often_as_a_short_one(
    alike: Callable[[crowd.More, Pages], None], session: Session, cast: Cast
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    alike(crowd.events_of(machine), (("ada", f"/machines/{machine.tag}"), ("sam", f"/bench/{machine.tag}")))


def test_a_machine_of_many_drives_asks_as_often_as_one_of_few(
    alike: Callable[[crowd.More, Pages], None], session: Session, cast: Cast
) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    rooms = ("/machines/{}", "/bench/{}", "/bench/{}/drives", "/machines/{}/wipe")
    alike(crowd.drives_of(machine), tuple(("sam", room.format(machine.tag)) for room in rooms))


def test_the_api_asks_as_often_for_many_machines(
    session: Session, cast: Cast, visitor: TestApp, queries: Queries
) -> None:
    _, secret = make_token(session, "essai", ["machines:read"], cast.pole, by=None, at=NOW)
    counts = []
    for count in (FEW, MANY - FEW):
        crowd.machines(session, cast, count)
        session.commit()
        session.expunge_all()
        with queries() as sent:
            visitor.get("/api/v1/machines", headers={"Authorization": f"Bearer {secret}"}, status=200)
        counts.append(len(sent))
    assert counts[0] == counts[1]
