"""What was said wrongly, put right with a reason: lot, serial, kind of computer, category; and the last one taken back."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.bench import corrections as verbs
from ordi.bench.corrections import CORRECTABLE, Because
from ordi.bench.place import AT_BENCH
from ordi.errors import Invalid
from ordi.giving.collections import lot_seen
from ordi.machines.lifecycle import State
from ordi.machines.lots import Lot
from ordi.machines.machine import Form, Grade
from web.asking import chosen, short
from web.bench import blueprint
from web.bench.here import at_hand, in_hand
from web.clock import now
from web.guards import i_may, me, permission
from web.session import db
from web.wording import refusals
from web.wording.refusals import Telling

refusals.learn(
    {
        "in-a-certificate": Telling(
            _l("Un certificat signé porte le numéro de %(tag)s."),
            _l("Il reste tel quel : un certificat ne change pas."),
        ),
        "serial-said-by-itself": Telling(
            _l("%(tag)s a donné ce numéro lui-même."), _l("Refaites l’inventaire depuis la clé Ordi.")
        ),
        "serial-taken": Telling(
            _l("%(other)s porte déjà ce numéro."), _l("Comparez les deux : c’est peut-être le même ordinateur.")
        ),
        "lot-asks-less": Telling(
            _l("Le donateur du lot %(lot)s demande moins pour l’effacement."),
            _l("Demandez à la coordination de le changer de lot."),
        ),
        "same-as-before": Telling(_l("C’est déjà écrit ainsi."), _l("Choisissez autre chose, ou revenez en arrière.")),
        "nothing-to-undo": Telling(
            _l("Il est arrivé autre chose à %(tag)s depuis."), _l("Faites une nouvelle correction, avec sa raison.")
        ),
    }
)

LOTS = 12
"""The latest lots of the workshop, to be pressed."""


@blueprint.get("/<tag>/correct")
@permission("machines.history")
def correct(tag: str) -> str:
    """Everything of this machine that may be corrected by this person, as it is now."""
    machine = at_hand(tag, "machines.history")
    leads = i_may("bench.correct", machine.workshop)
    lots = select(Lot).where(Lot.workshop_id == machine.workshop_id).order_by(Lot.id.desc()).limit(LOTS)
    return render_template(
        "bench/correct.html",
        machine=machine,
        form=machine.state in AT_BENCH and i_may("bench.work", machine.workshop),
        grade=machine.state == State.READY and leads,
        serial=machine.state in CORRECTABLE and leads,
        lots=db().scalars(lots).all() if machine.state in CORRECTABLE and leads else [],
        forms=list(Form)[:3],
        grades=list(Grade),
        last=verbs.last_correction(db(), machine),
        triaged=machine.state == State.RECEIVED and machine.triage != "",
        graded=machine.state in AT_BENCH and machine.grade is not None,
    )


@blueprint.post("/<tag>/correct/<what>")
@permission("machines.history")
def corrected(tag: str, what: str) -> Response:
    """One thing put right."""
    machine = in_hand(tag, "machines.history")
    if what == "undo":
        verbs.undo(db(), machine, by=me(), at=now())
        db().commit()
        flash(_("La correction est annulée, et c’est écrit."), "ok")
        return redirect(url_for("bench.correct", tag=machine.tag))
    why, how = chosen(Because, "why"), {"by": me(), "at": now()}
    match what:
        case "form":
            verbs.correct_form(db(), machine, chosen(Form, "form"), why, **how)  # type: ignore[arg-type]
        case "grade":
            verbs.correct_grade(db(), machine, chosen(Grade, "grade"), why, **how)  # type: ignore[arg-type]
        case "serial":
            verbs.correct_serial(db(), machine, short("serial"), why, **how)  # type: ignore[arg-type]
        case "lot":
            lot = lot_seen(db(), me(), short("lot", 12), "giving.see", at=now())
            verbs.correct_lot(db(), machine, lot, why, **how)  # type: ignore[arg-type]
        case _:
            raise Invalid(field="what", why="unknown")
    db().commit()
    flash(_("C’est corrigé. Ce qui était écrit avant reste lisible."), "ok")
    return redirect(url_for("bench.correct", tag=machine.tag))
