"""The coordinator's morning: for each waiting request the best machine, why this one, and why not the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ordi.errors import Refused
from ordi.machines.machine import Machine
from ordi.parties.organisations import Organisation
from ordi.sharing.fit import Fit, Term, total
from ordi.sharing.kinds import Weigher
from ordi.sharing.matching import Matching, serve
from ordi.sharing.requests import Request
from ordi.sharing.waiting import Rank, in_order, ready_machines, waiting_requests

NEXT_SHOWN = 2

FEW_WAITING = 8
"""Requests without a machine that a page shows however many have one."""

SMALL_LOSS = 5
"""Points a request may give up so that another, further down, gains more: the large screen goes to who asked for it."""


@dataclass(frozen=True)
class Candidate:
    """A machine weighed for a request."""

    machine: Machine
    fit: Fit


@dataclass(frozen=True)
class NotChosen:
    """A machine that came next, and why it stayed behind: what it lacks, kept for `kept_for`, or simply fewer points."""

    machine: Machine
    shortcomings: tuple[Term, ...]
    kept_for: str
    points: int


@dataclass(frozen=True)
class Proposal:
    """One waiting request: its place in the list with its reasons, and the machine proposed with its own, or none and what stops it."""

    place: int
    request: Request
    reasons: tuple[Term, ...]
    best: Candidate | None
    not_chosen: tuple[NotChosen, ...]
    blocked: Refused | None

    @property
    def points(self) -> int:
        """What it weighs in the list."""
        return total(self.reasons)


def proposals(
    session: Session,
    pole: Organisation,
    *,
    at: datetime,
    told: int | None = None,
    ready: Sequence[Machine] | None = None,
) -> list[Proposal]:
    """Every waiting request of a pole, first the one that weighs most, then the longest waiting; each machine once.

    The highest-ranked are served first, and as many as possible; nobody gets a machine worse than the need, nor one far
    better than needed while somebody waits who needs it. Only the `told` of `in_sight` say why not the next machine.
    `ready` are the machines that can be promised, for whoever has read them.
    """
    ranks = in_order(waiting_requests(session, pole), at)
    weigher = Weigher(session, pole, [one.request for one in ranks], _free(session, pole, ready), at)
    dealt, blocked = _dealt(ranks, weigher)
    keepers = {machine.id: ranks[n].request.code for n, machine in dealt.items()}
    seen = set(in_sight([n in dealt for n in range(len(ranks))], told))
    found = []
    for n, rank in enumerate(ranks):
        machine = dealt.get(n)
        best = Candidate(machine, weigher.fit(rank.request, machine)) if machine is not None else None
        why_not = _why_not(weigher, rank.request, best, keepers) if n in seen else ()
        found.append(Proposal(n + 1, rank.request, rank.reasons, best, why_not, blocked.get(n)))
    return found


def in_sight(served: Sequence[bool], most: int | None = None) -> list[int]:
    """Which of a list one page shows, in their order: `most`, those who are served first, and at least a few who are not.

    So every machine that can go is on the page sooner or later, even below many who wait for something else; and the
    first of those, and what stops them, are never out of sight.
    """
    if most is None or most >= len(served):
        return list(range(len(served)))
    first = [n for n, one in enumerate(served) if one][:most]
    others = [n for n, one in enumerate(served) if not one]
    return sorted(first + others[: max(most - len(first), min(most, FEW_WAITING))])


def candidates(session: Session, request: Request, pole: Organisation, *, at: datetime) -> list[Candidate]:
    """Every ready machine that could answer a request, best first: to choose another by hand."""
    weigher = Weigher(session, pole, [request], ready_machines(session, pole), at)
    return [Candidate(machine, weigher.fit(request, machine)) for machine in weigher.by_hand(request)]


def takers(session: Session, machine: Machine, pole: Organisation, *, at: datetime) -> list[tuple[Rank, Fit]]:
    """The waiting requests that a ready machine could answer, in their order: none when it is not ready here.

    All the stock is weighed, once: a request whose name another machine bears is not for this one.
    """
    ready = ready_machines(session, pole)
    if machine not in ready:
        return []
    ranks = in_order(waiting_requests(session, pole), at)
    weigher = Weigher(session, pole, [one.request for one in ranks], ready, at)
    return [(one, weigher.fit(one.request, machine)) for one in ranks if weigher.may_choose(one.request, machine)]


def _free(session: Session, pole: Organisation, ready: Sequence[Machine] | None) -> Sequence[Machine]:
    return ready_machines(session, pole) if ready is None else ready


def _dealt(ranks: Sequence[Rank], weigher: Weigher) -> tuple[dict[int, Machine], dict[int, Refused]]:
    """The machine of each served request, by its place in the order; and what stops the others, where a rule does."""
    blocked: dict[int, Refused] = {}

    def may_take(n: int) -> bool:
        refusal = weigher.refusal(ranks[n].request)
        if refusal is not None:
            blocked[n] = refusal
        return refusal is None

    matching = Matching(weigher.stock(), weigher.edges())
    kinds = [weigher.kind(one.request) for one in ranks]
    served = serve(kinds, matching, may_take, lambda n: weigher.book.write_down(ranks[n].request))
    dealt: dict[int, Machine] = {}
    for n in sorted(served):
        kind = matching.fix(served[n], weigher.choices(ranks[n].request, served[n][1]))
        dealt[n] = weigher.pick(kind)
    _exchange(ranks, weigher, dealt)
    return dealt, {n: one for n, one in blocked.items() if n not in dealt}


def _exchange(ranks: Sequence[Rank], weigher: Weigher, dealt: dict[int, Machine]) -> None:
    """Two requests change machines where the earlier loses little and the later gains more."""
    points, holds, may_take = {}, {}, {}
    for n in sorted(dealt):
        points[n], holds[n], may_take[n] = weigher.exchangeable(ranks[n].request, dealt[n])
    holders: dict[int, set[int]] = {}
    for n, kind in holds.items():
        holders.setdefault(kind, set()).add(n)
    for later in sorted(dealt):
        own = points[later]
        better = [kind for kind in holders if own[kind] > own[holds[later]] and kind in may_take[later]]
        for earlier in sorted(n for kind in better for n in holders[kind] if n < later):
            mine, its = holds[later], holds[earlier]
            gain, loss = own[its] - own[mine], points[earlier][its] - points[earlier][mine]
            if mine in may_take[earlier] and loss <= SMALL_LOSS and gain > max(loss, 0):
                dealt[earlier], dealt[later] = dealt[later], dealt[earlier]
                holds[earlier], holds[later] = mine, its
                holders[its] = holders[its] - {earlier} | {later}
                holders[mine] = holders[mine] - {later} | {earlier}


def _why_not(
    weigher: Weigher, request: Request, best: Candidate | None, keepers: dict[int, str]
) -> tuple[NotChosen, ...]:
    """The next machines; first those that could serve, then what lacks something that cannot be added."""
    others = [one for one in weigher.by_hand(request) if best is None or one is not best.machine]
    if len(others) < NEXT_SHOWN:
        others += weigher.impossible(request)
    return tuple(_not_chosen(weigher, request, one, best, keepers) for one in others[:NEXT_SHOWN])


def _not_chosen(
    weigher: Weigher, request: Request, machine: Machine, best: Candidate | None, keepers: dict[int, str]
) -> NotChosen:
    """Kept for another only if it would have been better here; otherwise what it lacks says enough."""
    fit = weigher.fit(request, machine)
    better = fit.possible and (best is None or fit.points >= best.fit.points)
    return NotChosen(machine, fit.shortcomings, keepers.get(machine.id, "") if better else "", fit.points)
