"""What a draft would change for those who wait: looked at before it is put in force. Nothing is written.

Those who wait keep the version they were filed under; this says how the same requests would stand under the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ordi.papers import PARIS
from ordi.parties.organisations import Organisation
from ordi.sharing.facts import unmet
from ordi.sharing.filing import kind_of, may_ask
from ordi.sharing.fit import rank_under, total
from ordi.sharing.living import serves
from ordi.sharing.programmes import Programme
from ordi.sharing.quotas import BudgetSpent, QuotaBook, QuotaReached
from ordi.sharing.requests import Request
from ordi.sharing.rules import HolderKind, Rules
from ordi.sharing.waiting import in_order, waiting_requests


@dataclass(frozen=True)
class Effect:
    """One waiting request: its place now and then, and the conditions it would newly lack."""

    request: Request
    place: int
    then: int
    lacks: tuple[str, ...]
    outside: bool
    """It would be asked for by somebody this draft does not serve."""
    not_theirs: bool = False
    """Who filed it could ask before, and could not under this draft."""
    beyond: str = ""
    """The refusal of the quota or the budget it would newly meet, if all of them were served in order."""


def effects(session: Session, pole: Organisation, draft: Programme, *, at: datetime) -> list[Effect]:
    """How each request that waits under this programme's code would stand under a draft, in today's order."""
    waiting = waiting_requests(session, pole)
    now = {one.request.id: n for n, one in enumerate(in_order(waiting, at), start=1)}
    then = {one.id: n for n, one in enumerate(_ordered(waiting, draft, at), start=1)}
    mine = sorted((one for one in waiting if one.programme.code == draft.code), key=lambda one: now[one.id])
    before = _beyond(session, pole, mine, lambda one: one.programme.rules, at)
    after = _beyond(session, pole, sorted(mine, key=lambda one: then[one.id]), lambda _one: draft.rules, at)
    return [
        Effect(
            one,
            now[one.id],
            then[one.id],
            _newly_lacking(one, draft.rules),
            not _serves(one, draft.rules),
            _asks(session, one, one.programme.rules, at) and not _asks(session, one, draft.rules, at),
            "" if one.id in before else after.get(one.id, ""),
        )
        for one in mine
    ]


def _beyond(
    session: Session, pole: Organisation, ordered: Sequence[Request], rules: Callable[[Request], Rules], at: datetime
) -> dict[int, str]:
    """What stops each when those before it were served: a code of `quotas`."""
    book = QuotaBook(session, pole, {one.programme.code for one in ordered}, at.astimezone(PARIS).date())
    found: dict[int, str] = {}
    for one in ordered:
        try:
            book.check(one, rules(one))
        except (QuotaReached, BudgetSpent) as refusal:
            found[one.id] = refusal.code
        else:
            book.write_down(one)
    return found


def _asks(session: Session, request: Request, rules: Rules, at: datetime) -> bool:
    return may_ask(session, rules, request.partner, request.filed_by, at=at)


def _ordered(waiting: Sequence[Request], draft: Programme, at: datetime) -> list[Request]:
    def points(one: Request) -> int:
        rules = draft.rules if one.programme.code == draft.code else one.programme.rules
        return total(rank_under(rules, one, at))

    return sorted(waiting, key=lambda one: (-points(one), one.filed_at, one.id))


def _newly_lacking(request: Request, rules: Rules) -> tuple[str, ...]:
    before = set(request.unmet)
    return tuple(one for one in unmet(rules.criteria, request.attested) if one not in before)


def _serves(request: Request, rules: Rules) -> bool:
    holder = HolderKind.HOUSEHOLD if request.household_id is not None else kind_of(request.partner)
    return holder in rules.holders and serves(rules, request)
