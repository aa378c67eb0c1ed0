"""Who is served, and with which machine: priority-maximal matching over kinds, exact and without a solver.

Requests of one kind accept the same kinds of machines, so the search walks kinds, not pairs: a hundred of each rather than
5,000 × 1,000. Greedy admission with alternating paths gives the served set that is best for the first in the order, then
for the second, and so on; it is also the largest possible (the served sets are the independent sets of a matroid:
Edmonds and Fulkerson, 1965).

Two rounds keep large machines for who needs them. In the first every request takes only what answers it without being far
better than needed; in the second, who is still without may take what is far better, of what is left. A machine that an
unserved request needs is then always held by somebody who needs it too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence

Kind = Hashable
Taker = tuple[Kind, int]
"""A kind of request in the round in which it was served: 0 takes what fits, 1 also what is far better."""


class Matching:
    """Kinds of requests on kinds of machines. Every request that was admitted stays admitted."""

    def __init__(self, stock: Mapping[Kind, int], edges: tuple[Mapping[Kind, Sequence[Kind]], ...]) -> None:
        """`stock`: machines of each kind; `edges[round][request kind]`: what it accepts in a round, best first."""
        self.free = dict(stock)
        self._edges = edges
        self._held: dict[Kind, dict[Taker, int]] = {kind: {} for kind in stock}
        self._count = dict.fromkeys(stock, 0)
        self._on: dict[Taker, dict[Kind, int]] = {}

    def admit(self, taker: Taker) -> bool:
        """Serve one more request of a kind, moving others along if it must be; False when it cannot be."""
        found = self._path(taker, None)
        if found is None:
            return False
        self._shift(taker, found)
        return True

    def fix(self, taker: Taker, choices: Sequence[Kind]) -> Kind:
        """Give one admitted request of a kind the first of its choices that leaves everybody served, for good."""
        own = next(kind for kind, count in self._on[taker].items() if count)
        for kind in choices:
            if (self._count[kind] or self.free[kind]) and self._fix_on(taker, own, kind):
                return kind
        raise ValueError("an admitted request always has its own machine among its choices")

    def _fix_on(self, taker: Taker, own: Kind, kind: Kind) -> bool:
        if self._on[taker].get(kind):
            self._move(taker, kind, -1)
            return True
        self._move(taker, own, -1)
        self.free[own] += 1
        if self.free[kind]:
            self.free[kind] -= 1
            return True
        for other in [one for one, count in self._held[kind].items() if count]:
            found = self._path(other, kind)
            if found is not None:
                self._move(other, kind, -1)
                self._shift(other, found)
                return True
        self.free[own] -= 1
        self._move(taker, own, 1)
        return False

    def _path(self, start: Taker, barred: Kind | None) -> list[tuple[Kind, Taker]] | None:
        """The kinds of machines along an alternating path to a free one, each with who takes it."""
        came: dict[Kind, tuple[Taker, Kind | None]] = {}
        queue: deque[tuple[Taker, Kind | None]] = deque([(start, None)])
        seen = {start}
        while queue:
            taker, before = queue.popleft()
            for kind in self._accepted(taker):
                if kind in came or kind == barred:
                    continue
                came[kind] = (taker, before)
                if self.free[kind]:
                    return self._back(came, kind)
                for other, count in self._held[kind].items():
                    if count and other not in seen:
                        seen.add(other)
                        queue.append((other, kind))
        return None

    @staticmethod
    def _back(came: dict[Kind, tuple[Taker, Kind | None]], end: Kind) -> list[tuple[Kind, Taker]]:
        path: list[tuple[Kind, Taker]] = []
        here: Kind | None = end
        while here is not None:
            taker, before = came[here]
            path.append((here, taker))
            here = before
        return path

    def _shift(self, start: Taker, path: list[tuple[Kind, Taker]]) -> None:
        """Walk a path from its free end: each taker leaves the kind before and holds this one."""
        self.free[path[0][0]] -= 1
        for n, (kind, taker) in enumerate(path):
            self._move(taker, kind, 1)
            if n + 1 < len(path):
                self._move(taker, path[n + 1][0], -1)
        assert path[-1][1] == start

    def _move(self, taker: Taker, kind: Kind, by: int) -> None:
        on = self._on.setdefault(taker, {})
        on[kind] = on.get(kind, 0) + by
        self._count[kind] += by
        held = self._held[kind]
        held[taker] = held.get(taker, 0) + by

    def _accepted(self, taker: Taker) -> Sequence[Kind]:
        kind, turn = taker
        return self._edges[turn].get(kind, ())


def serve(
    order: Sequence[Kind],
    matching: Matching,
    may_take: Callable[[int], bool],
    taken: Callable[[int], None],
) -> dict[int, Taker]:
    """Admit requests in their order, in two rounds. `may_take` asks the rules (a quota), `taken` tells them.

    Gives, for each served request (by its place in the order), in which round.
    """
    served: dict[int, Taker] = {}
    for turn in (0, 1):
        hopeless: set[Kind] = set()  # an alternating path that does not exist today exists no later in this round
        for n, kind in enumerate(order):
            if n in served or kind in hopeless or not may_take(n):
                continue
            if matching.admit((kind, turn)):
                served[n] = (kind, turn)
                taken(n)
            else:
                hopeless.add(kind)
    return served
