"""What of this network carries a label: computers, one or many; free labels; shelves; action cards."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from ordi.bench.release import shelf_named
from ordi.errors import Invalid, NotFound
from ordi.giving.collections import lot_seen
from ordi.journeys.series import VERBS
from ordi.machines.labels import Label, carried, printed_at_once
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine, machines_seen_by, seen
from ordi.parties.access import may
from ordi.parties.organisations import Kind, Organisation
from web.clock import now
from web.guards import i_may, me
from web.labels.carriers import Batch, Carried, carries
from web.languages import chosen
from web.papers.label_faces import Face, machine_face, said
from web.series import words as series_words
from web.session import db
from web.settings import Settings
from web.squares import our_address
from web.wording import wording

_GONE = frozenset({State.CANCELLED, State.REFUSED, State.RECYCLED, State.LOST})


@carries("machine")
def machine(code: str) -> Batch:
    """One computer, by its tag."""
    found = seen(db(), me(), code, "labels.print", at=now())
    title = " ".join(filter(None, (wording.form(found.form), found.manufacturer, found.model)))
    return Batch(found.workshop, title, url_for("machines.one", tag=found.tag), _faces(found.workshop, [found]))


@carries("lot")
def lot(code: str) -> Batch:
    """The computers of a lot that carry no label yet; all of them, when each has one."""
    found = lot_seen(db(), me(), code, "labels.print", at=now())
    there = select(Machine).where(Machine.lot_id == found.id, Machine.state.not_in(_GONE)).order_by(Machine.id)
    machines = _bare(db().scalars(there.where(Machine.merged_into_id.is_(None))).all())
    title = f"{found.code} · {found.donor.name}"
    return Batch(found.workshop, title, url_for("giving.lot", code=found.code), _faces(found.workshop, machines))


@carries("on-shelf")
def on_shelf(code: str) -> Batch:
    """The computers on a shelf, by workshop and shelf: `3/A2`."""
    where, shelf = _shelf(code)
    there = machines_seen_by(me(), "labels.print", at=now()).where(
        Machine.workshop_id == where.id, Machine.shelf == shelf, Machine.state.not_in(_GONE)
    )
    machines = _bare(db().scalars(there.order_by(Machine.id).limit(200)).all())
    return Batch(where, shelf, url_for("bench.stock"), _faces(where, machines))


@carries("free")
def free(code: str) -> Batch:
    """Free labels, by one of those made together."""
    number = int(code) if code.isascii() and code.isdigit() and len(code) < 10 else 0
    label = db().get(Label, number)
    if label is None:
        raise NotFound(label=code[:12])
    settings: Settings = current_app.extensions["ordi-settings"]
    phone = label.workshop.phone or settings.phone
    faces = [
        Carried(machine_face(one.tag, settings.base_url, label.workshop.name, phone, chosen()))
        for one in printed_at_once(db(), label.workshop, label.printed_at)
        if one.machine_id is None
    ]
    return Batch(label.workshop, _("Étiquettes"), url_for("labels.index"), faces)


@carries("shelf")
def shelf(code: str) -> Batch:
    """A shelf's own label: scanned in series, what is scanned next is put there."""
    where, name = _shelf(code)
    face = Face(name, our_address("A", f"shelve/{name}"), lines=(said("shelf", chosen()),), more=(where.name,))
    return Batch(where, name, url_for("bench.stock"), [Carried(face)])


@carries("card")
def card(code: str) -> Batch:
    """An action of series, by workshop and verb: `3/receive`."""
    number, _, verb = code.partition("/")
    where = workshop_of(number)
    if verb not in VERBS or VERBS[verb].takes:
        raise NotFound(verb=verb[:24])
    face = Face(series_words.verb(verb), our_address("A", verb), more=(where.name,))
    back = url_for("series.cards") if i_may("bench.work") else url_for("labels.index")
    return Batch(where, series_words.verb(verb), back, [Carried(face)])


def workshop_of(number: str) -> Organisation:
    """A workshop for which I print, by its number. Raises `NotFound`."""
    found = db().get(Organisation, int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
    if found is None or found.kind != Kind.WORKSHOP or not may(me(), "labels.print", found, at=now()):
        raise NotFound(workshop=number[:12])
    return found


def _shelf(code: str) -> tuple[Organisation, str]:
    number, _, name = code.partition("/")
    try:
        return workshop_of(number), shelf_named(name)
    except Invalid:
        raise NotFound(shelf=name[:24]) from None


def _bare(machines: Sequence[Machine]) -> Sequence[Machine]:
    labelled = carried(db(), machines)
    return [one for one in machines if one.id not in labelled] or machines


def _faces(workshop: Organisation, machines: Sequence[Machine]) -> list[Carried]:
    settings: Settings = current_app.extensions["ordi-settings"]
    phone = workshop.phone or settings.phone
    return [Carried(machine_face(one.tag, settings.base_url, workshop.name, phone, chosen()), one) for one in machines]
