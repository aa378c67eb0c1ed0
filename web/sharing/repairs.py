"""The repair café: look up a label, or begin without one; back to who brought it, and to nobody else."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.machines.machine import Machine, seen
from ordi.papers import PARIS
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.sharing import repairs as verbs
from ordi.sharing.allocation import current_for
from ordi.sharing.repairs import Brought, Fault, Repair, repairs_seen_by, seen_repair
from ordi.sharing.warranty import warranty_of
from ordi.tags import read_tag
from web.asking import chosen, short
from web.clock import now
from web.giving.signing import signed
from web.guards import me, permission
from web.session import db
from web.sharing import blueprint
from web.wording.words import Words

BROUGHT: Words = {
    Brought.LAPTOP: _l("Portable"),
    Brought.DESKTOP: _l("Ordinateur de bureau"),
    Brought.TABLET: _l("Tablette"),
    Brought.PHONE: _l("Téléphone"),
    Brought.PRINTER: _l("Imprimante"),
    Brought.OTHER: _l("Autre chose"),
}
BROUGHT_ICONS: Words = {
    Brought.LAPTOP: "laptop",
    Brought.DESKTOP: "desktop",
    Brought.TABLET: "phone-device",
    Brought.PHONE: "phone-device",
    Brought.PRINTER: "printer",
    Brought.OTHER: "other",
}
FAULTS: Words = {
    Fault.NO_POWER: _l("Ne s’allume pas"),
    Fault.SLOW: _l("Trop lent"),
    Fault.SCREEN: _l("Écran"),
    Fault.BATTERY: _l("Batterie"),
    Fault.INTERNET: _l("Internet"),
    Fault.SOUND: _l("Son"),
    Fault.OTHER: _l("Autre chose"),
}
FAULT_ICONS: Words = {
    Fault.NO_POWER: "power",
    Fault.SLOW: "hourglass",
    Fault.SCREEN: "screen",
    Fault.BATTERY: "battery",
    Fault.INTERNET: "wifi-off",
    Fault.SOUND: "listen",
    Fault.OTHER: "other",
}
SHOWN = 60


@blueprint.get("/repairs")
@permission("sharing.repair")
def repairs() -> str:
    """What is on the bench, and a new one."""
    found = repairs_seen_by(me(), at=now()).where(Repair.ended_at.is_(None)).order_by(Repair.id.desc()).limit(SHOWN)
    return render_template(
        "sharing/repairs.html",
        found=list(db().scalars(found)),
        places=_places(),
        brought=BROUGHT,
        brought_icons=BROUGHT_ICONS,
        faults=FAULTS,
        fault_icons=FAULT_ICONS,
    )


@blueprint.post("/repairs")
@permission("sharing.repair")
def bring_in() -> Response:
    """Take something in: by its label, or without one."""
    fault = chosen(Fault, "fault")
    label = short("tag", 12)
    if label:
        machine: Machine = seen(db(), me(), read_tag(label), "sharing.repair", at=now())
        made = verbs.bring_in(db(), machine, fault, by=me(), at=now())
    else:
        place = next((one for one in _places() if str(one.id) == request.form.get("place", "")), None)
        if place is None:
            raise NotFound()
        made = verbs.bring_unlabelled(db(), place, chosen(Brought, "brought"), fault, by=me(), at=now())
    db().commit()
    flash(_("Réparation %(code)s : donnez ce numéro à la personne.", code=made.code), "ok")
    return redirect(url_for("sharing.repair", code=made.code))


@blueprint.get("/repairs/<code>")
@permission("sharing.repair")
def repair(code: str) -> str:
    """One repair: mend it, give it back, or exchange it."""
    found = seen_repair(db(), me(), code, at=now())
    return render_template(
        "sharing/repair.html",
        one=found,
        guaranteed=_guaranteed(found),
        today=now().astimezone(PARIS).date(),
        brought=BROUGHT,
        faults=FAULTS,
        fault_icons=FAULT_ICONS,
    )


@blueprint.get("/repairs/<code>/slip")
@permission("sharing.repair")
def repair_slip(code: str) -> str:
    """The paper that the owner takes, and the one that stays on the thing."""
    found = seen_repair(db(), me(), code, at=now())
    return render_template("sharing/repair_slip.html", one=found, brought=BROUGHT, faults=FAULTS)


@blueprint.post("/repairs/<code>/mended")
@permission("sharing.repair")
def repair_mended(code: str) -> Response:
    """It works again."""
    verbs.mended(db(), seen_repair(db(), me(), code, at=now()), by=me(), at=now())
    db().commit()
    flash(_("C’est noté. La famille est prévenue."), "ok")
    return redirect(url_for("sharing.repair", code=code))


@blueprint.post("/repairs/<code>/back")
@permission("sharing.repair")
def repair_back(code: str) -> Response:
    """It goes back to who brought it."""
    found = seen_repair(db(), me(), code, at=now())
    verbs.give_back(db(), found, signed(), by=me(), at=now())
    db().commit()
    flash(_("%(code)s est rendu.", code=found.code), "ok")
    return redirect(url_for("sharing.repairs"))


def _guaranteed(found: Repair) -> date | None:
    """Until when the warranty of the machine that was brought runs."""
    held = current_for(db(), found.machine) if found.machine else None
    return warranty_of(db(), held) if held else None


def _places() -> list[Organisation]:
    """Where I repair: workshops, and structures that hold a repair café."""
    within = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in grounds(me(), "sharing.repair", now())
    ]
    found = select(Organisation).where(or_(*within), Organisation.kind.in_((Kind.WORKSHOP, Kind.PARTNER)))
    return list(db().scalars(found.order_by(Organisation.kind.desc(), Organisation.name, Organisation.id).limit(SHOWN)))
