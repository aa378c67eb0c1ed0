"""A new request, in four steps with the person beside: needs, conditions, consent, then who it is for.

Nothing is stored before the last step; what was answered travels in the form itself, never in an address.
"""

from __future__ import annotations

import re
from uuid import uuid4

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import or_, select
from werkzeug.wrappers import Response
from wtforms import BooleanField, EmailField, RadioField, SelectMultipleField, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput

from ordi.papers import PARIS
from ordi.parties.access import grounds
from ordi.parties.households import Contact, Household, open_file, told_again
from ordi.parties.organisations import Kind, Organisation
from ordi.sharing.consents import CURRENT_TEXT
from ordi.sharing.facts import QPV
from ordi.sharing.filing import Filing, Reading, file_request, filed_with, may_ask
from ordi.sharing.look_alikes import Alike
from ordi.sharing.needs import COMFORTS, USES
from ordi.sharing.programmes import Programme, open_programmes
from ordi.sharing.requests import LONGEST_NOTE, Reach, Request
from ordi.sharing.rules import HolderKind
from ordi.sharing.translations import Sheet
from web.clock import now
from web.guards import me, permission
from web.keyring import sealer
from web.messages.answering import every_review
from web.session import db
from web.sharing import blueprint, known_families, living, words

STEPS = ("needs", "conditions", "consent", "family")


class Boxes(SelectMultipleField):
    """Several choices as pictograms."""

    option_widget = CheckboxInput()


class RequestForm(living.LivingFields, FlaskForm):  # type: ignore[misc]
    """All four steps in one form: a step shows its own fields and carries the others."""

    partner = RadioField(_l("Pour quelle structure ?"), coerce=int, validators=[InputRequired()])
    programme = RadioField(
        _l("Quel dispositif ?"), coerce=int, validators=[InputRequired(_l("Choisissez un dispositif."))]
    )
    uses = Boxes(_l("Pour quoi faire ?"), choices=[(code, words.NEEDS[code]) for code in USES])
    comforts = Boxes(_l("Pour être à l’aise"), choices=[(code, words.NEEDS[code]) for code in COMFORTS])
    attested = Boxes(_l("J’ai vérifié"))
    tenant_code = StringField(
        _l("Le code reçu du bailleur"),
        validators=[Length(max=24)],
        description=_l("Il ne sert qu’une fois."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters"},
    )
    language = RadioField(_l("Lu en"), choices=list(words.SPOKEN.items()), default="fr")
    agreed = BooleanField(_l("La personne a dit oui devant moi"))
    name = StringField(
        _l("Nom de la personne"),
        validators=[InputRequired(_l("Écrivez le nom de la personne.")), Length(max=80)],
        render_kw={"autocomplete": "off"},
    )
    phone = TelField(_l("Téléphone"), validators=[Length(max=24)], render_kw={"autocomplete": "off"})
    email = EmailField(_l("Courriel"), validators=[Length(max=120)], render_kw={"autocomplete": "off"})
    address = StringField(_l("Adresse"), validators=[Length(max=160)], render_kw={"autocomplete": "off"})
    reach = RadioField(
        _l("Comment la prévenir ?"),
        choices=list(words.REACH.items()),
        default=Reach.IN_PERSON,
        validators=[InputRequired()],
    )
    note = TextAreaField(
        _l("Un mot pour la coordination"),
        validators=[Length(max=LONGEST_NOTE)],
        description=_l("200 signes. Jamais de santé, d’origine, de revenus ni de nom."),
        render_kw={"rows": 2, "maxlength": LONGEST_NOTE},
    )
    called = BooleanField(_l("J’ai appelé, ou j’appelle aujourd’hui"))
    family = RadioField(
        _l("Déjà une demande ? Ce nom ou ce téléphone est connu ici."),
        validators=[InputRequired(_l("Dites si c’est la même famille."))],
    )


FIELDS = {
    "needs": ("partner", "programme", "uses", "comforts"),
    "conditions": ("attested", "tenant_code"),
    "consent": ("language", "agreed"),
    "family": ("name", "phone", "email", "address", *living.LIVING, "reach", "note", "family", "called"),
}


@blueprint.get("/new")
@permission("requests.write")
def new() -> str:
    """The first step."""
    return _page(_form(fresh=True), "needs")


@blueprint.post("/new")
@permission("requests.write")
def take_step() -> str | tuple[str, int] | Response:
    """Go on to the next step, back to the one before, or file the request at the last."""
    step = request.form.get("step", "")
    if step not in STEPS:
        abort(422)
    form = _form()
    if request.form.get("go") == "show":  # a draft that is taken up again
        return _page(form, step)
    if request.form.get("go") == "back":
        return _page(form, STEPS[max(0, STEPS.index(step) - 1)])
    sent = filed_with(db(), _form_uuid(), me()) if step == STEPS[-1] else None
    if sent is not None:  # its answer was lost on the way
        return _filed(sent)
    partner, programme = _chosen(form)
    if not _answered(form, step, programme) or partner is None or programme is None:
        return _page(form, step), 422
    if step == STEPS[-1] and not form.called.data:
        elsewhere = known_families.elsewhere(partner, form.name.data, form.phone.data)
        if elsewhere.services or elsewhere.too_often:
            return _page(form, step, elsewhere), 422
    if step != STEPS[-1]:
        return _page(form, STEPS[STEPS.index(step) + 1])
    filed = _file(form, partner, programme)
    db().commit()
    living.say_unknown_postcode(form)
    return _filed(filed)


def _filed(filed: Request) -> Response:
    """On to the request: said in a header to who sends by script, so that the page it leads to is asked for once."""
    flash(_("La demande %(code)s est déposée. Elle garde sa place.", code=filed.code), "ok")
    onward = url_for("sharing.one_request", code=filed.code)
    if "Ordi-Draft" in request.headers:
        return Response(status=204, headers={"Ordi-Go": onward})
    return redirect(onward)


def _form(*, fresh: bool = False) -> RequestForm:
    form = RequestForm(formdata=None) if fresh else RequestForm()
    partners = _partners()
    if not partners:
        abort(404)
    form.partner.choices = [(one.id, one.name) for one in partners]
    if form.partner.data is None:
        form.partner.data = partners[0].id
    partner = next((one for one in partners if one.id == form.partner.data), partners[0])
    programmes = _programmes(partner)
    form.programme.choices = [(one.id, one.name) for one in programmes]
    wished = request.args.get("programme", type=int)
    if fresh and (len(programmes) == 1 or wished in {one.id for one in programmes}):
        form.programme.data = wished if len(programmes) > 1 else programmes[0].id
    chosen = next((one for one in programmes if one.id == form.programme.data), None)
    form.attested.choices = (
        [(code, words.fact(chosen, code)) for code in chosen.rules.facts if code != QPV] if chosen else []
    )
    living.offer_districts(form)
    form.family.choices = known_families.choices(partner, form.name.data, form.phone.data)
    return form


def _programmes(partner: Organisation) -> list[Programme]:
    open_ones = open_programmes(db(), partner, now().astimezone(PARIS).date(), HolderKind.HOUSEHOLD)
    return [one for one in open_ones if may_ask(db(), one.rules, partner, me(), at=now())]


def _partners() -> list[Organisation]:
    reach = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in grounds(me(), "requests.write", now())
    ]
    query = select(Organisation).where(Organisation.kind == Kind.PARTNER, or_(*reach)).order_by(Organisation.name)
    return list(db().scalars(query))


