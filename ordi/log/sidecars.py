"""The proof beside a certificate: that it was written in the public log, under a head the organisation signed.

`{typ, log, head, certificates: [{sha256, event, index, path, wipe: {leaf, index, path}}]}`: the file that goes with a PDF or
a JWS. `event` is the text of the event that recorded the certificate; its SHA-256 is the leaf, and it names the
certificate's own SHA-256. `wipe` proves that the judgement the certificate names came before it. Nobody is in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.canonical import canonical, digest
from ordi.log.heads import Head, newest, read_head, root_bytes
from ordi.log.leaves import CERTIFIABLE, Leaf, entry, roots
from ordi.log.tree import includes, inclusion
from ordi.machines.journal import Event, text_of
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.signatures import SignatureRefused

TYP = "ordi-log-proof/1"
_EVENT = {"machine", "seq", "action", "from", "to", "person", "happened_at", "recorded_at", "facts", "prev"}


class NotInTheLog(Exception):
    """A sidecar does not prove what stands beside it; `why` is the precise code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Statement:
    """A certificate as the log must know it."""

    jws: str
    machine: str
    sanitisation: str
    leaf: str | None
    """The event that judged the wipe, or recorded the destruction, as the certificate names it."""

    @property
    def sha256(self) -> str:
        """What its own event names."""
        return hashlib.sha256(self.jws.encode()).hexdigest()

    @classmethod
    def of(cls, jws: str, payload: Mapping[str, Any]) -> Statement:
        """What a verified payload says of itself."""
        log = payload.get("log")
        named = log.get("leaf") if isinstance(log, dict) else None
        machine, wipe = payload.get("machine"), payload.get("sanitisation")
        tag, uuid = (machine or {}).get("tag"), (wipe or {}).get("uuid")
        return cls(jws, str(tag), str(uuid), named)


@dataclass(frozen=True)
class Shown:
    """What a sidecar proved: under which head, and where each certificate is, in their order."""

    head: Head
    places: tuple[int, ...]


def make(session: Session, statements: Sequence[Statement], machine: Machine) -> dict[str, Any] | None:
    """The sidecar of some certificates of one machine, to the newest head; None while one of them is not sealed."""
    head = newest(session)
    if head is None or not statements:
        return None
    query = (
        select(Event, Leaf.position)
        .join(Leaf, Leaf.event_id == Event.id)
        .where(Event.machine_id == machine.id, Event.action.in_((Note.CERTIFIED, *CERTIFIABLE)))
        .order_by(Event.seq)
    )
    rows = session.execute(query).tuples().all()
    certified = {json.loads(e.facts).get("sha256"): (e, at) for e, at in rows if e.action == Note.CERTIFIED}
    judged = {event.hash: at for event, at in rows if event.action in CERTIFIABLE}
    entries: list[dict[str, Any]] = []
    for one in statements:
        if one.sha256 not in certified or (one.leaf is not None and one.leaf not in judged):
            return None
        event, index = certified[one.sha256]
        wipe = None if one.leaf is None else {"leaf": one.leaf, "index": judged[one.leaf]}
        entries.append({"sha256": one.sha256, "event": text_of(event, machine.tag), "index": index, "wipe": wipe})
    parts = [part for one in entries for part in (one, one["wipe"]) if part]
    for part in parts:
        part["path"] = [node.hex() for node in roots(session, inclusion(part["index"], head.size))]
    return {"typ": TYP, "head": head.jws, "certificates": entries}


def check(sidecar: Mapping[str, Any], statements: Sequence[Statement], jwks: Mapping[str, Any]) -> Shown:
    """What a sidecar proves of certificates whose own signatures were verified. Raise `NotInTheLog`.

    Codes: not-a-sidecar, head-… (its signature), another-certificate, another-machine, another-event, another-wipe,
    not-under-this-head, wipe-not-under-this-head, wipe-after-certificate.
    """
    match sidecar:
        case {"typ": str(typ), "head": str(jws), "certificates": list(entries)} if typ == TYP and len(sidecar) == 3:
            head = _head(jws, jwks)
        case _:
            raise NotInTheLog("not-a-sidecar")
    if len(entries) != len(statements):
        raise NotInTheLog("another-certificate")
    return Shown(head, tuple(_place(one, told, head) for one, told in zip(entries, statements, strict=True)))


def _head(jws: str, jwks: Mapping[str, Any]) -> Head:
    try:
        return read_head(jws, jwks)
    except SignatureRefused as refused:
        raise NotInTheLog(f"head-{refused.why}") from None


def _place(told: Any, statement: Statement, head: Head) -> int:
    match told:
        case {"sha256": str(sha256), "event": str(event), "index": int(index), "path": list(path), "wipe": wipe} if (
            len(told) == 5
        ):
            pass
        case _:
            raise NotInTheLog("not-a-sidecar")
    if sha256 != statement.sha256:
        raise NotInTheLog("another-certificate")
    _check_event(event, statement)
    if not includes(entry(digest(event)), index, head.size, _hashes(path), head.root):
        raise NotInTheLog("not-under-this-head")
    _check_wipe(wipe, statement, index, head)
    return int(index)


def _check_event(event: str, statement: Statement) -> None:
    """The text of an event that records this certificate of this wipe of this machine, in the one form that is hashed."""
    try:
        told = json.loads(event)
        facts = json.loads(told["facts"])
        sound = told.keys() == _EVENT and canonical(told) == event and canonical(facts) == told["facts"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise NotInTheLog("another-event") from None
    if not sound or not isinstance(facts, dict) or told["action"] != Note.CERTIFIED:
        raise NotInTheLog("another-event")
    if told["machine"] != statement.machine:
        raise NotInTheLog("another-machine")
    if facts.get("sha256") != statement.sha256 or facts.get("sanitisation") != statement.sanitisation:
        raise NotInTheLog("another-certificate")


def _check_wipe(wipe: Any, statement: Statement, before: int, head: Head) -> None:
    if statement.leaf is None:
        if wipe is not None:
            raise NotInTheLog("another-wipe")
        return
    match wipe:
        case {"leaf": str(leaf), "index": int(index), "path": list(path)} if len(wipe) == 3:
            pass
        case _:
            raise NotInTheLog("another-wipe")
    if leaf != statement.leaf:
        raise NotInTheLog("another-wipe")
    if index >= before:
        raise NotInTheLog("wipe-after-certificate")
    if not includes(entry(leaf), index, head.size, _hashes(path), head.root):
        raise NotInTheLog("wipe-not-under-this-head")


def _hashes(path: list[Any]) -> list[bytes]:
    try:
        return [root_bytes(str(node)) for node in path]
    except SignatureRefused:
        raise NotInTheLog("not-a-sidecar") from None
