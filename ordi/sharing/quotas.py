"""How many a programme may serve, and for how much: counted over the requests of a pole, each once, from the first thing it was given.

What serves a request is a machine promised or handed over, and an access, a seat or a visit where its version of the programme brings them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from ordi.errors import Refused
from ordi.papers import PARIS
from ordi.parties.organisations import Organisation
from ordi.places.communes import whole
from ordi.sharing.beside import Connection, Visit
from ordi.sharing.living import Area, area_of
from ordi.sharing.months import months_before
from ordi.sharing.programmes import Programme
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request
from ordi.sharing.rules import Quota, Rules, Service
from ordi.sharing.training import Place, Step, TrainingSession

UNLIMITED = Quota()


class QuotaReached(Refused):
    """The programme serves no more in all."""

    code = "quota-reached"


class PartnerQuotaReached(QuotaReached):
    """It serves no more of this partner organisation."""

    code = "partner-quota-reached"


class CommuneQuotaReached(QuotaReached):
    """It serves no more of this commune."""

    code = "commune-quota-reached"


class BudgetSpent(Refused):
    """The programme has no money left for one more."""

    code = "budget-spent"


@dataclass(frozen=True)
class Served:
    """A request that was served, and when first."""

    request_id: int
    partner_id: int
    commune: Area
    on: date


def limited(rules: Rules) -> bool:
    """Whether a programme has a quota or a budget."""
    return rules.quota != UNLIMITED or bool(rules.budget_cents)


def hold_quota(session: Session, programme: Programme) -> None:
    """Let nobody else serve under this programme, in any version, until this transaction ends: two at once are not one."""
    if limited(programme.rules):
        versions = select(Programme.id).where(Programme.code == programme.code).order_by(Programme.id)
        session.execute(versions.with_for_update(key_share=True))


class QuotaBook:
    """What each programme of a pole served so far; a run that proposes several writes each one down."""

    def __init__(self, session: Session, pole: Organisation, codes: Iterable[str], on: date) -> None:
        self._on = on
        self._served: dict[str, dict[int, Served]] = {code: {} for code in codes}
        if not self._served:
            return
        for query in _given(session, self._served):
            rows = session.execute(query.where(Organisation.path.startswith(pole.path, autoescape=True))).all()
            for code, request_id, lives_in, partner_id, is_in, called, given in rows:
                day = given.astimezone(PARIS).date() if isinstance(given, datetime) else given
                said = Served(request_id, partner_id, Area(whole(lives_in or is_in), called), day)
                known = self._served[code].get(request_id, said)
                self._served[code][request_id] = min(known, said, key=lambda one: one.on)

    def check(self, request: Request, rules: Rules | None = None) -> None:
        """Whether a request may be served: one that was already is not counted again. `rules` that may not be its own: a draft's. Raises `QuotaReached`, `BudgetSpent`."""
        rules, code = rules or request.programme.rules, request.programme.code
        if not limited(rules) or request.id in self._served[code]:
            return
        everyone = self._served[code].values()
        quota = rules.quota
        since = months_before(self._on, quota.per_months) if quota.per_months else date.min
        counted = [one for one in everyone if one.on > since]
        partner, area = request.partner_id, area_of(request)
        for reached, limit, count in (
            (QuotaReached, quota.total, len(counted)),
            (PartnerQuotaReached, quota.per_partner, sum(one.partner_id == partner for one in counted)),
            (CommuneQuotaReached, quota.per_commune, sum(one.commune.same(area) for one in counted)),
        ):
            if limit and count >= limit:
                facts = {"partner": request.partner.name, "commune": request.commune_code or request.partner.commune}
                raise reached(programme=request.programme.name, limit=limit, months=quota.per_months, **facts)
        if self.left(code, rules) < rules.unit_cost_cents:
            raise BudgetSpent(programme=code)

    def left(self, code: str, rules: Rules) -> int:
        """What remains of a programme's budget, in cents; as much as one wants when it is not counted."""
        if not rules.budget_cents:
            return rules.unit_cost_cents
        return rules.budget_cents - rules.unit_cost_cents * len(self._served[code])

    def write_down(self, request: Request) -> None:
        """One more is about to be served."""
        served = Served(request.id, request.partner_id, area_of(request), self._on)
        self._served[request.programme.code][request.id] = served

    def count(self, code: str) -> int:
        """How many were served since the beginning."""
        return len(self._served.get(code, {}))


def _given(session: Session, codes: Iterable[str]) -> Iterator[Select[Any]]:
    """What was given under these programmes: each row who got it, and when."""
    versions = session.scalars(select(Programme).where(Programme.code.in_(codes))).all()
    held = Allocation.ended_at.is_(None) | Allocation.handed_over_at.is_not(None)
    yield _told(versions, Allocation.at, Allocation, held)
    seated = Place.step.not_in((Step.WAITING, Step.LEFT))
    last = select(func.max(TrainingSession.begins)).where(TrainingSession.group_id == Place.group_id)
    for service, when, thing, condition in (
        (Service.CONNECTION, Connection.opened_on, Connection, true()),
        (Service.TRAINING, last.scalar_subquery(), Place, seated),
        (Service.VISIT, Visit.at, Visit, true()),
    ):
        if bringing := [one for one in versions if service in one.rules.services]:
            yield _told(bringing, when, thing, condition)


def _told(versions: Sequence[Programme], when: Any, thing: type[Any], condition: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            Programme.code,
            Request.id,
            Request.commune_code,
            Organisation.id,
            Organisation.commune_code,
            Organisation.commune,
            when,
        )
        .join(Request, Request.programme_id == Programme.id)
        .join(Organisation, Organisation.id == Request.partner_id)
        .join(thing, thing.request_id == Request.id)
        .where(Programme.id.in_([one.id for one in versions]), condition)
        .order_by(thing.id)
    )