def _chosen(form: RequestForm) -> tuple[Organisation | None, Programme | None]:
    partner = next((one for one in _partners() if one.id == form.partner.data), None)
    offered = _programmes(partner) if partner else []
    programme = next((one for one in offered if one.id == form.programme.data), None)
    return partner, programme


def _answered(form: RequestForm, step: str, programme: Programme | None) -> bool:
    """Whether the fields of this step hold; each error stands on its own field."""
    form.validate()
    here = {name: list(form[name].errors) for name in FIELDS[step]}
    if step == "needs" and not (form.uses.data or form.comforts.data):
        here["uses"].append(_("Choisissez au moins un besoin."))
    if step == "conditions" and programme and programme.rules.needs_code and not (form.tenant_code.data or "").strip():
        here["tenant_code"].append(_("Écrivez le code reçu du bailleur."))
    if step == "consent" and not form.agreed.data:
        here["agreed"].append(_("Sans son accord, rien n’est gardé."))
    if step == "family" and not form.family.choices:
        here["family"] = []
    if step == "family" and not (form.name.data or "").strip() and not here["name"]:
        here["name"].append(_("Écrivez le nom de la personne."))
    for name, field in form._fields.items():
        field.errors = here.get(name, [])
    return not any(here.values())


def _form_uuid() -> str:
    """What tells this form from every other, however often it is sent."""
    said = request.form.get("form_uuid", "")
    return said if re.fullmatch(r"[0-9a-f]{32}", said) else uuid4().hex


def _file(form: RequestForm, partner: Organisation, programme: Programme) -> Request:
    contact = Contact(
        name=(form.name.data or "").strip(),
        phone=(form.phone.data or "").strip(),
        email=(form.email.data or "").strip(),
        address=living.address_of(form),
        language=form.language.data,
    )
    filing = Filing(
        programme=programme,
        needs=(*(form.uses.data or []), *(form.comforts.data or [])),
        attested=tuple(form.attested.data or []),
        household=_household(form, partner, contact),
        consent=Reading(CURRENT_TEXT, form.language.data),
        reach=Reach(form.reach.data),
        note=form.note.data or "",
        tenant_code=form.tenant_code.data or "",
        living=living.living_of(form),
        form_uuid=_form_uuid(),
    )
    return file_request(db(), partner, filing, by=me(), at=now(), sealer=sealer())


def _household(form: RequestForm, partner: Organisation, contact: Contact) -> Household:
    """The file a person recognised, brought up to date, or a new one."""
    known = {one.code: one for one in known_families.known(partner, form.name.data, form.phone.data)}
    recognised = known.get(form.family.data or "")
    if recognised is None:
        return open_file(db(), partner, contact, sealer=sealer(), by=me(), at=now())
    told_again(db(), recognised, contact, sealer=sealer(), by=me(), at=now())
    return recognised


def _page(form: RequestForm, step: str, elsewhere: Alike | None = None) -> str:
    carried = [(name, value) for name in _carried(step) for value in _values(form, name)]
    partner, programme = _chosen(form)
    return render_template(
        "sharing/new.html",
        form=form,
        step=step,
        form_uuid=_form_uuid(),
        elsewhere=elsewhere,
        steps=STEPS,
        carried=carried,
        near=living.near_of(partner),
        programme=programme,
        programmes=_programmes(partner) if partner else [],
        required=programme.required if programme else [],
        reviews=every_review(db(), Sheet.CONSENT) if step == "consent" else {},
    )


def _carried(step: str) -> list[str]:
    return [name for other, names in FIELDS.items() if other != step for name in names]


def _values(form: RequestForm, name: str) -> list[str]:
    data = form[name].data
    if isinstance(data, bool):
        return ["y"] if data else []
    if isinstance(data, list):
        return [str(one) for one in data]
    return [str(data)] if data not in (None, "") else []
