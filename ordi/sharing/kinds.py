"""Requests and machines by kind, for the matching: what each kind accepts, how well, and how far it has to travel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from ordi.errors import Refused
from ordi.legal_rules import in_force
from ordi.machines.checks import Check
from ordi.machines.machine import Machine
from ordi.papers import PARIS
from ordi.parties.organisations import Organisation
from ordi.sharing.blocks import check_machine, check_request
from ordi.sharing.fit import Fit, Offer, fit, offers
from ordi.sharing.matching import Kind
from ordi.sharing.naming import names
from ordi.sharing.needs import wanted
from ordi.sharing.prices import price_of
from ordi.sharing.quotas import QuotaBook
from ordi.sharing.requests import Request

FAR_BETTER = "more-memory-than-asked"

NEVER_WORSE = frozenset({"portable", "large-screen", "camera", "sound", "memory"})
"""A machine that falls short here is never proposed; a person may still choose it."""


class Weigher:
    """What each request accepts among the ready machines. Each pair of kinds is weighed once."""

    def __init__(
        self,
        session: Session,
        pole: Organisation,
        requests: Sequence[Request],
        machines: Sequence[Machine],
        at: datetime,
    ) -> None:
        self._session, self._on = session, at.astimezone(PARIS).date()
        self._law = in_force(session, self._on)
        self.book = QuotaBook(session, pole, {one.programme.code for one in requests}, self._on)
        self._names = names(session, machines)
        self._named = set(self._names.values())
        self._offers = {offer.machine.id: offer for offer in offers(session, machines)}
        self._piles: dict[Kind, list[Machine]] = {}
        self._kind_of = {one.id: self._machine_kind(one) for one in machines}
        for one in machines:
            self._piles.setdefault(self._kind_of[one.id], []).append(one)
        self._left = {kind: list(pile) for kind, pile in self._piles.items()}
        self._request_kinds: dict[int, Kind] = {}
        self._samples: dict[Kind, Request] = {}
        self._prices: dict[Kind, int] = {}
        self._fits: dict[tuple[Kind, Kind], Fit] = {}
        self._may: dict[tuple[Kind, Kind], bool] = {}
        self._order: dict[Kind, list[Kind]] = {}
        for request in requests:
            self._samples.setdefault(self.kind(request), request)

    def kind(self, request: Request) -> Kind:
        """Requests of one kind accept the same machines, as gladly."""
        if request.id not in self._request_kinds:
            want = wanted(request.need_codes)
            own = request.id if request.id in self._named or self._has_own_price(request) else 0
            self._request_kinds[request.id] = (
                (want.portable, want.large_screen, want.camera, want.sound, want.memory),
                request.programme_id,
                request.profile,
                (request.partner.commune, request.partner.postcode),
                request.partner_id if request.programme.rules.partner_sets_price else 0,
                own,
            )
        return self._request_kinds[request.id]

    def stock(self) -> Mapping[Kind, int]:
        """How many ready machines there are of each kind."""
        return {kind: len(pile) for kind, pile in self._piles.items()}

    def edges(self) -> tuple[Mapping[Kind, Sequence[Kind]], Mapping[Kind, Sequence[Kind]]]:
        """What each kind of request accepts: without, and with, what is far better than needed."""
        accepted = {kind: self._accepted(kind) for kind in self._samples}
        fitting = {kind: [one for one in them if not self._far_better(kind, one)] for kind, them in accepted.items()}
        return fitting, accepted

    def choices(self, request: Request, turn: int) -> Sequence[Kind]:
        """The kinds a request takes in a round, best first, then nearest."""
        kind = self.kind(request)
        return [one for one in self._accepted(kind) if turn or not self._far_better(kind, one)]

    def pick(self, kind: Kind, _request: Request) -> Machine:
        """The machine of a kind that has been ready longest."""
        return self._left[kind].pop(0)

    def refusal(self, request: Request) -> Refused | None:
        """What stops a request now: asked again each time, for a quota fills up during the run."""
        try:
            check_request(request, self.book)
            self._price(self.kind(request))
        except Refused as refusal:
            return refusal
        return None

    def fit(self, request: Request, machine: Machine) -> Fit:
        """How a machine answers a request."""
        return self._fit(self.kind(request), self._kind_of[machine.id])

    def points(self, request: Request, machine: Machine) -> int:
        """Its points."""
        return self.fit(request, machine).points

    def suits(self, request: Request, machine: Machine) -> bool:
        """Whether a machine may be proposed, and is not far better than needed."""
        kind, other = self.kind(request), self._kind_of[machine.id]
        return other in self._accepted(kind) and not self._far_better(kind, other)

    def envies(self, request: Request, machine: Machine) -> bool:
        """Whether some other kind would have been better."""
        best = self._accepted(self.kind(request))
        return bool(best) and self.points(request, machine) < self._fit(self.kind(request), best[0]).points

    def by_hand(self, request: Request) -> list[Machine]:
        """Every machine a person may choose for a request, best first: also one that falls short of the need."""
        kind = self.kind(request)
        found = [one for one in self._piles if self._allowed(kind, one) and self._fit(kind, one).possible]
        return [machine for one in self._sorted(kind, found) for machine in self._piles[one]]

    def impossible(self, request: Request) -> list[Machine]:
        """Machines that lack what cannot be added."""
        kind = self.kind(request)
        return [machine for one, pile in self._piles.items() if not self._fit(kind, one).possible for machine in pile]

    def _accepted(self, kind: Kind) -> list[Kind]:
        if kind not in self._order:
            found = [one for one in self._piles if self._answers(kind, one)]
            self._order[kind] = self._sorted(kind, found)
        return self._order[kind]

    def _sorted(self, kind: Kind, found: list[Kind]) -> list[Kind]:
        partner = self._samples[kind].partner
        rank = {one: n for n, one in enumerate(self._piles)}  # the longest ready first
        return sorted(
            found, key=lambda one: (-self._fit(kind, one).points, _far(partner, self._first(one).workshop), rank[one])
        )

    def _answers(self, kind: Kind, other: Kind) -> bool:
        found = self._fit(kind, other)
        worse = any(term.against and term.code in NEVER_WORSE for term in found.terms)
        return found.possible and not worse and self._allowed(kind, other)

    def _allowed(self, kind: Kind, other: Kind) -> bool:
        pair = (kind, other)
        if pair not in self._may:
            self._may[pair] = next(self._allowances(self._samples[kind], self._first(other), kind))
        return self._may[pair]

    def _allowances(self, request: Request, machine: Machine, kind: Kind) -> Iterator[bool]:
        named = self._names.get(machine.id)
        if (named or request.id in self._named) and named != request.id:
            yield False
        try:
            check_machine(request, self._price(kind), machine, self._session, self._on, self._law)
        except Refused:
            yield False
        yield True

    def _price(self, kind: Kind) -> int:
        if kind not in self._prices:
            self._prices[kind] = price_of(self._session, self._samples[kind])
        return self._prices[kind]

    def _has_own_price(self, request: Request) -> bool:
        return request.programme.rules.unlocked_price_cents is not None

    def _far_better(self, kind: Kind, other: Kind) -> bool:
        return any(term.code == FAR_BETTER for term in self._fit(kind, other).terms)

    def _fit(self, kind: Kind, other: Kind) -> Fit:
        pair = (kind, other)
        if pair not in self._fits:
            sample = self._samples[kind]
            offer = self._offers[self._first(other).id]
            self._fits[pair] = fit(wanted(sample.need_codes), sample.software, offer)
        return self._fits[pair]

    def _first(self, kind: Kind) -> Machine:
        return self._piles[kind][0]

    def _machine_kind(self, machine: Machine) -> Kind:
        offer = self._offers[machine.id]
        return (
            machine.form,
            machine.memory_bytes,
            machine.grade,
            machine.profile,
            machine.workshop_id,
            machine.donor.nature if machine.donor else "",
            _works(offer),
            self._names.get(machine.id, 0),
        )


def _works(offer: Offer) -> tuple[object, ...]:
    return (offer.works(Check.CAMERA), offer.works(Check.SOUND), offer.checks.get(Check.BATTERY))


def _far(partner: Organisation, workshop: Organisation) -> int:
    """How far a workshop is, as far as their addresses tell: same commune, same département, elsewhere."""
    if partner.commune and (partner.commune, partner.postcode[:2]) == (workshop.commune, workshop.postcode[:2]):
        return 0
    return 1 if partner.postcode[:2] == workshop.postcode[:2] else 2
