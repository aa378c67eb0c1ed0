"""Until when a machine is guaranteed: the law's term for a sale, for a gift or a loan what the programme promises of its own."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from ordi.legal_rules import rule
from ordi.papers import PARIS
from ordi.sharing.months import months_after
from ordi.sharing.promises import Allocation
from ordi.sharing.rules import Contract, Rules


def warranty_end(session: Session, rules: Rules, on: date) -> date | None:
    """The first day without warranty of a machine handed over on a day; nothing when none was promised. Raises `NoLegalRule` for a sale."""
    months = rule(session, "sale.warranty", on).value if rules.contract == Contract.SALE else rules.warranty_months
    return months_after(on, months) if months else None


def warranty_of(session: Session, given: Allocation) -> date | None:
    """The same for a machine that was handed over, from the day that was signed. Raises `NoLegalRule` for a sale."""
    if given.handed_over_at is None:
        return None
    on = given.signed_on_paper or given.handed_over_at.astimezone(PARIS).date()
    return warranty_end(session, given.request.programme.rules, on)
