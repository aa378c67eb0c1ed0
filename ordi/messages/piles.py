"""Letters go in piles: who prints takes all that wait at once, then says that they are printed, or puts them back.

Until then they are in the pile and can be printed again; nobody else takes them meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Select, update
from sqlalchemy.orm import Session

from ordi.errors import NotFound
from ordi.messages.outbox import Channel, Message, Posting

LARGEST = 200
"""Letters of one pile: what one printer takes in a quarter of an hour."""


def take_pile(session: Session, mine: Select[Message], *, by_id: int) -> str | None:
    """Take the oldest letters that wait among `mine`; the pile's name, nothing when none waits."""
    waiting = (
        mine.where(Message.channel == Channel.LETTER, Message.state == Posting.WAITING)
        .order_by(Message.id)
        .limit(LARGEST)
        .with_for_update(of=Message, skip_locked=True)
    )
    letters = session.scalars(waiting).all()
    name = str(uuid4())
    for letter in letters:
        letter.state, letter.pile, letter.settled_by_id = Posting.PILED, name, by_id
    session.flush()
    return name if letters else None


def letters_of(session: Session, mine: Select[Message], pile: str) -> Sequence[Message]:
    """The letters of a pile among `mine`, in order. Raises `NotFound` for a pile that is none, or over."""
    found = session.scalars(mine.where(Message.pile == pile, Message.state == Posting.PILED).order_by(Message.id)).all()
    if not found:
        raise NotFound()
    return found


def printed(session: Session, letters: Sequence[Message], *, by_id: int, at: datetime) -> int:
    """They are on paper: how many."""
    return _leave(session, letters, state=Posting.SENT, settled_by_id=by_id, ended_at=at)


def put_back(session: Session, letters: Sequence[Message]) -> int:
    """They wait again: how many."""
    return _leave(session, letters, state=Posting.WAITING, pile=None, settled_by_id=None)


def _leave(session: Session, letters: Sequence[Message], **changes: object) -> int:
    """Only what is still in the pile: two who answer at once do it once."""
    piled = update(Message).where(Message.id.in_([one.id for one in letters]), Message.state == Posting.PILED)
    return len(session.execute(piled.values(**changes).returning(Message.id)).all())
