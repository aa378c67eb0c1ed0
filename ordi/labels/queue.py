"""What waits for a label printer: sent once as far as anyone can know.

waiting → sending → printed; back to waiting when the printer took nothing (no paper, head open, nobody there): nothing is lost.
`perhaps_printed` when nobody can know: the line broke after the labels were given. Those go again only when a person says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ordi.errors import Refused
from ordi.labels.printings import Printing, Stage, Way
from ordi.parties.access import require
from ordi.parties.people import Person

PAUSES = tuple(timedelta(minutes=m) for m in (1, 1, 2, 4, 8))
"""Before each new try by itself. Then somebody presses: labels that come out an hour later surprise whoever stands there."""
ABANDONED = timedelta(minutes=5)
"""Longer than any sending: who claimed it is gone."""


class NotWaiting(Refused):
    """This printing is not, or no longer, where this can be done to it."""

    code = "printing-not-waiting"


def claim(session: Session, number: int, *, at: datetime) -> Printing | None:
    """Take a printing that waits, to send it; None when somebody else has it. Commit before sending."""
    query = select(Printing).where(Printing.id == number, Printing.stage == Stage.WAITING)
    printing = session.scalar(query.with_for_update(skip_locked=True))
    if printing is not None:
        printing.stage, printing.claimed_at, printing.attempts = Stage.SENDING, at, printing.attempts + 1
        session.flush()
    return printing


def due(session: Session, *, at: datetime, most: int = 20) -> list[int]:
    """Those that waited long enough, oldest first."""
    query = select(Printing.id).where(Printing.stage == Stage.WAITING, Printing.due_at <= at)
    return list(session.scalars(query.order_by(Printing.due_at, Printing.id).limit(most)))


def settle(session: Session, number: int, stage: Stage, *, at: datetime, trouble: str = "") -> Printing:
    """Write how a sending ended. `WAITING` means nothing was taken: tried later, or when somebody presses."""
    printing = session.get_one(Printing, number, with_for_update=True)
    if printing.stage != Stage.SENDING:
        return printing  # given up meanwhile as perhaps printed: that stays until a person looks
    printing.stage, printing.trouble, printing.claimed_at = stage, trouble[:24], None
    if stage is Stage.WAITING:
        tried = printing.attempts - 1
        printing.due_at = at + PAUSES[tried] if tried < len(PAUSES) else None
    else:
        printing.due_at, printing.ended_at = None, at
    session.flush()
    return printing


def abandon(session: Session, *, at: datetime) -> int:
    """What somebody claimed and never settled was perhaps printed. How many."""
    lost = update(Printing).where(Printing.stage == Stage.SENDING, Printing.claimed_at < at - ABANDONED)
    ended = lost.values(stage=Stage.PERHAPS, ended_at=at, due_at=None, claimed_at=None, trouble="sender-gone")
    return len(session.execute(ended.returning(Printing.id)).all())


def send_again(session: Session, printing: Printing, *, by: Person, at: datetime) -> None:
    """A person has it sent now: what waits, or what was perhaps printed, once more in full. Raises `NotAllowed`, `NotWaiting`."""
    _hold(session, printing, (Stage.WAITING, Stage.PERHAPS, Stage.WITHDRAWN), by, at)
    printing.stage, printing.attempts, printing.due_at, printing.ended_at = Stage.WAITING, 0, at, None
    session.flush()


def seen(session: Session, printing: Printing, *, by: Person, at: datetime) -> None:
    """A person says that the labels did come out. Raises `NotAllowed`, `NotWaiting`."""
    _hold(session, printing, (Stage.PERHAPS,), by, at)
    printing.stage, printing.trouble, printing.ended_at = Stage.PRINTED, "", at
    session.flush()


def withdraw(session: Session, printing: Printing, *, by: Person, at: datetime) -> None:
    """Not to be printed any more. Raises `NotAllowed`, `NotWaiting`."""
    _hold(session, printing, (Stage.WAITING, Stage.PERHAPS), by, at)
    printing.stage, printing.due_at, printing.ended_at = Stage.WITHDRAWN, None, at
    session.flush()


def _hold(session: Session, printing: Printing, stages: tuple[Stage, ...], by: Person, at: datetime) -> None:
    require(by, "labels.print", printing.workshop, at=at)
    session.refresh(printing, with_for_update=True)
    if printing.way != Way.NETWORK or printing.stage not in stages:
        raise NotWaiting(stage=printing.stage)
