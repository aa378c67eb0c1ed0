"""Who is served: compared with every possible way of dealing, on cases small enough to try them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from ordi.sharing.matching import Kind, Matching, Taker, serve

MACHINES = ("m0", "m1", "m2", "m3")
REQUESTS = ("a", "b", "c", "d")

Edges = dict[Kind, list[Kind]]


@st.composite
def small_cases(draw: st.DrawFn) -> tuple[dict[Kind, int], Edges, Edges, list[Kind]]:
    """A stock, what each kind of request needs, what it would also take, and the order of the requests."""
    stock: dict[Kind, int] = {kind: draw(st.integers(0, 2)) for kind in MACHINES[: draw(st.integers(1, 4))]}
    kinds: list[Kind] = list(stock)
    some = st.lists(st.sampled_from(kinds), unique=True, max_size=len(kinds))
    fitting: Edges = {one: draw(some) for one in REQUESTS}
    also: Edges = {one: fitting[one] + [kind for kind in draw(some) if kind not in fitting[one]] for one in REQUESTS}
    order: list[Kind] = list(draw(st.lists(st.sampled_from(REQUESTS), max_size=5)))
    return stock, fitting, also, order


def dealings(stock: Mapping[Kind, int], order: Sequence[Kind], also: Edges) -> Iterator[tuple[Kind | None, ...]]:
    """Every way to give each request one machine it takes, or none."""
    for dealt in product(*([None, *also[kind]] for kind in order)):
        if all(dealt.count(kind) <= count for kind, count in stock.items()):
            yield dealt


def run(stock: dict[Kind, int], fitting: Edges, also: Edges, order: list[Kind]) -> tuple[dict[int, Taker], Matching]:
    matching = Matching(stock, (fitting, also))
    return serve(order, matching, lambda _n: True, lambda _n: None), matching


@given(case=small_cases())
def test_the_first_in_the_order_are_served_first_and_as_many_as_possible(
    case: tuple[dict[Kind, int], Edges, Edges, list[Kind]],
) -> None:
    stock, fitting, _also, order = case
    served, _ = run(*case)
    ways = [tuple(one is not None for one in dealt) for dealt in dealings(stock, order, fitting)]
    first = tuple(n in served and served[n][1] == 0 for n in range(len(order)))
    assert first == max(ways)  # no way of dealing serves an earlier one that this leaves out…
    assert sum(first) == max(sum(way) for way in ways)  # …and none serves more


@given(case=small_cases())
def test_what_is_far_better_than_needed_goes_to_nobody_while_an_unserved_request_needs_it(
    case: tuple[dict[Kind, int], Edges, Edges, list[Kind]],
) -> None:
    _stock, fitting, _also, order = case
    served, matching = run(*case)
    dealt = {
        n: matching.fix(served[n], case[2][order[n]] if served[n][1] else fitting[order[n]]) for n in sorted(served)
    }
    too_good = {kind for n, kind in dealt.items() if kind not in fitting[order[n]]}
    without = [order[n] for n in range(len(order)) if n not in served]
    assert not any(kind in too_good for one in without for kind in fitting[one])


@given(case=small_cases())
def test_who_remains_takes_what_is_left_as_far_as_it_goes(
    case: tuple[dict[Kind, int], Edges, Edges, list[Kind]],
) -> None:
    stock, fitting, also, order = case
    served, _ = run(*case)
    first = {n for n, (_kind, turn) in served.items() if turn == 0}
    ways = [
        tuple(one is not None for one in dealt)
        for dealt in dealings(stock, order, also)
        if all(dealt[n] in fitting[order[n]] for n in first)
    ]
    rest = [tuple(way[n] for n in range(len(order)) if n not in first) for way in ways]
    assert tuple(n in served for n in range(len(order)) if n not in first) == max(rest)


@given(case=small_cases())
def test_each_served_request_gets_one_machine_it_takes_and_no_machine_goes_twice(
    case: tuple[dict[Kind, int], Edges, Edges, list[Kind]],
) -> None:
    stock, fitting, also, order = case
    served, matching = run(*case)
    dealt = {n: matching.fix(served[n], (fitting, also)[served[n][1]][order[n]]) for n in sorted(served)}
    assert all(kind in also[order[n]] for n, kind in dealt.items())
    assert all(list(dealt.values()).count(kind) <= count for kind, count in stock.items())


@given(case=small_cases())
def test_in_the_order_each_gets_the_best_that_leaves_everybody_served(
    case: tuple[dict[Kind, int], Edges, Edges, list[Kind]],
) -> None:
    stock, fitting, also, order = case
    served, matching = run(*case)
    choices = {n: (fitting, also)[served[n][1]][order[n]] for n in sorted(served)}
    dealt = tuple(choices[n].index(matching.fix(served[n], choices[n])) for n in sorted(served))
    ways = [
        tuple(choices[n].index(one) for n, one in zip(sorted(served), way, strict=True))
        for way in product(*(choices[n] for n in sorted(served)))
        if all(way.count(kind) <= count for kind, count in stock.items())
    ]
    assert dealt == min(ways)
