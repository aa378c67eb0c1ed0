"""A landlord's page: its own price, and single-use codes for its tenants, told once."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.money import cents_of
from ordi.papers import PARIS
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.sharing import prices, tenant_codes
from ordi.sharing.programmes import Programme, open_programmes
from web.asking import whole
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.sharing import blueprint, programme_words


@blueprint.get("/tenants")
@permission("sharing.tenants")
def tenants() -> str:
    """The programmes that ask for a price or a code of ours."""
    return _page()


@blueprint.post("/tenants/codes")
@permission("sharing.tenants")
def give_codes() -> str:
    """New codes, shown once to be printed or handed out."""
    partner, programme = _asked()
    codes = tenant_codes.give_codes(
        db(), partner, programme.code, whole("count", least=1, most=tenant_codes.MOST_AT_ONCE), by=me(), at=now()
    )
    db().commit()
    return _page(codes, programme)


@blueprint.post("/tenants/price")
@permission("sharing.price")
def set_price() -> Response:
    """The landlord's own price from now on, by who signs for it."""
    partner, programme = _asked()
    prices.set_price(db(), partner, programme, cents_of(request.form.get("price", "")), by=me(), at=now())
    db().commit()
    flash(_("Le prix est noté."), "ok")
    return redirect(url_for("sharing.tenants", partner=partner.id))


def _page(codes: list[str] | None = None, programme: Programme | None = None) -> str:
    partners = _partners()
    partner = _chosen(partners)
    rows = [
        (one, prices.own_price(db(), partner, one), tenant_codes.left(db(), partner, one.code))
        for one in _ours(partner)
    ]
    return render_template(
        "sharing/tenants.html",
        partner=partner,
        partners=partners,
        rows=rows,
        codes=codes or [],
        given=programme,
        say=programme_words,
    )


def _asked() -> tuple[Organisation, Programme]:
    partner = _chosen(_partners())
    asked = request.form.get("programme", 0, type=int)
    programme = next((one for one in _ours(partner) if one.id == asked), None)
    if programme is None:
        raise NotFound(programme=asked)
    return partner, programme


def _ours(partner: Organisation) -> list[Programme]:
    today = now().astimezone(PARIS).date()
    found = open_programmes(db(), partner, today)
    return [one for one in found if one.rules.needs_code or one.rules.partner_sets_price]


def _partners() -> list[Organisation]:
    """The structures of whoever asks: one's own, or those of a coordinator's pole."""
    held = [one.organisation.path for one in grounds(me(), "sharing.tenants", now())]
    beneath = or_(*(Organisation.path.startswith(path, autoescape=True) for path in held))
    query = select(Organisation).where(Organisation.kind == Kind.PARTNER, beneath)
    return list(db().scalars(query.order_by(Organisation.name, Organisation.id)))


def _chosen(partners: list[Organisation]) -> Organisation:
    asked = request.values.get("partner", type=int)
    found = next((one for one in partners if asked in (None, one.id)), None)
    return found or abort(404)
