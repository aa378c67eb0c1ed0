"""The second step of the door, for who reads families' files: the code, the telephone's first scan, what is known of browsers."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from ordi.parties.people import Person
from web.clock import now
from web.guards import me, permission, safe_next
from web.keyring import sealer
from web.papers.qr import picture
from web.session import db, writes
from web.sign_in import attempts, devices, second_factor, sessions
from web.sign_in.pages import blueprint
from web.sign_in.second_factor import SecondFactor

ISSUER = "Ordi"
_COOKIE_NAME = "ordi-known"


@blueprint.get("/code")
@permission("public")
@writes
def code() -> str | Response:
    """Type the telephone's code; the first time, let it scan the secret."""
    person = sessions.half_way()
    if person is None:
        return redirect(url_for("sign_in.door", next=request.args.get("next")))
    second_factor.prepare(db(), person, sealer=sealer(), at=now())  # a role given since they came in asks for one
    db().commit()
    return _page(person)


@blueprint.post("/code")
@permission("public")
def give_code() -> Response:
    """Let in whoever's telephone this is. A code opens once."""
    person, at = sessions.half_way(), now()
    if person is None:
        return redirect(url_for("sign_in.door", next=request.args.get("next")))
    name, address, said = f"code {person.id}", request.remote_addr or "", request.form.get("code", "")[:40]
    left = attempts.wait(db(), name, address, at=at).total_seconds()
    if left > 0:
        seconds = int(left) + 1
        told = ngettext("Trop d’essais. Attendez une seconde.", "Trop d’essais. Attendez %(num)s secondes.", seconds)
        return make_response(_page(person, told), 429)
    if not second_factor.opens(db(), person, said, sealer=sealer(), at=at):
        attempts.failed(db(), name, address, at=at)
        db().commit()
        return make_response(_page(person, _("Ce code n’ouvre pas, ou a déjà servi. Attendez le suivant.")), 401)
    attempts.succeeded(db(), name, address)
    factor = db().get_one(SecondFactor, person.id)
    codes = [] if factor.confirmed_at else second_factor.confirm(db(), person, at=at)
    sessions.enter(db(), person, at=at, idle=devices.idle_here())
    onward = safe_next(request.args.get("next"))
    answer = (
        make_response(render_template("sign_in/codes.html", codes=codes, onward=onward)) if codes else redirect(onward)
    )
    if request.form.get("known") and devices.device_here() is None:
        _remember(answer, person)
    db().commit()
    return answer


@blueprint.post("/mine/known/<int:known_id>/end")
@permission("signed-in")
def end_known(known_id: int) -> Response:
    """Ask for a code again in that browser."""
    if known_id not in {one.id for one in second_factor.known_to(db(), me(), at=now())}:
        abort(404)
    second_factor.end_known(db(), me(), at=now(), only=known_id)
    db().commit()
    flash(_("Ce navigateur demandera un code."), "ok")
    return redirect(url_for("sign_in.mine"))


@blueprint.post("/mine/telephone")
@permission("signed-in")
def new_telephone() -> Response:
    """Begin with another telephone: everywhere, the next sign-in shows a new secret."""
    person = me()
    second_factor.take_away(db(), person, at=now())
    sessions.end_all(db(), person, at=now())
    sessions.enter(db(), person, at=now(), idle=devices.idle_here(), opened=sessions.Opened.HALF)
    second_factor.prepare(db(), person, sealer=sealer(), at=now())
    db().commit()
    return redirect(url_for("sign_in.code"))


def codes_shown(people: Iterable[Person]) -> dict[int, str]:
    """What a demonstration's door says in the place of each telephone. Never called outside one."""
    factors = {person.id: db().get(SecondFactor, person.id) for person in people}
    return {
        number: second_factor.next_code(factor, sealer(), at=now())
        for number, factor in factors.items()
        if factor is not None and factor.confirmed_at is not None
    }


def let_in(person: Person) -> None:
    """Open this browser's session after a password: half of it, when a code is asked for. The caller commits."""
    at = now()
    known = second_factor.is_known(db(), person, request.cookies.get(_cookie(), ""), at=at)
    opened = sessions.Opened.FULL if known else sessions.Opened.ALONE
    if opened == sessions.Opened.ALONE and sessions.reads_families(person, at):
        second_factor.prepare(db(), person, sealer=sealer(), at=at)
        opened = sessions.Opened.HALF
    sessions.enter(db(), person, at=at, idle=devices.idle_here(), opened=opened)


def _page(person: Person, refusal: str = "") -> str:
    factor = db().get_one(SecondFactor, person.id)  # made with the password
    new = factor.confirmed_at is None
    settings = current_app.extensions["ordi-settings"]
    return render_template(
        "sign_in/code.html",
        person=person,
        refusal=refusal,
        secret=second_factor.secret_of(factor, sealer()) if new else "",
        picture=picture(second_factor.address_of(factor, person, sealer(), ISSUER)) if new else "",
        shown=second_factor.next_code(factor, sealer(), at=now()) if settings.demonstration else "",
        bench=devices.device_here() is not None,
        next=request.args.get("next"),
    )


def _remember(answer: Response, person: Person) -> None:
    """Know this browser for thirty days: several people may share it, each with a code of their own."""
    token = request.cookies.get(_cookie(), "") or secrets.token_urlsafe(32)
    browser = sessions.recognised(request.user_agent.string)
    second_factor.remember(db(), person, token, browser=browser, at=now())
    answer.set_cookie(
        _cookie(), token, max_age=second_factor.KNOWN_FOR, path="/", secure=_secure(), httponly=True, samesite="Lax"
    )


def _cookie() -> str:
    return f"__Host-{_COOKIE_NAME}" if _secure() else _COOKIE_NAME


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
