"""Tokens of the API: made, listed, ended. A secret is on one page, once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.parties.organisations import Organisation
from ordi.parties.tokens import SCOPES, ApiToken, make_token, revoke
from web.administration import blueprint
from web.administration.forms import TokenForm
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.wording import wording

YEAR = timedelta(days=365)


@blueprint.get("/tokens")
@permission("network.tokens")
def tokens() -> str:
    """Every token, never its secret."""
    return _page(_offered(TokenForm(formdata=None, data={"expires": (now() + YEAR).date()})))


@blueprint.post("/tokens")
@permission("network.tokens")
def add_token() -> str | tuple[str, int]:
    """Make one; its secret is in the answer, and nowhere else."""
    form = _offered(TokenForm())
    if not form.validate_on_submit():
        return _page(form), 422
    where = db().get(Organisation, form.organisation.data) or abort(404)
    _made, secret = make_token(
        db(),
        str(form.name.data),
        list(form.scopes.data or []),
        where,
        by=me(),
        at=now(),
        expires_at=datetime.combine(form.expires.data or now().date(), time.max, UTC),
    )
    db().commit()
    return _page(_offered(TokenForm(formdata=None, data={"expires": (now() + YEAR).date()})), secret)


@blueprint.post("/tokens/<int:token_id>/revoke")
@permission("network.tokens")
def revoke_token(token_id: int) -> Response:
    """End one at once."""
    token = db().get(ApiToken, token_id) or abort(404)
    revoke(db(), token, by=me(), at=now())
    db().commit()
    flash(_("Ce jeton n’ouvre plus rien."), "ok")
    return redirect(url_for("administration.tokens"))


def _page(form: TokenForm, secret: str = "") -> str:
    query = select(ApiToken).options(joinedload(ApiToken.organisation)).order_by(ApiToken.id.desc())
    rows = list(db().scalars(query))
    return render_template("administration/tokens.html", tokens=rows, form=form, secret=secret, now=now())


def _offered(form: TokenForm) -> TokenForm:
    form.scopes.choices = [(scope, wording.scope(scope)) for scope in SCOPES]
    places = db().scalars(select(Organisation).order_by(Organisation.path))
    form.organisation.choices = [(one.id, one.name) for one in places]
    return form
