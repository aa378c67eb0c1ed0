"""The pack at the hand-over: its checklist, what a scan ticks in it, the sheet that was signed, and what is handed over later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, literal, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.errors import Invalid, Refused
from ordi.journeys.pack_reading import read_thing
from ordi.parties.access import ACCESS
from ordi.parties.organisations import Organisation
from ordi.parties.people import Membership, Person
from ordi.sharing.allocation import Allocation, NotAllocated, current_for
from ordi.sharing.hand_over import OnPaper, Pack
from ordi.sharing.packs import AWAITED, COMPUTER, STILL_MISSING, PackItem, pack_of, settle_item
from ordi.sharing.requests import Request, requests_seen_by, seen_request
from web.asking import short, whole
from web.clock import now
from web.guards import me, permission
from web.home.waiting import Task, waits
from web.session import db
from web.sharing import blueprint, programme_words
from web.wording.refusals import REFUSALS, told

SHOWN = 120


class ComputerNotChecked(Refused):
    """The machine in hand was neither scanned nor ticked."""

    code = "computer-not-checked"


@dataclass(frozen=True)
class Line:
    """One thing of the checklist."""

    code: str
    text: str
    icon: str
    ticked: bool
    scanned: bool
    expected: bool = True


def shown(promise: Allocation, also: str = "") -> list[Line]:
    """The checklist as the form leaves it: what this pack should hold, then what else may go with it. `also` was just read."""
    expected = (COMPUTER, *pack_of(promise.machine, promise.request))
    read = [also] if also else []
    ticked, scanned = [*request.form.getlist("bag"), *read], [*request.form.getlist("scanned"), *read]
    lines = []
    for code in dict.fromkeys((*expected, *programme_words.PACK)):
        text = promise.machine.tag if code == COMPUTER else str(programme_words.PACK.get(code, code))
        icon = "laptop" if code == COMPUTER else programme_words.PACK_ICONS.get(code, "box")
        lines.append(Line(code, text, str(icon), code in ticked, code in scanned, code in expected))
    return lines


def packed(promise: Allocation) -> Pack:
    """What the form says goes with the machine; what should have and does not is missing. Raises `ComputerNotChecked`."""
    computer, *things = shown(promise)
    if not computer.ticked:
        raise ComputerNotChecked(tag=promise.machine.tag)
    return Pack(
        tuple(one.code for one in things if one.ticked),
        tuple(one.code for one in things if one.ticked and one.scanned),
        tuple(one.code for one in things if one.expected and not one.ticked),
    )


def read(promise: Allocation) -> list[Line] | None:
    """The checklist once what was scanned or typed is ticked; nothing when nothing was read."""
    said = short("read", 160)
    if not said:
        return None
    lines = shown(promise)
    named = {one.text.casefold(): one.code for one in lines}
    try:
        code = read_thing(db(), promise.machine, [one.code for one in lines], named.get(said.casefold(), said))
    except Refused as refusal:
        telling = REFUSALS[refusal.code]
        flash(f"{told(telling.what, refusal.facts)} {told(telling.mend, refusal.facts)}", "stop")
        return lines
    line = next(one for one in lines if one.code == code)
    flash(_("%(thing)s : coché.", thing=line.text), "repeat" if line.ticked else "ok")
    return shown(promise, code)


def sheet(promise: Allocation) -> OnPaper | None:
    """The sheet that was signed with ink, when the form is about one. Raises `Invalid`."""
    if "paper_day" not in request.form:
        return None
    try:
        day = date.fromisoformat(request.form["paper_day"])
    except ValueError:
        raise Invalid(field="paper_day", why="not-a-day") from None
    witness = next((one for one in colleagues(promise) if str(one.id) == request.form.get("witness", "")), None)
    if witness is None:
        raise Invalid(field="witness", why="missing")
    return OnPaper(day, witness)


def colleagues(promise: Allocation) -> list[Person]:
    """Who may have handed it over: those who hold the right at this structure, or above it."""
    partner = promise.request.partner
    held = (
        select(Membership)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.role.in_(ACCESS["sharing.hand-over"]), literal(partner.path).startswith(Organisation.path))
        .options(joinedload(Membership.person))
    )
    found = {one.person for one in db().scalars(held) if one.in_force(now())}
    return sorted(found, key=lambda one: (one.id != me().id, one.name, one.id))


@waits("sharing.hand-over")
def things_missing(person: Person) -> list[Task]:
    """What families still wait for."""
    mine = requests_seen_by(person, "sharing.hand-over", at=now()).where(AWAITED).with_only_columns(Request.id)
    count = db().scalar(select(func.count()).select_from(mine.subquery())) or 0
    if not count:
        return []
    text = ngettext("une famille attend la fin de son sac", "%(num)s familles attendent la fin de leur sac", count)
    return [Task("now", "box", _("À remettre"), text, url_for("sharing.awaited"))]


@blueprint.get("/awaited")
@permission("sharing.hand-over")
def awaited() -> str:
    """What families still wait for, the oldest hand-over first."""
    mine = requests_seen_by(me(), "sharing.hand-over", at=now()).with_only_columns(Request.id)
    query = (
        select(PackItem)
        .join(Allocation, Allocation.id == PackItem.allocation_id)
        .where(Allocation.request_id.in_(mine), Allocation.ended_at.is_(None), *STILL_MISSING)
        .options(
            joinedload(PackItem.allocation).options(joinedload(Allocation.machine), joinedload(Allocation.request))
        )
        .order_by(Allocation.handed_over_at, PackItem.allocation_id, PackItem.id)
        .limit(SHOWN)
    )
    groups = groupby(db().scalars(query), key=lambda one: one.allocation)
    return render_template(
        "sharing/awaited.html", groups=[(given, list(items)) for given, items in groups], say=programme_words
    )


@blueprint.post("/requests/<code>/pack")
@permission("sharing.hand-over")
def settle(code: str) -> Response:
    """What was missing is handed over, or the family does without."""
    found = seen_request(db(), me(), code, "sharing.hand-over", at=now())
    given = current_for(db(), found)
    if given is None or given.handed_over_at is None:
        raise NotAllocated(request=found.code)
    handed = request.form.get("done") == "handed"
    item = settle_item(db(), given, whole("item", most=10**8), handed, by=me(), at=now())
    thing = programme_words.PACK.get(item.code, item.code)
    db().commit()
    flash(_("%(thing)s : remis.", thing=thing) if handed else _("%(thing)s : la famille fait sans.", thing=thing), "ok")
    return redirect(url_for("sharing.awaited"))
