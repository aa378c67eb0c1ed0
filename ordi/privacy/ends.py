"""When a household's file is over: the last day on which something of it ended, or what of it still runs.

Read for many at once, in a fixed number of queries, without opening a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ordi.papers import PARIS
from ordi.parties.households import Household
from ordi.sharing.connections import Connection
from ordi.sharing.loan_ends import Answer, LoanEnd
from ordi.sharing.months import months_after
from ordi.sharing.programmes import Programme
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import LIVE, Request
from ordi.sharing.rules import Contract, Rules
from ordi.sharing.training import Place, Step, TrainingSession
from ordi.sharing.warranty import warranty_end


class Thing(StrEnum):
    """What runs, or was the last to end."""

    REQUEST = "request"
    LOAN = "loan"
    WARRANTY = "warranty"
    TRAINING = "training"
    CONNECTION = "connection"
    GIFT = "gift"
    CONTACT = "contact"


@dataclass
class FileEnd:
    """How a household's file stands."""

    ended: date
    after: Thing = Thing.CONTACT
    """What ended that day."""
    running: dict[Thing, date | None] = field(default_factory=dict)
    """What still runs, and until when where that is known."""

    def runs(self, thing: Thing, until: date | None = None) -> None:
        """Something of it still runs."""
        self.running[thing] = until

    def ends(self, thing: Thing, on: date) -> None:
        """Something of it ended that day."""
        if on >= self.ended:
            self.ended, self.after = on, thing

    def erased_on(self, months: int) -> date | None:
        """The day on which it is forgotten, as things stand; nothing while something runs."""
        return None if self.running else months_after(self.ended, months)


def file_ends(
    session: Session, *, at: datetime, before: datetime | None = None, only: Household | None = None
) -> dict[int, FileEnd]:
    """How the files stand that are not erased, by household.

    `before`: those whose last contact was earlier, the only ones that can be over for long. Raises `NoLegalRule`.
    """
    chosen = select(Household.id).where(Household.erased_at.is_(None))
    if before is not None:
        chosen = chosen.where(Household.last_contact_at < before)
    if only is not None:
        chosen = chosen.where(Household.id == only.id)
    contacts = session.execute(chosen.add_columns(Household.last_contact_at).order_by(Household.id))
    found = {number: FileEnd(_day(contact)) for number, contact in contacts}
    if found:
        rules_of = {one.id: one.rules for one in session.scalars(select(Programme))}
        _requests(session, chosen, found, rules_of)
        _machines(session, chosen, found, rules_of, at)
        _training(session, chosen, found, at)
        _connections(session, chosen, found)
    return found


def _requests(session: Session, chosen: Select[int], found: dict[int, FileEnd], rules_of: Mapping[int, Rules]) -> None:
    """A request that waits, or one that was withdrawn, refused or closed."""
    learning = select(Place.id).where(Place.request_id == Request.id).exists()
    rows = session.execute(
        select(Request.household_id, Request.programme_id, Request.state, Request.ended_at, learning).where(
            Request.household_id.in_(chosen)
        )
    )
    for household, programme, state, ended_at, learns in rows:
        if household is None:
            continue
        if state in LIVE and not (rules_of[programme].contract == Contract.NONE and learns):  # then its training says
            found[household].runs(Thing.REQUEST)
        elif ended_at is not None:
            found[household].ends(Thing.REQUEST, _day(ended_at))


def _machines(
    session: Session, chosen: Select[int], found: dict[int, FileEnd], rules_of: Mapping[int, Rules], at: datetime
) -> None:
    """A loan runs until the machine is back, or the day it was kept for good; what stays is done, once its warranty is over: a sale's by law, another's as promised."""
    rows = session.execute(
        select(
            Request.household_id,
            Request.programme_id,
            Allocation.handed_over_at,
            Allocation.signed_on_paper,
            Allocation.contract_ends,
            Allocation.ended_at,
            LoanEnd.answered_at,
        )
        .join(Allocation, Allocation.request_id == Request.id)
        .outerjoin(LoanEnd, (LoanEnd.allocation_id == Allocation.id) & (LoanEnd.answer == Answer.KEEP))
        .where(Request.household_id.in_(chosen), Allocation.handed_over_at.is_not(None))
    )
    today = _day(at)
    for household, programme, given_at, signed_on, contract_ends, ended_at, kept_at in rows:
        if household is None or given_at is None:
            continue
        end, given, contract = found[household], signed_on or _day(given_at), rules_of[programme].contract
        if ended_at is not None:
            end.ends(Thing.LOAN if contract == Contract.LOAN else Thing.GIFT, _day(ended_at))
            continue
        if contract_ends is not None:
            end.runs(Thing.LOAN, contract_ends)
            continue
        over = warranty_end(session, rules_of[programme], given)
        if kept_at is not None:
            end.ends(Thing.LOAN, _day(kept_at))
        elif contract == Contract.GIFT:
            end.ends(Thing.GIFT, given)
        if over is not None and over > today:
            end.runs(Thing.WARRANTY, over)
        elif over is not None:
            end.ends(Thing.WARRANTY, over)


def _training(session: Session, chosen: Select[int], found: dict[int, FileEnd], at: datetime) -> None:
    rows = session.execute(
        select(Request.household_id, Place.step, func.max(TrainingSession.begins))
        .join(Place, Place.request_id == Request.id)
        .join(TrainingSession, TrainingSession.group_id == Place.group_id)
        .where(Request.household_id.in_(chosen))
        .group_by(Request.household_id, Place.id, Place.step)
    )
    for household, step, last in rows:
        if household is None:
            continue
        if last >= at and step not in (Step.CERTIFIED, Step.LEFT):
            found[household].runs(Thing.TRAINING, _day(last))
        else:
            found[household].ends(Thing.TRAINING, min(_day(last), _day(at)))


def _connections(session: Session, chosen: Select[int], found: dict[int, FileEnd]) -> None:
    rows = session.execute(
        select(Request.household_id, Connection.closed_at)
        .join(Connection, Connection.request_id == Request.id)
        .where(Request.household_id.in_(chosen))
    )
    for household, closed_at in rows:
        if household is None:
            continue
        if closed_at is None:
            found[household].runs(Thing.CONNECTION)
        else:
            found[household].ends(Thing.CONNECTION, _day(closed_at))


def _day(moment: datetime) -> date:
    return moment.astimezone(PARIS).date()
