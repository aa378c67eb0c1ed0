"""What anyone may ask of the log: where an entry is, and that a longer log begins with a shorter one.

Each answer costs two or three short queries whatever the size of the log, and holds hashes only.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotFound
from ordi.log.heads import LogHead, newest
from ordi.log.leaves import place_of, roots
from ordi.log.sealing import log_uuid
from ordi.log.tree import consistency, inclusion

INCLUSION_TYP = "ordi-log-inclusion/1"
CONSISTENCY_TYP = "ordi-log-consistency/1"


def inclusion_proof(session: Session, leaf: str, size: int | None = None) -> dict[str, Any]:
    """The proof that an event's hash is in the log of `size` entries (the newest head's when none is asked).

    Raise `NotFound` (no such entry in a log of that size), `Invalid` (longer than what is signed).
    """
    head, log = _newest(session)
    asked = _signed(head, head.size if size is None else size, "size")
    index = place_of(session, leaf)
    if index is None or index >= asked:
        raise NotFound()
    path = [node.hex() for node in roots(session, inclusion(index, asked))]
    proof = {"typ": INCLUSION_TYP, "log": log, "leaf": leaf, "index": index, "size": asked, "path": path}
    return proof | {"head": head.jws if asked == head.size else None}


def consistency_proof(session: Session, old: int, new: int | None = None) -> dict[str, Any]:
    """The proof that the log of `new` entries (the newest head's when none is asked) begins with that of `old`.

    Raise `Invalid`: not `0 < old ≤ new`, or longer than what is signed.
    """
    head, log = _newest(session)
    asked = _signed(head, head.size if new is None else new, "to")
    if not 0 < old <= asked:
        raise Invalid(field="from", why="range")
    path = [node.hex() for node in roots(session, consistency(old, asked))]
    return {"typ": CONSISTENCY_TYP, "log": log, "from": old, "to": asked, "path": path}


def _newest(session: Session) -> tuple[LogHead, str]:
    head, log = newest(session), log_uuid(session)
    if head is None or log is None:
        raise NotFound()
    return head, log


def _signed(head: LogHead, asked: int, name: str) -> int:
    if not 0 < asked <= head.size:
        raise Invalid(field=name, why="range")
    return asked
