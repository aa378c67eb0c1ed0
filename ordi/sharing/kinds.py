"""Requests and machines by kind, for the matching: what each kind accepts, how well, and how far it has to travel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ordi.errors import Refused
from ordi.legal_rules import in_force
from ordi.machines.checks import Check
from ordi.machines.machine import Machine
from ordi.papers import PARIS
from ordi.parties.organisations import Organisation
from ordi.sharing.blocks import check_machine, check_request
from ordi.sharing.consents import ConsentTakenBack, all_taken_back
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


@dataclass(frozen=True)
class Row:
    """How every kind of machine answers one kind of request; `order` are those to propose, best first, then nearest."""

    fits: list[Fit]
    points: list[int]
    order: list[int]
    too_good: frozenset[int]
    allowed: frozenset[int]


class Weigher:
    """What each request accepts among the ready machines. Kinds are numbered, and each pair is weighed once."""

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
        self._silent = all_taken_back(session)
        self.book = QuotaBook(session, pole, {one.programme.code for one in requests}, self._on)
        self._names = names(session, machines)
        self._named = set(self._names.values())
        self._offers = {offer.machine.id: offer for offer in offers(session, machines)}
        self._piles: list[list[Machine]] = []
        self._machine_kinds: dict[int, int] = {}
        seen: dict[tuple[object, ...], int] = {}
        for machine in machines:
            number = seen.setdefault(self._told_of(machine), len(self._piles))
            if number == len(self._piles):
                self._piles.append([])
            self._piles[number].append(machine)
            self._machine_kinds[machine.id] = number
        self._left = [list(pile) for pile in self._piles]
        self._samples: list[Request] = []
        self._request_kinds: dict[int, int] = {}
        known: dict[tuple[object, ...], int] = {}
        for request in requests:
            number = known.setdefault(self._asked_by(request), len(self._samples))
            if number == len(self._samples):
                self._samples.append(request)
            self._request_kinds[request.id] = number
        self._prices: dict[int, int] = {}
        self._rows: dict[int, Row] = {}

    def kind(self, request: Request) -> int:
        """Requests of one kind accept the same machines, as gladly."""
        return self._request_kinds[request.id]

    def stock(self) -> Mapping[Kind, int]:
        """How many ready machines there are of each kind."""
        return {number: len(pile) for number, pile in enumerate(self._piles)}

    def edges(self) -> tuple[Mapping[Kind, Sequence[Kind]], Mapping[Kind, Sequence[Kind]]]:
        """What each kind of request accepts: without, and with, what is far better than needed."""
        kinds = range(len(self._samples))
        return {kind: self._choices(kind, 0) for kind in kinds}, {kind: self._choices(kind, 1) for kind in kinds}

    def choices(self, request: Request, turn: int) -> Sequence[Kind]:
        """The kinds a request takes in a round, best first, then nearest."""
        return self._choices(self.kind(request), turn)

    def pick(self, kind: Kind) -> Machine:
        """The machine of a kind that has been ready longest."""
        assert isinstance(kind, int)
        return self._left[kind].pop(0)

    def refusal(self, request: Request) -> Refused | None:
        """What stops a request now: asked again each time, for a quota fills up during the run."""
        try:
            check_request(request, self.book)
            if request.household_id in self._silent:
                raise ConsentTakenBack(request=request.code)
            self._price(self.kind(request))
        except Refused as refusal:
            return refusal
        return None

    def fit(self, request: Request, machine: Machine) -> Fit:
        """How a machine answers a request."""
        return self._row(self.kind(request)).fits[self._machine_kinds[machine.id]]

    def exchangeable(self, request: Request, machine: Machine) -> tuple[list[int], int, frozenset[int]]:
        """For swaps: the points of each kind for a request, the kind of its machine, and the kinds it may take."""
        row = self._row(self.kind(request))
        return row.points, self._machine_kinds[machine.id], frozenset(row.order) - row.too_good

    def may_choose(self, request: Request, machine: Machine) -> bool:
        """Whether a person may choose this machine, one of those weighed, for a request."""
        row, number = self._row(self.kind(request)), self._machine_kinds[machine.id]
        return number in row.allowed and row.fits[number].possible

    def by_hand(self, request: Request) -> list[Machine]:
        """Every machine a person may choose for a request, best first: also one that falls short of the need."""
        kind = self.kind(request)
        row = self._row(kind)
        found = [number for number in row.allowed if row.fits[number].possible]
        return [machine for number in self._sorted(kind, found, row.points) for machine in self._piles[number]]

    def impossible(self, request: Request) -> list[Machine]:
        """Machines that lack what cannot be added."""
        fits = self._row(self.kind(request)).fits
        return [machine for number, pile in enumerate(self._piles) if not fits[number].possible for machine in pile]

    def _choices(self, kind: int, turn: int) -> Sequence[int]:
        row = self._row(kind)
        return row.order if turn else [one for one in row.order if one not in row.too_good]

    def _row(self, kind: int) -> Row:
        if kind not in self._rows:
            request = self._samples[kind]
            want, software = wanted(request.need_codes), request.software
            fits = [fit(want, software, self._offers[pile[0].id]) for pile in self._piles]
            points = [one.points for one in fits]
            allowed = frozenset(number for number in range(len(fits)) if self._may_have(kind, number))
            answers = [number for number in sorted(allowed) if _answers(fits[number])]
            too_good = frozenset(
                number for number, one in enumerate(fits) if any(term.code == FAR_BETTER for term in one.terms)
            )
            self._rows[kind] = Row(fits, points, self._sorted(kind, answers, points), too_good, allowed)
        return self._rows[kind]

    def _sorted(self, kind: int, found: Sequence[int], points: list[int]) -> list[int]:
        """Best first, then nearest, then the longest ready: kinds are numbered in that order."""
        partner = self._samples[kind].partner
        return sorted(found, key=lambda one: (-points[one], _far(partner, self._piles[one][0].workshop), one))

    def _may_have(self, kind: int, number: int) -> bool:
        request, machine = self._samples[kind], self._piles[number][0]
        named = self._names.get(machine.id)
        if (named or request.id in self._named) and named != request.id:
            return False
        if named is None and request.programme.rules.built_by_holder:
            return False
        try:
            check_machine(request, self._price(kind), machine, self._session, self._on, self._law)
        except Refused:
            return False
        return True

    def _price(self, kind: int) -> int:
        if kind not in self._prices:
            self._prices[kind] = price_of(self._session, self._samples[kind])
        return self._prices[kind]

    def _asked_by(self, request: Request) -> tuple[object, ...]:
        """What decides which machines a request accepts."""
        rules = request.programme.rules
        alone = request.id in self._named or rules.unlocked_price_cents is not None
        want, partner = wanted(request.need_codes), request.partner
        return (
            (want.portable, want.large_screen, want.camera, want.sound, want.memory),
            request.programme_id,
            request.profile,
            (partner.commune, partner.postcode, partner.id if rules.partner_sets_price else 0),
            request.id if alone else 0,
        )

    def _told_of(self, machine: Machine) -> tuple[object, ...]:
        """What decides who accepts a machine."""
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


def _answers(found: Fit) -> bool:
    """Whether a machine may be proposed: it lacks nothing of the need."""
    return found.possible and not any(term.against and term.code in NEVER_WORSE for term in found.terms)


def _works(offer: Offer) -> tuple[object, ...]:
    return (offer.works(Check.CAMERA), offer.works(Check.SOUND), offer.checks.get(Check.BATTERY))


def _far(partner: Organisation, workshop: Organisation) -> int:
    """How far a workshop is, as far as their addresses tell: same commune, same département, elsewhere."""
    if partner.commune and (partner.commune, partner.postcode[:2]) == (workshop.commune, workshop.postcode[:2]):
        return 0
    return 1 if partner.postcode[:2] == workshop.postcode[:2] else 2
