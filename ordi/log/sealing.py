"""Sealing: the one job that gives waiting events their place and signs the log they make.

Two sealers at once are one after the other: on PostgreSQL the second waits for the row of `logs`, on SQLite for the
write lock that its transaction began with.
"""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from ordi.log.heads import PURPOSE, LogHead, newest, sign_head
from ordi.log.leaves import Leaf, Log, Ticket, entry, subtrees, waiting
from ordi.log.tree import Growth
from ordi.signatures import SigningKey, named_key

AT_ONCE = 5000
"""Events sealed in one transaction; what remains waits for the next."""

THE_LOG = 1


def seal(session: Session, key: SigningKey, *, at: datetime, most: int = AT_ONCE) -> LogHead | None:
    """Seal what waits and sign the new head; None when nothing waited. Locks the log until the transaction ends.

    A head that another key signed is signed anew, even when nothing waits: that key may be believed no more.
    """
    if key.purpose != PURPOSE:
        raise ValueError(f"a key of purpose {key.purpose} does not sign the log")
    log = hold(session, at=at)
    events, last = waiting(session, most), newest(session)
    if not events and (last is None or named_key(last.jws) == key.kid):
        return None
    first = size_of(session)
    tree, leaves = Growth(first, subtrees(session, first)), []
    for event_id, event_hash in events:
        above = b"".join(tree.add(entry(event_hash)))
        leaves.append({"position": tree.size - 1, "event_id": event_id, "hash": event_hash, "above": above})
    if leaves:
        session.execute(insert(Leaf), leaves)
    sealed = select(Leaf.event_id).where(Leaf.position >= first)
    session.execute(delete(Ticket).where(Ticket.event_id.in_(sealed)), execution_options={"synchronize_session": False})
    return sign_head(session, log.uuid, tree.size, tree.root(), key, at=max(at, _last_instant(session, at)))


def hold(session: Session, *, at: datetime) -> Log:
    """The log, begun when it is not; nobody else seals until this transaction ends."""
    query = select(Log).where(Log.id == THE_LOG).with_for_update()
    log = session.scalar(query)
    if log is None:
        session.execute(
            text("INSERT INTO logs (id, uuid, begun_at) VALUES (:id, :uuid, :at) ON CONFLICT DO NOTHING").bindparams(
                id=THE_LOG, uuid=str(uuid4())
            ),
            {"at": at},
        )
        log = session.scalars(query).one()
    return log


def size_of(session: Session) -> int:
    """How many leaves there are."""
    last = session.scalar(select(func.max(Leaf.position)))
    return 0 if last is None else last + 1


def log_uuid(session: Session) -> str | None:
    """Which log this is; None before the first sealing."""
    return session.scalar(select(Log.uuid).where(Log.id == THE_LOG))


def _last_instant(session: Session, at: datetime) -> datetime:
    """A clock put back does not make a longer log older than a shorter one."""
    last = newest(session)
    return last.issued_at if last else at
