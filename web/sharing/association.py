"""An association asks for itself: one page, for a project."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from ordi.papers import PARIS
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.sharing.filing import Filing, file_request
from ordi.sharing.needs import COMFORTS, USES
from ordi.sharing.programmes import Programme, open_programmes
from ordi.sharing.requests import LONGEST_NOTE
from ordi.sharing.rules import HolderKind
from web.bench import words as bench
from web.clock import now
from web.guards import me, permission
from web.keyring import sealer
from web.session import db
from web.sharing import blueprint, programme_words, words
from web.sharing.filing import Boxes


class ProjectForm(FlaskForm):  # type: ignore[misc]
    """What an association asks for."""

    programme = RadioField(_l("Quel dispositif ?"), coerce=int, validators=[InputRequired()])
    needs = Boxes(
        _l("De quoi avez-vous besoin ?"),
        choices=[(code, words.NEEDS[code]) for code in (*USES, *COMFORTS)],
        validators=[InputRequired(_l("Choisissez au moins un besoin."))],
    )
    profile = RadioField(_l("Quels logiciels pour le projet ?"), validators=[Optional()], default="")
    attested = Boxes(_l("Je certifie"))
    note = TextAreaField(
        _l("Le projet, en deux phrases"),
        validators=[Length(max=LONGEST_NOTE)],
        render_kw={"rows": 3, "maxlength": LONGEST_NOTE},
    )


@blueprint.get("/project")
@permission("requests.apply")
def project() -> str:
    """The association's form."""
    form, _programmes = _form()
    return _page(form)


@blueprint.post("/project")
@permission("requests.apply")
def ask() -> str | tuple[str, int] | Response:
    """File the association's request."""
    form, programmes = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    programme = next(one for one in programmes if one.id == form.programme.data)
    profile = form.profile.data or ""
    if profile and profile not in programme.rules.profiles:
        form.profile.errors = [_offered(programme)]
        return _page(form), 422
    filing = Filing(
        programme,
        tuple(form.needs.data or []),
        tuple(form.attested.data or []),
        note=form.note.data or "",
        profile=profile,
    )
    filed = file_request(db(), _association(), filing, by=me(), at=now(), sealer=sealer())
    db().commit()
    flash(_("La demande %(code)s est déposée. Elle garde sa place.", code=filed.code), "ok")
    return redirect(url_for("sharing.one_request", code=filed.code))


def _page(form: ProjectForm) -> str:
    return render_template(
        "sharing/project.html", form=form, association=_association(), profile_icons=programme_words.PROFILE_ICONS
    )


def _offered(programme: Programme) -> str:
    """What to choose instead of a profile that this programme does not have."""
    names = ", ".join(bench.profile(one) for one in programme.rules.profiles)
    if not names:
        return _("« %(programme)s » n’a pas de logiciels au choix : gardez les siens.", programme=programme.name)
    return _("« %(programme)s » propose : %(names)s.", programme=programme.name, names=names)


def _association() -> Organisation:
    held = [one.organisation for one in grounds(me(), "requests.apply", now())]
    mine = next((one for one in held if one.kind == Kind.PARTNER), None)
    if mine is None:
        abort(404)
    return mine


def _form() -> tuple[ProjectForm, list[Programme]]:
    form = ProjectForm()
    today = now().astimezone(PARIS).date()
    programmes = open_programmes(db(), _association(), today, HolderKind.ASSOCIATION)
    form.programme.choices = [(one.id, one.name) for one in programmes]
    profiles = dict.fromkeys(code for one in programmes for code in one.rules.profiles)
    usual = _l("Ceux du dispositif")
    form.profile.choices = [("", usual), *((code, bench.profile(code)) for code in profiles)]
    conditions = dict.fromkeys(code for one in programmes for code in one.rules.facts)
    form.attested.choices = [(code, words.criterion(code)) for code in conditions]
    return form, programmes
