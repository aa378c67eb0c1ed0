"""A landlord's page: its own price, and single-use codes for its tenants, told once."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
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
@permission("requests.write")
def tenants() -> str:
    """The programmes that ask for a price or a code of ours."""
    return _page()


@blueprint.post("/tenants/codes")
@permission("requests.write")
def give_codes() -> str:
    """New codes, shown once to be printed or handed out."""
    partner, programme = _asked()
    codes = tenant_codes.give_codes(
        db(), partner, programme.code, whole("count", least=1, most=tenant_codes.MOST_AT_ONCE), by=me(), at=now()
    )
    db().commit()
    return _page(codes, programme)


@blueprint.post("/tenants/price")
@permission("requests.write")
def set_price() -> Response:
    """Our own price from now on."""
    partner, programme = _asked()
    prices.set_price(db(), partner, programme, cents_of(request.form.get("price", "")), by=me(), at=now())
    db().commit()
    flash(_("Le prix est noté."), "ok")
    return redirect(url_for("sharing.tenants"))


def _page(codes: list[str] | None = None, programme: Programme | None = None) -> str:
    partner = _partner()
    rows = [
        (one, prices.own_price(db(), partner, one), tenant_codes.left(db(), partner, one.code))
        for one in _ours(partner)
    ]
    return render_template(
        "sharing/tenants.html", partner=partner, rows=rows, codes=codes or [], given=programme, say=programme_words
    )


def _asked() -> tuple[Organisation, Programme]:
    partner = _partner()
    asked = request.form.get("programme", 0, type=int)
    programme = next((one for one in _ours(partner) if one.id == asked), None)
    if programme is None:
        raise NotFound(programme=asked)
    return partner, programme


def _ours(partner: Organisation) -> list[Programme]:
    today = now().astimezone(PARIS).date()
    found = open_programmes(db(), partner, today)
    return [one for one in found if one.rules.needs_code or one.rules.partner_sets_price]


def _partner() -> Organisation:
    held = [one.organisation for one in grounds(me(), "requests.write", now())]
    mine = next((one for one in held if one.kind == Kind.PARTNER), None)
    if mine is None:
        abort(404)
    return mine
