"""Photographs of a machine: taken with the phone at the bench, shown on its page, removed for a reason."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from ordi.bench import photos as verbs
from ordi.bench.photos import MachinePhoto, WhyRemoved, photo_of, photos_of
from ordi.bench.pictures import MOST_BYTES
from ordi.errors import NotFound
from ordi.machines.machine import Machine
from web.asking import chosen
from web.bench import blueprint
from web.bench.here import at_hand
from web.clock import now
from web.guards import i_may, me, permission
from web.machines.panels import panel
from web.session import db
from web.wording.reasons import learn
from web.wording.refusals import Telling
from web.wording.refusals import learn as learn_refusals

REMOVALS: dict[str, str] = {
    WhyRemoved.BLURRED: _l("Floue"),
    WhyRemoved.WRONG_MACHINE: _l("Un autre ordinateur"),
    WhyRemoved.SHOWS_SOMEONE: _l("On y voit quelqu’un"),
    WhyRemoved.OUT_OF_DATE: _l("Plus vraie"),
}


@blueprint.get("/<tag>/photos")
@permission("bench.work")
def photos(tag: str) -> str:
    """The photographs, and taking one."""
    machine = at_hand(tag)
    return render_template(
        "bench/photos.html", machine=machine, photos=photos_of(db(), machine), most=verbs.MOST_PHOTOS, removals=REMOVALS
    )


@blueprint.post("/<tag>/photos")
@permission("bench.work")
def add_photo(tag: str) -> Response:
    """Keep one."""
    machine = at_hand(tag)
    sent = request.files.get("photo")
    verbs.add_photo(db(), machine, sent.read(MOST_BYTES + 1) if sent else b"", by=me(), at=now())
    db().commit()
    flash(_("C’est gardé."), "ok")
    return redirect(url_for("bench.photos", tag=machine.tag))


@blueprint.post("/<tag>/photos/<int:number>/remove")
@permission("bench.work")
def remove_photo(tag: str, number: int) -> Response:
    """Remove one, for a reason."""
    machine = at_hand(tag)
    verbs.remove_photo(db(), _photo(machine, number), chosen(WhyRemoved, "why"), by=me(), at=now())
    db().commit()
    flash(_("C’est retiré."), "ok")
    return redirect(url_for("bench.photos", tag=machine.tag))


@blueprint.get("/<tag>/photos/<int:number>.jpg")
@permission("machines.history")
def photo(tag: str, number: int) -> Response:
    """One photograph."""
    return _picture(_photo(at_hand(tag, "machines.history"), number).jpeg)


@blueprint.get("/<tag>/photos/small/<int:number>.jpg")
@permission("machines.history")
def photo_small(tag: str, number: int) -> Response:
    """The same, small."""
    return _picture(_photo(at_hand(tag, "machines.history"), number).small)


@panel(order=22, permission="machines.history")
def shown(machine: Machine) -> str | None:
    """Its photographs."""
    found = photos_of(db(), machine)
    works = i_may("bench.work", machine.workshop)
    return render_template("bench/photos_panel.html", machine=machine, photos=found, works=works) if found else None


def _photo(machine: Machine, number: int) -> MachinePhoto:
    found = photo_of(db(), machine, number)
    if found is None:
        raise NotFound(tag=machine.tag)
    return found


def _picture(jpeg: bytes) -> Response:
    answer = make_response(jpeg)
    answer.mimetype = "image/jpeg"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


learn(REMOVALS)
learn_refusals(
    {
        "too-many-photos": Telling(_l("%(tag)s a déjà %(most)s photos."), _l("Retirez-en une d’abord.")),
        "photo-gone": Telling(_l("Cette photo est déjà retirée."), _l("Revenez à la page.")),
    }
)
