"""The bins of a workshop, one bin, and what is taken from it: into a machine, along with one, to another bin, away."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from ordi.bench.bins import Bin, Part, Stock, close_bin, followed_in, inside, open_bin, place_bin
from ordi.bench.fitting import fit, give_along
from ordi.bench.part_kinds import FACTS, KIT, Family, PartKind
from ordi.bench.part_moves import Origin, WhyScrapped, carry, put_in, scrap
from ordi.bench.shortages import awaited, least_of
from ordi.errors import NotFound
from ordi.machines.machine import Machine
from web.asking import chosen, short, whole
from web.bench.rooms import my_workshop, my_workshops
from web.bins import blueprint
from web.bins.here import bin_at, bin_in_hand, kind_at, kind_told, part_told, scanned
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.wording import parts

PAGE = 60


@blueprint.get("/bins")
@permission("parts.see")
def index() -> str:
    """The bins of a workshop, in the order of their places."""
    workshop = my_workshop("parts.see")
    after = request.args.get("after", default=0, type=int)
    shown = db().scalars(
        select(Bin)
        .where(Bin.workshop_id == workshop.id, Bin.closed_at.is_(None), Bin.id > after)
        .order_by(Bin.id)
        .limit(PAGE + 1)
    )
    bins = list(shown)
    rooms = my_workshops("parts.see")
    return render_template(
        "bins/index.html",
        bins=bins[:PAGE],
        more=len(bins) > PAGE,
        counts=_counts([one.id for one in bins]),
        workshop=workshop,
        rooms=rooms,
    )


@blueprint.post("/bins/scan")
@permission("parts.work")
def scan() -> Response:
    """A bin opens; a machine opens its parts."""
    found = scanned(request.form.get("tag", ""))
    if isinstance(found, Machine):
        return redirect(url_for("bins.machine", tag=found.tag))
    return redirect(url_for("bins.one", tag=found.tag))


@blueprint.post("/bins")
@permission("parts.work")
def new() -> Response:
    """One more bin."""
    made = open_bin(db(), my_workshop("parts.work"), short("name", 40), short("place", 24), by=me(), at=now())
    db().commit()
    flash(_("Bac %(tag)s ouvert. Collez son étiquette.", tag=made.tag), "ok")
    return redirect(url_for("bins.one", tag=made.tag))


@blueprint.get("/bins/<tag>")
@permission("parts.see")
def one(tag: str) -> str:
    """What lies in it."""
    box = bin_at(tag)
    return render_template("bins/one.html", box=box, heaps=inside(db(), box), followed=followed_in(db(), box))


@blueprint.post("/bins/<tag>/place")
@permission("parts.work")
def place(tag: str) -> Response:
    """It stands elsewhere."""
    box = bin_in_hand(tag)
    place_bin(db(), box, short("place", 24), by=me(), at=now())
    db().commit()
    flash(_("Rangé : %(shelf)s.", shelf=box.place), "ok")
    return redirect(url_for("bins.one", tag=box.tag))


@blueprint.post("/bins/<tag>/close")
@permission("parts.work")
def close(tag: str) -> Response:
    """Empty, and put away."""
    box = bin_in_hand(tag)
    close_bin(db(), box, by=me(), at=now())
    db().commit()
    flash(_("Le bac %(tag)s n’est plus en service.", tag=box.tag), "ok")
    return redirect(url_for("bins.index", workshop=box.workshop_id))


@blueprint.get("/bins/<tag>/add")
@permission("parts.work")
def add(tag: str) -> str:
    """Which part, then what is known of it."""
    family = request.args.get("family", "")
    chosen_one = Family(family) if family in set(Family) else None
    return render_template(
        "bins/add.html",
        box=bin_at(tag, "parts.work"),
        families=list(Family),
        family=chosen_one,
        facts=FACTS[chosen_one] if chosen_one else (),
    )


@blueprint.post("/bins/<tag>/add")
@permission("parts.work")
def added(tag: str) -> Response:
    """Laid in, and proposed at once to the machines that wait for it."""
    box = bin_in_hand(tag)
    kind, count = kind_told(), whole("count", least=1, most=999)
    put_in(db(), box, kind, chosen(Origin, "origin"), count=count, serial=short("serial", 60), by=me(), at=now())
    db().commit()
    return told_of(box, kind)


@blueprint.get("/bins/<tag>/take/<int:kind_id>")
@permission("parts.work")
def take(tag: str, kind_id: int) -> str:
    """Where it goes: scan a machine, or another bin; or it is scrapped."""
    box, kind = bin_at(tag, "parts.work"), kind_at(kind_id)
    heap = db().scalar(select(Stock).where(Stock.bin_id == box.id, Stock.kind_id == kind.id))
    followed = [part for part in followed_in(db(), box) if part.kind_id == kind.id]
    if not followed and (heap is None or heap.count == 0):
        raise NotFound(bin=box.tag)
    return render_template(
        "bins/take.html",
        box=box,
        kind=kind,
        count=heap.count if heap else 0,
        followed=followed,
        kit=kind.family in KIT,
        least=least_of(db(), box.workshop, kind),
        waits=awaited(db(), box.workshop, kind),
    )


@blueprint.post("/bins/<tag>/take/<int:kind_id>")
@permission("parts.work")
def taken(tag: str, kind_id: int) -> Response:
    """Into the machine scanned, along with it when it is kit, or into the bin scanned."""
    box, kind = bin_in_hand(tag), kind_at(kind_id)
    count = whole("count", least=1, most=999) if request.form.get("count") else 1
    part, target = part_told(box, kind), scanned(request.form.get("to", ""))
    if isinstance(target, Bin):
        carry(db(), box, target, kind, count=count, part=part, by=me(), at=now())
        db().commit()
        flash(_("Rangé dans le bac %(tag)s.", tag=target.tag), "ok")
        return redirect(url_for("bins.one", tag=target.tag))
    if kind.family in KIT:
        give_along(db(), target, box, kind, count=count, part=part, by=me(), at=now())
        said = _("Mis avec %(tag)s : %(part)s.", tag=target.tag, part=parts.called(kind.named))
    else:
        fit(db(), target, box, kind, count=count, part=part, by=me(), at=now())
        said = _("Monté dans %(tag)s : %(part)s.", tag=target.tag, part=parts.called(kind.named))
    db().commit()
    flash(said, "ok")
    return redirect(url_for("bins.machine", tag=target.tag))


@blueprint.post("/bins/<tag>/scrap/<int:kind_id>")
@permission("parts.work")
def scrapped(tag: str, kind_id: int) -> Response:
    """Thrown away, with a reason."""
    box, kind = bin_in_hand(tag), kind_at(kind_id)
    part = part_told(box, kind)
    scrap(db(), box, kind, chosen(WhyScrapped, "why"), part=part, by=me(), at=now())
    db().commit()
    flash(_("Jetée, et c’est noté."), "ok")
    return redirect(url_for("bins.one", tag=box.tag))


def told_of(box: Bin, kind: PartKind) -> Response:
    """Back to the bin; first to the machines that waited for what came in."""
    waiting = awaited(db(), box.workshop, kind)
    name = parts.called(kind.named)
    if waiting:
        flash(_("%(tag)s attend cette pièce : %(part)s.", tag=waiting[0].machine.tag, part=name), "now")
        return redirect(url_for("bins.take", tag=box.tag, kind_id=kind.id))
    flash(_("Rangée dans le bac %(tag)s : %(part)s.", tag=box.tag, part=name), "ok")
    return redirect(url_for("bins.one", tag=box.tag))


def _counts(bins: list[int]) -> dict[int, int]:
    """How many parts lie in each bin: two queries, however many bins there are."""
    heaps = select(Stock.bin_id, func.sum(Stock.count)).where(Stock.bin_id.in_(bins)).group_by(Stock.bin_id)
    found = dict(db().execute(heaps).tuples().all())
    followed = select(Part.bin_id, func.count()).where(Part.bin_id.in_(bins)).group_by(Part.bin_id)
    for number, count in db().execute(followed).tuples():
        if number is not None:
            found[number] = found.get(number, 0) + count
    return found
