"""Where the household of a request lives: typed with it, precised afterwards. Nothing here refuses a postcode nobody knows."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form, RadioField, SelectField, StringField
from wtforms.validators import Length

from ordi.parties.organisations import Organisation, pole_of
from ordi.places.communes import (
    PREFIX,
    Commune,
    District,
    commune_at,
    districts_known,
    districts_of,
    known_postcode,
    named,
)
from ordi.sharing.facts import QPV
from ordi.sharing.living import Living
from ordi.sharing.requests import Qpv, Request
from web.session import db
from web.sharing.living_words import ANSWERS

LIVING = ("postcode", "commune", "qpv", "district")


class LivingFields(Form):
    """A postcode, its commune, and whether that is in a priority district."""

    postcode = StringField(
        _l("Code postal"),
        validators=[Length(max=5)],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": 5},
    )
    commune = StringField(_l("Commune"), validators=[Length(max=80)], render_kw={"autocomplete": "off"})
    qpv = RadioField(
        _l("Quartier prioritaire (QPV)"), choices=list(ANSWERS.items()), default=Qpv.UNKNOWN, validate_choice=False
    )
    district = SelectField(_l("Lequel ? (facultatif)"), choices=[("", "")], default="", validate_choice=False)


class LivingForm(LivingFields, FlaskForm):  # type: ignore[misc]
    """The same alone, on a request that waits."""


@dataclass(frozen=True)
class Lives:
    """What a request's page says of where its household lives, and the form that precises it."""

    commune: str
    district: str
    none_there: bool
    asks: bool
    near: str
    form: LivingForm


def lives(found: Request) -> Lives:
    """What is known of where a household lives."""
    form = LivingForm(formdata=None, qpv=found.qpv, district=found.district_code)
    there = districts_of(db(), found.commune_code)
    form.district.choices = [("", "—"), *((one.code, one.name) for one in there)]
    return Lives(
        commune=named(db(), Commune, found.commune_code),
        district=named(db(), District, found.district_code),
        none_there=bool(found.commune_code) and not there and districts_known(db()),
        asks=found.qpv == Qpv.UNKNOWN and QPV in found.programme.rules.facts,
        near=near_of(found.partner),
        form=form,
    )


def living_of(form: LivingFields, known: str = "") -> Living:
    """What a form says; `known` is the commune when nothing was typed. A district of another commune is left out."""
    typed = _typed(form, "postcode") or _typed(form, "commune")
    commune = commune_at(db(), _typed(form, "postcode"), _typed(form, "commune")) if typed else None
    code = commune.code if commune else "" if typed else known
    qpv = Qpv(form.qpv.data) if form.qpv.data in set(Qpv) else Qpv.UNKNOWN
    there = {one.code for one in districts_of(db(), code)} if qpv != Qpv.NO else set()
    district = form.district.data if form.district.data in there else ""
    return Living(code, qpv, district)


def address_of(form: LivingFields) -> str:
    """The address as it is kept in the family's file: the street, then postcode and commune when they are not in it."""
    street = _typed(form, "address")
    town = " ".join(part for part in (_typed(form, "postcode"), _typed(form, "commune")) if part)
    said = town and town.casefold() not in street.casefold()
    return ", ".join(part for part in (street, town if said else "") if part)


def offer_districts(form: LivingFields) -> None:
    """The districts of the commune a form names, so that one that was chosen stays chosen; the page's script does it while one types."""
    commune = commune_at(db(), _typed(form, "postcode"), _typed(form, "commune")) if _typed(form, "postcode") else None
    there = districts_of(db(), commune.code) if commune else []
    form.district.choices = [("", "—"), *((one.code, one.name) for one in there)]


def near_of(partner: Organisation | None) -> str:
    """The postcodes to keep at hand for a partner organisation's families: the first two digits of its own, or of its pole's."""
    prefix = (partner.postcode or pole_of(partner).postcode)[:2] if partner else ""
    return prefix if PREFIX.fullmatch(prefix) else ""


def say_unknown_postcode(form: LivingFields) -> None:
    """Say softly that a postcode is in no list: nothing is refused for it."""
    typed = _typed(form, "postcode")
    if typed and not known_postcode(db(), typed):
        flash(_("Le code postal n’est pas dans la liste : à vérifier dans le dossier."), "warn")


def _typed(form: LivingFields, name: str) -> str:
    return str(form[name].data or "").strip()
