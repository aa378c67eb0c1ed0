"""An exchange in one act: the failing machine comes back, another is signed for, the household's file goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from ordi.errors import Invalid, Refused, SomeoneJustDidThis
from ordi.fleet.check_ins import stop
from ordi.journeys.returns import take_back
from ordi.machines.journal import lock
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.sharing.allocation import Allocation, NotAllocated, allocate
from ordi.sharing.fit import Fit, fit, offers
from ordi.sharing.hand_over import NOTHING_ELSE, Pack, hand_over
from ordi.sharing.kinds import NEVER_WORSE
from ordi.sharing.needs import wanted
from ordi.sharing.packs import missing_of
from ordi.sharing.requests import Request
from ordi.sharing.signatures import redrawn
from ordi.sharing.take_back import EXCHANGED


class FallsShort(Refused):
    """The other machine does not do what the family needs."""

    code = "falls-short"


def exchange(
    session: Session,
    given: Allocation,
    other: Machine,
    signature_png: bytes,
    *,
    reason: str,
    files: str,
    by: Person,
    at: datetime,
    pack: Pack = NOTHING_ELSE,
    accepts_check_ins: bool | None = None,
) -> Allocation:
    """Take back what a household has and hand `other` over in its place, under the same request and end, on one signature: all, or nothing.

    `files`: what became of the family's own, asked before the old machine is wiped. Raises `NotAllowed`, `Invalid`,
    `SignatureUnusable`, `NotAllocated`, `FallsShort`, and what `take_back`, `allocate` and `hand_over` refuse.
    """
    require(by, "sharing.exchange", given.request.partner, at=at)
    redrawn(signature_png)
    if reason not in EXCHANGED:
        raise Invalid(field="reason", why="unknown")
    if not files and given.request.household_id is not None:
        raise Invalid(field="files", why="missing")
    with session.begin_nested():
        return _exchange(session, given, other, signature_png, reason, files, by, at, pack, accepts_check_ins)


def how_it_answers(session: Session, request: Request, machine: Machine) -> Fit:
    """How a machine answers a request, whatever the request's state."""
    return fit(wanted(request.need_codes), request.software, offers(session, [machine])[0])


def _exchange(
    session: Session,
    given: Allocation,
    other: Machine,
    signature: bytes,
    reason: str,
    files: str,
    by: Person,
    at: datetime,
    pack: Pack,
    accepts: bool | None,
) -> Allocation:
    old, request = given.machine, given.request
    session.flush()
    session.refresh(request, with_for_update={"of": Request})
    session.refresh(given, with_for_update={"of": Allocation})
    if given.handed_over_at is None or given.ended_at is not None:
        raise NotAllocated(request=request.code, tag=old.tag)
    if other.id == old.id:
        raise SomeoneJustDidThis(tag=other.tag, request=request.code)
    for one in sorted(
        (old, other), key=lambda machine: machine.id
    ):  # two exchanges that cross wait, and do not lock each other out
        lock(session, one)
    found = how_it_answers(session, request, other)
    lacks = [term.code for term in found.terms if term.against and term.code in NEVER_WORSE]
    if lacks or not found.possible:
        raise FallsShort(tag=other.tag, lacks=lacks)
    awaited = tuple(one.code for one in missing_of(session, given) if one.code not in pack.handed)
    take_back(session, given, reason, files=files, by=by, at=at)
    promise = allocate(session, other, request, by=by, at=at)
    pack = replace(pack, missing=tuple(dict.fromkeys((*pack.missing, *awaited))))  # what was awaited still is
    hand_over(session, promise, signature, by=by, at=at, pack=pack, accepts_check_ins=accepts, in_place_of=given)
    if not accepts:
        stop(session, other, at=at)
    return promise
