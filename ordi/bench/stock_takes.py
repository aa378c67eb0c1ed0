"""Counting a bin: what is really in it replaces what was written, and the difference is kept as a line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from ordi.bench.bins import Bin, followed_in, hold_bin, inside
from ordi.bench.part_ledger import MOST, Way, move
from ordi.errors import Invalid, SomeoneJustDidThis
from ordi.parties.people import Person


def count_bin(
    session: Session,
    box: Bin,
    found: Mapping[int, int],
    seen: Collection[int],
    *,
    version: int,
    by: Person,
    at: datetime,
) -> int:
    """Write what a count found: `found` by kind, and the numbers of the followed parts that were `seen`. Returns the differences.

    `version` is the bin's as the count began: when something was taken or laid in meanwhile, the count says nothing.
    A followed part that is not there is missing from then on; a kind that is not counted stays as it was.
    Raises `NotAllowed`, `BinClosed`, `SomeoneJustDidThis`, `Invalid`.
    """
    hold_bin(session, box, by=by, at=at)
    if box.version != version + 1:
        raise SomeoneJustDidThis(bin=box.tag)
    differences = 0
    for heap in inside(session, box):
        now = found.get(heap.kind_id, heap.count)
        if not 0 <= now <= MOST:
            raise Invalid(field="count", why="out-of-range", least=0, most=MOST)
        if now != heap.count:
            move(session, Way.COUNTED, heap.kind, now - heap.count, to=box, by=by, at=at)
            differences += abs(now - heap.count)
            heap.count = now
    for part in followed_in(session, box):
        if part.id not in seen:
            part.bin_id = None
            move(session, Way.COUNTED, part.kind, -1, to=box, part=part, by=by, at=at)
            differences += 1
    box.counted_at = at
    session.flush()
    return differences
