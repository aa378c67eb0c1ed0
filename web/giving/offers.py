"""Offers: the donor writes one, the coordinator answers, each sees what became of it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from ordi.giving import offers as verbs
from ordi.giving.collections import lots_seen_by
from ordi.giving.offers import Answer, Declined, Offer, drives_for, offer_seen, offers_seen_by
from ordi.machines.lots import Lot
from ordi.machines.machine import Form
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Membership, Person, Role
from web.asking import chosen
from web.clock import now
from web.giving import blueprint, words
from web.guards import me, permission
from web.session import db

_COUNT = [InputRequired(_l("Un nombre entre 0 et 500.")), NumberRange(0, verbs.MOST, _l("Un nombre entre 0 et 500."))]
_KEYS = {"inputmode": "numeric", "min": "0"}


class OfferForm(FlaskForm):  # type: ignore[misc]
    """What a donor would give."""

    donor = SelectField(_l("Donateur"), coerce=int)
    laptops = IntegerField(_l("Portables"), validators=_COUNT, default=0, render_kw=_KEYS)
    desktops = IntegerField(_l("Fixes"), validators=_COUNT, default=0, render_kw=_KEYS)
    all_in_ones = IntegerField(_l("Tout-en-un"), validators=_COUNT, default=0, render_kw=_KEYS)
    minimum_level = RadioField(
        _l("Effacement demandé"),
        choices=[
            ("clear", _l("Réécriture entière, relue et prouvée (Clear)")),
            ("purge", _l("Effacement par le disque lui-même (Purge)")),
        ],
        default="clear",
        validators=[InputRequired()],
        description=_l("Un disque qui n’y arrive pas est détruit."),
    )
    note = StringField(
        _l("Pour venir les chercher"),
        validators=[Length(max=200)],
        description=_l("Quai, étage, horaires. Sans nom ni numéro d’une personne."),
    )


class AcceptForm(FlaskForm):  # type: ignore[misc]
    """Where a gift goes, who fetches it, and when."""

    workshop = SelectField(_l("Atelier"), coerce=int, validators=[InputRequired()])
    driver = SelectField(_l("Qui va les chercher"), coerce=int)
    on = DateField(_l("Jour de la collecte"), validators=[Optional()])


@blueprint.get("")
@permission("giving.see")
def index() -> str:
    """Offers and lots, each reader's own."""
    whose = (joinedload(Offer.donor), joinedload(Offer.lot))
    offers = db().scalars(offers_seen_by(me(), at=now()).options(*whose).order_by(Offer.id.desc()).limit(60)).all()
    places = (joinedload(Lot.donor), joinedload(Lot.workshop))
    lots = db().scalars(lots_seen_by(me(), at=now()).options(*places).order_by(Lot.id.desc()).limit(60)).all()
    return render_template(
        "giving/index.html",
        waiting=[one for one in offers if one.answer == Answer.WAITING],
        answered=[one for one in offers if one.answer != Answer.WAITING],
        rounds=[lot for lot in lots if lot.collected_at is None],
        lots=[lot for lot in lots if lot.collected_at is not None],
        dates=_dates([lot.id for lot in lots]),
    )


@blueprint.get("/offers/new")
@permission("giving.offer")
def new_offer() -> str:
    """The donor's form."""
    return render_template("giving/new_offer.html", form=_offer_form(), donors=_donors())


@blueprint.post("/offers/new")
@permission("giving.offer")
def make_offer() -> str | tuple[str, int] | Response:
    """Offer computers."""
    form = _offer_form()
    counts = {
        Form.LAPTOP: form.laptops.data or 0,
        Form.DESKTOP: form.desktops.data or 0,
        Form.ALL_IN_ONE: form.all_in_ones.data or 0,
    }
    valid = form.validate_on_submit()
    if valid and not 1 <= sum(counts.values()) <= verbs.MOST:
        form.laptops.errors = [_("Dites combien d’ordinateurs, entre 1 et 500.")]
        valid = False
    if not valid:
        return render_template("giving/new_offer.html", form=form, donors=_donors()), 422
    made = verbs.offer(
        db(),
        db().get_one(Organisation, form.donor.data),
        counts,
        note=form.note.data or "",
        minimum_level=form.minimum_level.data,
        by=me(),
        at=now(),
    )
    db().commit()
    flash(_("Merci. Votre offre %(code)s attend la réponse du pôle.", code=made.code), "ok")
    return redirect(url_for("giving.one_offer", code=made.code))


