"""Pages of a town of ten thousand computers, beside an empty page of the same application for the same reader.

Each call is a whole request: session, guard, queries, template. On SQLite the database works in this very process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from werkzeug.test import Client

from benchmarks.figures import Pair
from benchmarks.ground import MACHINES, Town, on_both
from ordi.machines.lifecycle import State

EMPTY = "an empty page for the same reader"
LIST_LIMIT, SEARCH_LIMIT, SIZE_LIMIT = 0.1, 0.05, 100_000
MANY = f"{MACHINES:,} computers".replace(",", " ")


def _page(browser: Client, address: str, status: int = 200) -> Callable[[], None]:
    def get() -> None:
        answer = browser.get(address)
        assert answer.status_code == status, (address, answer.status)

    return get


def _size(browser: Client, address: str) -> Callable[[], float]:
    return lambda: float(len(browser.get(address).data))


@on_both(f"list: 50 of {MANY}", floor=EMPTY, limit=LIST_LIMIT, rounds=9)
def newest(town: Town) -> Iterator[Pair]:
    """The first page, as the coordinator of the pole opens it: rows, and a count of each step."""
    ada = town.browser(town.cast.ada)
    yield Pair(_page(ada, "/machines"), _page(ada, "/empty"))


@on_both(f"list: 50 of {MANY}, from the middle", floor=EMPTY, limit=LIST_LIMIT, rounds=9)
def middle(town: Town) -> Iterator[Pair]:
    """A page reached by its key."""
    ada = town.browser(town.cast.ada)
    yield Pair(_page(ada, f"/machines?before={MACHINES // 2}"), _page(ada, "/empty"))


@on_both(f"list: bytes of 50 of {MANY}", floor=EMPTY, unit="B", limit=SIZE_LIMIT, rounds=1)
def bytes_of_list(town: Town) -> Iterator[Pair]:
    """What the first page weighs before compression."""
    ada = town.browser(town.cast.ada)
    yield Pair(_size(ada, "/machines"), _size(ada, "/empty"))


def _search(name: str, words: Callable[[Town], str], status: int) -> None:
    @on_both(f"search: {name}, among {MANY}", floor=EMPTY, limit=SEARCH_LIMIT, rounds=9)
    def search(town: Town) -> Iterator[Pair]:
        ada = town.browser(town.cast.ada)
        yield Pair(_page(ada, f"/machines/search?q={words(town)}", status), _page(ada, "/empty"))


def _mistyped(tag: str) -> str:
    return f"{tag[:2]}{'7' if tag[2] != '7' else '8'}{tag[3:]}"


def _serial(town: Town) -> str:
    return town.some(State.HANDED_OVER)[0].serial or ""


_search("a label", lambda town: town.some(State.HANDED_OVER)[0].tag, 302)
_search("a serial number", _serial, 302)
_search("six characters of a serial number", lambda town: _serial(town)[2:8], 302)
_search("maker and model, a page of 50 found", lambda _town: "thinkpad+t470", 200)
_search("a mistyped label", lambda town: _mistyped(town.some(State.HANDED_OVER)[0].tag), 200)
_search("what nobody has", lambda _town: "zzzzzzzz", 200)


@on_both("page of a computer with 200 events", floor=EMPTY)
def long_life(town: Town) -> Iterator[Pair]:
    """The whole life, every sentence of it."""
    ada = town.browser(town.cast.ada)
    yield Pair(_page(ada, f"/machines/{town.long_life}"), _page(ada, "/empty"))


def _room(name: str, who: str, address: str) -> None:
    @on_both(f"{name}, among {MANY}", floor=EMPTY)
    def room(town: Town) -> Iterator[Pair]:
        browser = town.browser(getattr(town.cast, who))
        yield Pair(_page(browser, address), _page(browser, "/empty"))


_room("bench", "sam", "/bench")
_room("wall of a workshop", "ada", "/bench/wall")
_room("shelves", "ada", "/bench/shelves")
_room("home of a coordinator", "ada", "/")
_room("park in service", "ada", "/fleet")
_room("network's log", "aude", "/administration/log")
