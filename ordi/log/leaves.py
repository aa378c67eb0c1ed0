"""The order of the log: each event once, at a place it keeps for ever. The database refuses to change or remove any.

An event gets a ticket in the transaction that writes it (a trigger: `ordi.machines.triggers`), and the sealer takes the
tickets it sees. So what commits late is sealed late and never skipped, whatever order its number came in.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from ordi.log.tree import Node, Range, fold, leaf_hash, peaks
from ordi.machines.journal import Event
from ordi.machines.lifecycle import Note

WIDTH = 32
CERTIFIABLE = (Note.WIPE_JUDGED, Note.DRIVE_DESTROYED)
"""The events a certificate is about."""


class Log(Base):
    """The one log of this network. Its row is the lock that keeps sealers one at a time."""

    __tablename__ = "logs"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    """Drawn when the log begins: another log is another one, whatever it holds."""
    begun_at: Mapped[datetime]


class Leaf(Base):
    """An event's place in the log."""

    __tablename__ = "log_leaves"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 0, without a gap."""
    event_id: Mapped[int] = mapped_column(unique=True)
    """No foreign key: should an event be cut out one day, its leaf stays and says so."""
    hash: Mapped[str] = mapped_column(String(64), index=True)
    """The event's hash; its 64 characters are the entry that is hashed into the tree."""
    above: Mapped[bytes]
    """The subtrees that this leaf completes, level 1 first, 32 bytes each: what keeps any proof a single query."""


class Ticket(Base):
    """An event that waits to be sealed. Written by the database itself; gone once the event has its leaf."""

    __tablename__ = "log_waiting"

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


def entry(event_hash: str) -> bytes:
    """What is hashed into the tree for an event: the characters of its hash."""
    return event_hash.encode()


def roots(session: Session, ranges: Collection[Range]) -> list[bytes]:
    """The root of each range of sealed leaves that a proof or a tree is made of. One query."""
    wanted = {node for leaves in ranges for node in peaks(leaves)}
    kept = _kept(session, wanted)
    return [fold([kept[node] for node in peaks(leaves)]) for leaves in ranges]


def place_of(session: Session, event_hash: str) -> int | None:
    """Where an event is in the log; None when it is not, or not yet."""
    return session.scalar(select(Leaf.position).where(Leaf.hash == event_hash).order_by(Leaf.position).limit(1))


def judged_at(session: Session, machine_id: int, sanitisation: str) -> dict[str, str | int | None] | None:
    """What a certificate says of the log: the event it certifies (a wipe judged, a drive destroyed), and its place once it has one."""
    query = (
        select(Event.hash, Event.facts, Leaf.position)
        .outerjoin(Leaf, Leaf.event_id == Event.id)
        .where(Event.machine_id == machine_id, Event.action.in_(CERTIFIABLE))
        .order_by(Event.seq.desc())
    )
    for event_hash, facts, position in session.execute(query):
        if json.loads(facts).get("sanitisation") == sanitisation:
            return {"leaf": event_hash, "index": position}
    return None


def subtrees(session: Session, size: int) -> list[bytes]:
    """The complete subtrees of the first `size` leaves, largest first."""
    nodes = peaks((0, size))
    kept = _kept(session, nodes)
    return [kept[node] for node in nodes]


def waiting(session: Session, most: int) -> list[tuple[int, str]]:
    """The events that wait, in the order of their numbers: number and hash."""
    query = select(Event.id, Event.hash).join(Ticket, Ticket.event_id == Event.id).order_by(Event.id).limit(most)
    return [(number, event_hash) for number, event_hash in session.execute(query)]


def _kept(session: Session, nodes: Collection[Node]) -> dict[Node, bytes]:
    """A complete subtree is kept with its last leaf."""
    ends = {(level, number): ((number + 1) << level) - 1 for level, number in nodes}
    query = select(Leaf.position, Leaf.hash, Leaf.above).where(Leaf.position.in_(set(ends.values())))
    rows = {position: (event_hash, above) for position, event_hash, above in session.execute(query)}
    found = {}
    for node, end in ends.items():
        event_hash, above = rows[end]
        level = node[0]
        found[node] = above[(level - 1) * WIDTH : level * WIDTH] if level else leaf_hash(entry(event_hash))
    return found