@blueprint.get("/offers/<code>")
@permission("giving.see")
def one_offer(code: str) -> str:
    """One offer, and its decision."""
    found = offer_seen(db(), me(), code, at=now())
    return render_template(
        "giving/offer.html", offer=found, form=_accept_form(found), reasons=words.DECLINED, mine=_offers_for(found)
    )


@blueprint.post("/offers/<code>/accept")
@permission("giving.decide")
def accept(code: str) -> str | tuple[str, int] | Response:
    """Accept: a lot is born, with its machines promised."""
    found = offer_seen(db(), me(), code, at=now())
    form = _accept_form(found)
    if not form.validate_on_submit():
        page = render_template("giving/offer.html", offer=found, form=form, reasons=words.DECLINED, mine=False)
        return page, 422
    driver = db().get(Person, form.driver.data) if form.driver.data else None
    workshop = db().get_one(Organisation, form.workshop.data)
    lot = verbs.accept(db(), found, workshop, driver, form.on.data, by=me(), at=now())
    db().commit()
    flash(_("C’est accepté : lot %(lot)s.", lot=lot.code), "ok")
    return redirect(url_for("giving.lot", code=lot.code))


@blueprint.post("/offers/<code>/decline")
@permission("giving.decide")
def decline(code: str) -> Response:
    """Decline, with a reason the donor reads."""
    verbs.decline(db(), offer_seen(db(), me(), code, at=now()), chosen(Declined, "reason"), by=me(), at=now())
    db().commit()
    flash(_("C’est refusé, et le donateur lit pourquoi."), "ok")
    return redirect(url_for("giving.one_offer", code=code))


@blueprint.post("/offers/<code>/withdraw")
@permission("giving.offer")
def withdraw(code: str) -> Response:
    """Take an offer back."""
    verbs.withdraw(db(), offer_seen(db(), me(), code, at=now()), by=me(), at=now())
    db().commit()
    flash(_("L’offre est retirée."), "ok")
    return redirect(url_for("giving.one_offer", code=code))


def _offer_form() -> OfferForm:
    form = OfferForm()
    donors = _donors()
    if not donors:
        abort(404)
    form.donor.choices = [(donor.id, donor.name) for donor in donors]
    return form


def _donors() -> list[Organisation]:
    reach = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in grounds(me(), "giving.offer", now())
    ]
    query = select(Organisation).where(Organisation.kind == Kind.DONOR, or_(*reach)).order_by(Organisation.name)
    return list(db().scalars(query))


def _accept_form(offered: Offer) -> AcceptForm:
    form = AcceptForm()
    workshops = db().scalars(
        select(Organisation)
        .where(Organisation.kind == Kind.WORKSHOP, Organisation.parent_id == offered.donor.parent_id)
        .order_by(Organisation.name)
    )
    rooms = list(workshops)
    held = select(Membership.person_id).where(Membership.role == Role.DRIVER)
    people = db().scalars(select(Person).where(Person.id.in_(held)).order_by(Person.name)).all()
    drivers = [one for one in people if any(drives_for(one, room, at=now()) for room in rooms)]
    form.workshop.choices = [(room.id, room.name) for room in rooms]
    form.driver.choices = [(0, _("Le donateur les apporte")), *((one.id, one.name) for one in drivers)]
    return form


def _offers_for(offered: Offer) -> bool:
    return any(held.organisation.holds(offered.donor) for held in grounds(me(), "giving.offer", now()))


def _dates(lot_ids: list[int]) -> dict[int, object]:
    rows = db().execute(select(Offer.lot_id, Offer.collect_on).where(Offer.lot_id.in_(lot_ids)))
    return {lot_id: on for lot_id, on in rows if lot_id is not None}
