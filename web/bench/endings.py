"""The ways out: dismantled, recycled, lost, and found again."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField, RadioField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from ordi.bench import dismantling, losses
from ordi.bench.incidents import drives_of
from ordi.bench.release import in_the_way
from ordi.bench.triage import Reason
from ordi.machines.lifecycle import Action
from ordi.parties.siret import valid_siret
from web.asking import chosen, whole
from web.bench import blueprint, words
from web.bench.here import at_hand, in_hand
from web.clock import now
from web.guards import i_may, me, permission
from web.incidents.letter import write_to_all
from web.session import db
from web.wording import wording


class RecycleForm(FlaskForm):  # type: ignore[misc]
    """A line of the outgoing register."""

    grams = IntegerField(
        _l("Poids, en grammes"),
        validators=[InputRequired(), NumberRange(1, dismantling.HEAVIEST_GRAMS)],
        render_kw={"inputmode": "numeric"},
    )
    waste_code = RadioField(
        _l("Code déchet"),
        choices=[
            ("16 02 14", _l("16 02 14, sans rien de dangereux")),
            ("16 02 13*", _l("16 02 13*, avec batterie ou écran ancien")),
            ("20 01 36", _l("20 01 36, d’un ménage, sans rien de dangereux")),
            ("20 01 35*", _l("20 01 35*, d’un ménage, avec batterie ou écran ancien")),
        ],
        default="16 02 14",
        validators=[InputRequired()],
    )
    taker = StringField(_l("Qui l’emporte"), validators=[InputRequired(), Length(max=80)])
    taker_siret = StringField(
        _l("Son numéro SIRET"), validators=[InputRequired(), Length(max=20)], render_kw={"inputmode": "numeric"}
    )
    slip = StringField(_l("Numéro du bordereau de déchets"), validators=[Length(max=24)])


@blueprint.get("/<tag>/dismantle")
@permission("bench.work")
def dismantle(tag: str) -> str:
    """Why it is taken apart."""
    return render_template("bench/dismantle.html", machine=at_hand(tag))


@blueprint.post("/<tag>/dismantle")
@permission("bench.work")
def dismantled(tag: str) -> Response:
    """To parts."""
    machine = in_hand(tag)
    dismantling.dismantle(db(), machine, chosen(Reason, "reason"), by=me(), at=now())
    db().commit()
    flash(wording.done(Action.DISMANTLE), "ok")
    return redirect(url_for("bench.machine", tag=machine.tag))


@blueprint.get("/<tag>/recycle")
@permission("bench.destroy")
def recycle(tag: str) -> str:
    """The line of the register."""
    machine = at_hand(tag, "bench.destroy")
    stops = [words.stop(one) for one in in_the_way(db(), machine, Action.RECYCLE)]
    return render_template("bench/recycle.html", machine=machine, form=RecycleForm(), stops=stops)


@blueprint.post("/<tag>/recycle")
@permission("bench.destroy")
def recycled(tag: str) -> str | tuple[str, int] | Response:
    """It leaves."""
    machine = in_hand(tag, "bench.destroy")
    form = RecycleForm()
    if form.validate() and not valid_siret("".join(str(form.taker_siret.data).split())):
        form.taker_siret.errors = [_("Ce SIRET ne tombe pas juste : vérifiez ses quatorze chiffres.")]
    if form.errors:
        return render_template("bench/recycle.html", machine=machine, form=form, stops=[]), 422
    dismantling.recycle(
        db(),
        machine,
        grams=form.grams.data or 0,
        waste_code=form.waste_code.data,
        taker=str(form.taker.data),
        taker_siret=str(form.taker_siret.data),
        slip=form.slip.data or "",
        by=me(),
        at=now(),
    )
    db().commit()
    flash(wording.done(Action.RECYCLE), "ok")
    return redirect(url_for("bench.machine", tag=machine.tag))


@blueprint.get("/<tag>/lose")
@permission("machines.history")
def lose(tag: str) -> str:
    """How it went missing."""
    return render_template("bench/lose.html", machine=at_hand(tag, "machines.history"))


@blueprint.post("/<tag>/lose")
@permission("machines.history")
def lost(tag: str) -> Response:
    """Declared lost: an incident."""
    machine = in_hand(tag, "machines.history")
    known = now() - timedelta(days=whole("days", most=3)) if request.form.get("days") else now()
    incident = losses.lose(db(), machine, chosen(losses.Loss, "how"), aware_at=known, by=me(), at=now())
    unwritten = write_to_all(
        incident, drives_of(db(), incident), current_app.extensions["ordi-settings"], by=me(), at=now()
    )
    db().commit()
    flash(wording.done(Action.LOSE), "warn")
    if unwritten:
        flash(_("Il manque une adresse pour prévenir quelqu’un : voyez le dossier."), "warn")
    return redirect(
        url_for("incidents.one", number=incident.id)
        if i_may("incidents.see", machine.workshop)
        else url_for("machines.one", tag=machine.tag)
    )


@blueprint.post("/<tag>/find")
@permission("machines.history")
def find(tag: str) -> Response:
    """Here again."""
    machine = in_hand(tag, "machines.history")
    losses.find(db(), machine, by=me(), at=now())
    db().commit()
    flash(wording.done(Action.FIND), "ok")
    return redirect(url_for("machines.one", tag=machine.tag))
