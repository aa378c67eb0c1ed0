"""How long a programme takes: measured on its last year of hand-overs, or else what its version announces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.parties.organisations import Organisation
from ordi.sharing.programmes import Programme
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request

MEASURED_OVER = timedelta(days=365)
FEWEST = 5
"""Hand-overs below which a median says more of one family than of the programme."""


@dataclass(frozen=True)
class Delay:
    """Days from filing to hand-over: the middle one, and the bounds within which every second family was."""

    days: int
    low: int = 0
    high: int = 0
    count: int = 0
    """Hand-overs it is measured on; 0: it is only announced."""


def delays_of(session: Session, pole: Organisation, *, at: datetime) -> dict[str, Delay]:
    """What a pole's hand-overs of the last twelve months say, by the code of the programme, under whichever version; in one query.

    A request counts once, at its first hand-over: a machine exchanged later says nothing of the wait.
    """
    first = func.min(Allocation.handed_over_at)
    rows = session.execute(
        select(Programme.code, Request.filed_at, first)
        .join(Request, Request.programme_id == Programme.id)
        .join(Allocation, Allocation.request_id == Request.id)
        .join(Organisation, Organisation.id == Request.partner_id)
        .where(Organisation.path.startswith(pole.path, autoescape=True), Allocation.handed_over_at.is_not(None))
        .group_by(Request.id, Programme.code, Request.filed_at)
        .having(first >= at - MEASURED_OVER)
    )
    waits: dict[str, list[int]] = {}
    for code, filed_at, given_at in rows:
        if given_at is not None:
            waits.setdefault(code, []).append(max(0, (given_at - filed_at).days))
    return {code: _measured(days) for code, days in waits.items() if len(days) >= FEWEST}


def delay_of(programme: Programme, measured: Mapping[str, Delay]) -> Delay:
    """The usual delay of a programme: what was measured, or what its version announces."""
    return measured.get(programme.code) or Delay(programme.rules.usual_delay_days)


def _measured(days: list[int]) -> Delay:
    low, _middle, high = quantiles(days, n=4, method="inclusive")
    return Delay(round(median(days)), round(low), round(high), len(days))
