"""An association or a firm asks for itself: one page, for a project. Its signatory declares, the pole verifies."""

from __future__ import annotations

import re
from uuid import uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from ordi.papers import PARIS
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.sharing.facts import QPV
from ordi.sharing.filing import Filing, file_request, filed_with, kind_of, may_ask
from ordi.sharing.needs import COMFORTS, USES
from ordi.sharing.programmes import Programme, open_programmes
from ordi.sharing.requests import LONGEST_NOTE, Reach
from web.bench import words as bench
from web.clock import now
from web.guards import me, permission
from web.keyring import sealer
from web.session import db
from web.sharing import blueprint, programme_words, words
from web.sharing.filing import Boxes
from web.wording.words import said

MOST_AT_ONCE = 20
"""Machines one form asks for: each is a request that keeps its own place."""


class ProjectForm(FlaskForm):  # type: ignore[misc]
    """What an organisation asks for."""

    programme = RadioField(
        _l("Quel dispositif ?"), coerce=int, validators=[InputRequired(_l("Choisissez un dispositif."))]
    )
    number = IntegerField(
        _l("Combien d’ordinateurs ?"),
        default=1,
        validators=[
            InputRequired(_l("Écrivez combien d’ordinateurs.")),
            NumberRange(1, MOST_AT_ONCE, _l("Entre 1 et 20 : pour davantage, appelez le pôle.")),
        ],
        render_kw={"min": 1, "max": MOST_AT_ONCE, "inputmode": "numeric"},
    )
    needs = Boxes(
        _l("De quoi avez-vous besoin ?"),
        choices=[(code, words.NEEDS[code]) for code in (*USES, *COMFORTS)],
        validators=[InputRequired(_l("Choisissez au moins un besoin."))],
    )
    profile = RadioField(
        _l("Quels logiciels pour le projet ?"), validators=[Optional()], default="", validate_choice=False
    )
    attested = Boxes(_l("Je déclare"))
    reach = RadioField(
        _l("Comment vous prévenir ?"),
        choices=list(words.REACH.items()),
        default=Reach.MAIL,
        validators=[InputRequired()],
    )
    note = TextAreaField(
        _l("Le projet, en deux phrases"),
        validators=[Length(max=LONGEST_NOTE)],
        description=_l("200 signes. Jamais le nom ni l’histoire d’une personne."),
        render_kw={"rows": 3, "maxlength": LONGEST_NOTE},
    )


@blueprint.get("/project")
@permission("requests.apply")
def project() -> str:
    """The form: which programme, then what that programme asks."""
    return _page(*_form())


@blueprint.post("/project")
@permission("requests.apply")
def ask() -> str | tuple[str, int] | Response:
    """File the request, one for each machine; sent twice, it is filed once."""
    form, programmes = _form()
    sent = filed_with(db(), _form_uuid(), me())
    if sent is not None:  # its answer was lost on the way
        return redirect(url_for("sharing.one_request", code=sent.code))
    if not form.validate_on_submit():
        return _page(form, programmes), 422
    programme = next(one for one in programmes if one.id == form.programme.data)
    profile = form.profile.data or ""
    if profile and profile not in programme.rules.profiles:
        form.profile.errors = [_offered(programme)]
        return _page(form, programmes), 422
    filed = [
        file_request(db(), _organisation(), _filing(form, programme, first=n == 0), by=me(), at=now(), sealer=sealer())
        for n in range(form.number.data or 1)
    ]
    db().commit()
    for one in filed:
        flash(_("La demande %(code)s est déposée. Elle garde sa place.", code=one.code), "ok")
    return redirect(url_for("sharing.one_request", code=filed[0].code))


def _filing(form: ProjectForm, programme: Programme, *, first: bool) -> Filing:
    return Filing(
        programme,
        tuple(form.needs.data or []),
        tuple(form.attested.data or []),
        reach=Reach(form.reach.data),
        note=form.note.data or "",
        profile=form.profile.data or "",
        form_uuid=_form_uuid() if first else None,
    )


def _page(form: ProjectForm, programmes: list[Programme]) -> str:
    chosen = next((one for one in programmes if one.id == form.programme.data), None)
    return render_template(
        "sharing/project.html",
        form=form,
        form_uuid=_form_uuid(),
        organisation=_organisation(),
        programmes=programmes,
        chosen=chosen,
        signatory=me(),
        profile_icons={"": "programme", **programme_words.PROFILE_ICONS},
        pack=[said(programme_words.PACK, one) for one in chosen.rules.pack] if chosen else [],
    )


def _offered(programme: Programme) -> str:
    """What to choose instead of a profile that this programme does not have."""
    names = ", ".join(bench.profile(one) for one in programme.rules.profiles)
    if not names:
        return _("« %(programme)s » n’a pas de logiciels au choix : gardez les siens.", programme=programme.name)
    return _("« %(programme)s » propose : %(names)s.", programme=programme.name, names=names)


def _organisation() -> Organisation:
    held = [one.organisation for one in grounds(me(), "requests.apply", now())]
    mine = next((one for one in held if one.kind == Kind.PARTNER), None)
    if mine is None:
        abort(404)
    return mine


def _form_uuid() -> str:
    """What tells this form from every other, however often it is sent."""
    said = request.form.get("form_uuid", "")
    return said if re.fullmatch(r"[0-9a-f]{32}", said) else uuid4().hex


def _form() -> tuple[ProjectForm, list[Programme]]:
    form, mine = ProjectForm(), _organisation()
    open_ones = open_programmes(db(), mine, now().astimezone(PARIS).date(), kind_of(mine))
    programmes = [one for one in open_ones if may_ask(db(), one.rules, mine, me(), at=now())]
    form.programme.choices = [(one.id, one.name) for one in programmes]
    if not form.is_submitted():
        wished = request.args.get("programme", type=int)
        form.programme.data = programmes[0].id if len(programmes) == 1 else wished
    chosen = next((one for one in programmes if one.id == form.programme.data), None)
    form.attested.choices = (
        [(code, words.fact(chosen, code)) for code in chosen.rules.facts if code != QPV] if chosen else []
    )
    profiles = chosen.rules.profiles if chosen else ()
    form.profile.choices = [("", _l("Ceux du dispositif")), *((code, bench.profile(code)) for code in profiles)]
    return form, programmes
