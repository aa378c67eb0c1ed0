"""The audit on the server: the whole log made again from the events themselves, and held against heads kept elsewhere.

It finds an event altered or cut out, a leaf swapped or out of order, one never sealed, a tail cut, a log that is another
one, and a head that the events no longer give: a fork. It names what it can: machine, event, place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.log.heads import Head, LogHead, read_head
from ordi.log.leaves import Leaf, Ticket, entry
from ordi.log.sealing import log_uuid
from ordi.log.tree import Growth
from ordi.machines.journal import Event, hash_of
from ordi.machines.machine import Machine
from ordi.signatures import SignatureRefused

AT_ONCE = 500


@dataclass(frozen=True)
class LogFault:
    """Something wrong in the log: what, and where as far as it can be named."""

    what: str
    place: int | None = None
    tag: str | None = None
    seq: int | None = None

    def __str__(self) -> str:
        where = [f"leaf {self.place}"] if self.place is not None else []
        where += [f"{self.tag} event {self.seq}"] if self.tag else [f"event {self.seq}"] if self.seq else []
        return f"{self.what}: {', '.join(where)}" if where else self.what


@dataclass(frozen=True)
class _Promise:
    """A root that must be found when the log has this size."""

    size: int
    root: bytes
    name: str


def rebuild(session: Session, jwks: Mapping[str, Any], against: Sequence[Head] = ()) -> Iterator[LogFault]:
    """Make the log again from the events and yield each fault; `against` are heads that were kept elsewhere.

    Codes: gap, event-gone, event-altered, leaf-altered, subtree-altered, order, unsealed, head-altered (one of our own
    table), another-log, cut (shorter than a head says), forked (another root than a head says).
    """
    ours = log_uuid(session)
    promises = []
    for kept in session.scalars(select(LogHead).order_by(LogHead.id)):
        try:
            signed = read_head(kept.jws, jwks)
        except SignatureRefused:
            signed = None
        if signed is None or (signed.log, signed.size, signed.root.hex()) != (ours, kept.size, kept.root):
            yield LogFault("head-altered", kept.size)
        else:
            promises.append(_Promise(signed.size, signed.root, "head-altered"))
    for head in against:
        if head.log != ours:
            yield LogFault("another-log")
        else:
            promises.append(_Promise(head.size, head.root, "forked"))
    yield from _walk(session, sorted(promises, key=lambda one: one.size))
    yield from _left_out(session)


def _walk(session: Session, promises: list[_Promise]) -> Iterator[LogFault]:
    kept, tree, last, due = Growth(), Growth(), dict[int, int](), iter(promises)
    promise = next(due, None)
    query = (
        select(Leaf, Event, Machine.tag)
        .outerjoin(Event, Event.id == Leaf.event_id)
        .outerjoin(Machine, Machine.id == Event.machine_id)
        .order_by(Leaf.position)
        .execution_options(yield_per=AT_ONCE)
    )
    for chunk in session.execute(query).tuples().partitions():
        for leaf, event, tag in chunk:
            yield from _check_leaf(leaf, event, tag, kept, last)
            tree.add(entry(hash_of(event, tag) if event and tag else leaf.hash))
            while promise and promise.size <= tree.size:
                if promise.size < tree.size or tree.root() != promise.root:
                    yield LogFault(promise.name, promise.size)
                promise = next(due, None)
    while promise:
        yield LogFault("cut" if promise.name == "forked" else promise.name, promise.size)
        promise = next(due, None)


def _check_leaf(
    leaf: Leaf, event: Event | None, tag: str | None, kept: Growth, last: dict[int, int]
) -> Iterator[LogFault]:
    """`kept` is the tree of what the leaves say, so that an altered event does not accuse every subtree above it."""
    place = leaf.position
    if place != kept.size:
        yield LogFault("gap", kept.size)
    if event is None or tag is None:
        yield LogFault("event-gone", place, seq=leaf.event_id)
    else:
        if event.hash != hash_of(event, tag):
            yield LogFault("event-altered", place, tag, event.seq)
        if leaf.hash != event.hash:
            yield LogFault("leaf-altered", place, tag, event.seq)
        if event.seq != last.get(event.machine_id, 0) + 1:
            yield LogFault("order", place, tag, event.seq)
        last[event.machine_id] = event.seq
    if b"".join(kept.add(entry(leaf.hash))) != leaf.above:
        yield LogFault("subtree-altered", place, tag, event.seq if event else None)


def _left_out(session: Session) -> Iterator[LogFault]:
    """Events that have neither a leaf nor a ticket: no sealer will ever take them."""
    query = (
        select(Machine.tag, Event.seq)
        .select_from(Event)
        .outerjoin(Machine, Machine.id == Event.machine_id)
        .outerjoin(Leaf, Leaf.event_id == Event.id)
        .outerjoin(Ticket, Ticket.event_id == Event.id)
        .where(Leaf.event_id.is_(None), Ticket.event_id.is_(None))
        .order_by(Event.id)
    )
    for tag, seq in session.execute(query):
        yield LogFault("unsealed", tag=tag, seq=seq)
