"""The coordinator's morning: for each waiting request the best machine, why this one, and why not the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from ordi.legal_rules import LegalRule, NoLegalRule, in_force
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.papers import PARIS
from ordi.parties.organisations import Organisation
from ordi.sharing.allocation import Allocation
from ordi.sharing.fit import Fit, Offer, Term, fit, offers, rank, total
from ordi.sharing.needs import wanted
from ordi.sharing.programmes import PriceAboveCap, check_price
from ordi.sharing.requests import Request, RequestState

NEXT_SHOWN = 2

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
    """One waiting request: its rank with its reasons, and the machine proposed with its own, or none."""

    request: Request
    reasons: tuple[Term, ...]
    best: Candidate | None
    not_chosen: tuple[NotChosen, ...]

    @property
    def points(self) -> int:
        """What it weighs in the list."""
        return total(self.reasons)


def proposals(session: Session, pole: Organisation, *, at: datetime) -> list[Proposal]:
    """Every waiting request of a pole, first the one that weighs most, then the longest waiting; each machine proposed once."""
    free = offers(session, ready_machines(session, pole))
    ordered = in_order(waiting_requests(session, pole), at)
    rules = in_force(session, at.astimezone(PARIS).date())
    weighed = [_weigh(session, request, free, at, rules) for request in ordered]
    bests = _dealt(weighed)
    keepers = {best.machine.id: ordered[n].code for n, best in enumerate(bests) if best is not None}
    found = []
    for n, request in enumerate(ordered):
        others = [one for one in weighed[n] if one is not bests[n]] + _impossible(request, free, len(weighed[n]))
        told = tuple(_not_chosen(one, bests[n], keepers) for one in others[:NEXT_SHOWN])
        found.append(Proposal(request, rank(request, at), bests[n], told))
    return found


def candidates(session: Session, request: Request, pole: Organisation, *, at: datetime) -> list[Candidate]:
    """Every ready machine that could answer a request, best first: to choose another by hand."""
    rules = in_force(session, at.astimezone(PARIS).date())
    return _weigh(session, request, offers(session, ready_machines(session, pole)), at, rules)


def waiting_requests(session: Session, pole: Organisation) -> list[Request]:
    """The requests of a pole that wait, with those whose promised machine had to go back to the bench."""
    promised = (
        select(Allocation.request_id)
        .join(Machine, Machine.id == Allocation.machine_id)
        .where(Allocation.ended_at.is_(None), Machine.state.not_in((State.ALLOCATED, State.HANDED_OVER)))
    )
    return list(
        session.scalars(
            select(Request)
            .join(Organisation, Organisation.id == Request.partner_id)
            .where(
                Organisation.path.startswith(pole.path, autoescape=True),
                or_(
                    Request.state == RequestState.WAITING,
                    (Request.state == RequestState.ALLOCATED) & Request.id.in_(promised),
                ),
            )
            .options(joinedload(Request.programme), joinedload(Request.partner), selectinload(Request.attestations))
        ).unique()
    )


def ready_machines(session: Session, pole: Organisation) -> list[Machine]:
    """The machines of a pole that can be promised now."""
    return list(
        session.scalars(
            select(Machine)
            .join(Organisation, Organisation.id == Machine.workshop_id)
            .where(
                Organisation.path.startswith(pole.path, autoescape=True),
                Machine.state == State.READY,
                Machine.held_for == "",
            )
            .options(joinedload(Machine.workshop), joinedload(Machine.donor))
            .order_by(Machine.state_since, Machine.id)
        ).unique()
    )


def in_order(requests: Iterable[Request], at: datetime) -> list[Request]:
    """The order in which requests are looked at; the earlier one first when they weigh the same."""
    return sorted(requests, key=lambda one: (-total(rank(one, at)), one.filed_at, one.id))


def position(session: Session, request: Request, pole: Organisation, *, at: datetime) -> tuple[int, int]:
    """The place of a waiting request, and how many wait; (0, n) when it does not wait."""
    ordered = in_order(waiting_requests(session, pole), at)
    place = next((n for n, one in enumerate(ordered, start=1) if one.id == request.id), 0)
    return place, len(ordered)


def _dealt(weighed: list[list[Candidate]]) -> list[Candidate | None]:
    """One machine each, in order; then two requests change machines where the earlier loses little and the later gains more."""
    taken: set[int] = set()
    bests: list[Candidate | None] = []
    for candidates_of in weighed:
        best = next((one for one in candidates_of if one.machine.id not in taken), None)
        bests.append(best)
        if best is not None:
            taken.add(best.machine.id)
    by_machine = [{one.machine.id: one for one in candidates_of} for candidates_of in weighed]
    for earlier in range(len(bests)):
        for later in range(earlier + 1, len(bests)):
            _exchange(by_machine, bests, earlier, later)
    return bests


def _exchange(by_machine: list[dict[int, Candidate]], bests: list[Candidate | None], earlier: int, later: int) -> None:
    first, second = bests[earlier], bests[later]
    if first is None or second is None:
        return
    for_first = by_machine[earlier].get(second.machine.id)
    for_second = by_machine[later].get(first.machine.id)
    if for_first is None or for_second is None:
        return
    loss = first.fit.points - for_first.fit.points
    if loss <= SMALL_LOSS and for_second.fit.points - second.fit.points > loss:
        bests[earlier], bests[later] = for_first, for_second


def _weigh(
    session: Session, request: Request, free: list[Offer], at: datetime, rules: Mapping[str, LegalRule]
) -> list[Candidate]:
    want = wanted(request.need_codes)
    weighed = [Candidate(offer.machine, fit(want, request.programme.profile, offer)) for offer in free]
    possible = [one for one in weighed if one.fit.possible and _may_be_sold(session, request, one.machine, at, rules)]
    return sorted(possible, key=lambda one: -one.fit.points)


def _may_be_sold(
    session: Session, request: Request, machine: Machine, at: datetime, rules: Mapping[str, LegalRule]
) -> bool:
    try:
        check_price(session, request.programme, machine, at.astimezone(PARIS).date(), rules)
    except (PriceAboveCap, NoLegalRule):
        return False
    return True


def _impossible(request: Request, free: list[Offer], possible: int) -> list[Candidate]:
    """Machines that lack what cannot be added, when too few others are left to explain."""
    if possible > NEXT_SHOWN:
        return []
    want = wanted(request.need_codes)
    weighed = [Candidate(offer.machine, fit(want, request.programme.profile, offer)) for offer in free]
    return [one for one in weighed if not one.fit.possible]


def _not_chosen(one: Candidate, best: Candidate | None, keepers: dict[int, str]) -> NotChosen:
    """Kept for another only if it would have been better here; otherwise what it lacks says enough."""
    better = one.fit.possible and (best is None or one.fit.points >= best.fit.points)
    kept_for = keepers.get(one.machine.id, "") if better else ""
    return NotChosen(one.machine, one.fit.shortcomings, kept_for, one.fit.points)
