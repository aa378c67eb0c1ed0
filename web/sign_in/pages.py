"""Coming in and going out."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.errors import Invalid
from ordi.parties.people import Membership, Person
from web.clock import now
from web.guards import me, permission, safe_next, someone
from web.languages import LANGUAGES
from web.session import db
from web.settings import Settings
from web.sign_in import attempts, devices, second_factor, sessions, unlocking
from web.sign_in.accounts import Account, account_of, change_password, is_password
from web.sign_in.forms import DoorForm, PasswordForm

blueprint = Blueprint("sign_in", __name__, url_prefix="/sign-in")


@blueprint.get("")
@permission("public")
def door() -> str | Response:
    """The sign-in page."""
    if someone():
        return redirect(safe_next(request.args.get("next")))
    if sessions.half_way():
        return redirect(url_for("sign_in.code", next=request.args.get("next")))
    if devices.device_here() and "password" not in request.args:
        return redirect(url_for("sign_in.badge_door", next=request.args.get("next")))
    return _door(DoorForm(formdata=None))


@blueprint.post("")
@permission("public")
def come_in() -> str | tuple[str, int] | Response:
    """Check a name and a password. An unknown name and a wrong password answer alike."""
    form = DoorForm()
    if not form.validate_on_submit():
        return _door(form), 422
    name, address, at = str(form.username.data), request.remote_addr or "", now()
    left = attempts.wait(db(), name, address, at=at)
    if left.total_seconds() > 0:
        seconds = int(left.total_seconds()) + 1
        told = ngettext("Trop d’essais. Attendez une seconde.", "Trop d’essais. Attendez %(num)s secondes.", seconds)
        return _door(form, told), 429
    account = account_of(db(), name, str(form.password.data))
    if account is None or not any(account.person.current(at)):
        attempts.failed(db(), name, address, at=at)
        db().commit()
        return _door(form, _("Nom ou mot de passe inconnu.")), 401
    attempts.succeeded(db(), name, address)
    attempts.forget_old(db(), at=at)
    second_pages.let_in(account.person)
    db().commit()
    return redirect(safe_next(request.args.get("next")))


@blueprint.post("/as/<int:person_id>")
@permission("public")
def come_in_as(person_id: int) -> Response:
    """One button of the demonstration's door. Elsewhere it does not exist."""
    person = _of_the_cast(person_id)
    sessions.enter(db(), person, at=now(), idle=devices.idle_here())
    db().commit()
    return redirect(safe_next(request.args.get("next")))


@blueprint.post("/as/<int:person_id>/code")
@permission("public")
def come_in_as_with_code(person_id: int) -> Response:
    """The same as with a password: who reads families' files is asked for the code that the door says."""
    second_pages.let_in(_of_the_cast(person_id))
    db().commit()
    return redirect(safe_next(request.args.get("next")))


def _of_the_cast(person_id: int) -> Person:
    """Somebody of a demonstration; elsewhere there is no such page."""
    if not _settings().demonstration:
        abort(404)
    person = db().get(Person, person_id)
    if person is None or not any(person.current(now())):
        abort(404)
    return person


@blueprint.post("/out")
@permission("signed-in")
def sign_out() -> Response:
    """Sign out on this browser; a device of the workshop forgets me."""
    unlocking.end_unlocks(db(), me(), devices.device_here())
    sessions.leave(db(), at=now())
    db().commit()
    cookie.clear()
    flash(_("Vous êtes sorti."), "ok")
    return redirect(url_for("sign_in.door"))


@blueprint.post("/language")
@permission("public")
def language() -> Response:
    """Choose the language of this browser, and of the person signed in."""
    chosen = request.form.get("lang", "")
    if chosen not in LANGUAGES:
        abort(422)
    cookie["language"] = chosen
    person = someone()
    if person is not None:
        person.language = chosen
        db().commit()
    return redirect(safe_next(request.form.get("next")))


@blueprint.get("/mine")
@permission("signed-in")
def mine() -> str:
    """Where I am signed in, and my password."""
    rows = sessions.living(db(), me(), at=now())
    here = next((row.id for row in rows if sessions.is_this_browser(row)), None)
    account = db().scalar(select(Account).where(Account.person_id == me().id))
    return _mine(rows, here, account, PasswordForm(formdata=None))


@blueprint.post("/mine/<int:session_id>/end")
@permission("signed-in")
def end_one(session_id: int) -> Response:
    """End one of my sessions."""
    row = db().get(sessions.SignInSession, session_id)
    if row is None or row.person_id != me().id:
        abort(404)
    row.ended_at = row.ended_at or now()
    unlocking.end_unlocks(db(), me())
    db().commit()
    flash(_("Cette connexion est terminée."), "ok")
    return redirect(url_for("sign_in.mine"))


@blueprint.post("/mine/password")
@permission("signed-in")
def new_password() -> str | tuple[str, int] | Response:
    """Change my password; every other session of mine ends."""
    form = PasswordForm()
    account = db().scalar(select(Account).where(Account.person_id == me().id))
    if account is None:
        abort(404)
    if form.validate_on_submit():
        if not is_password(account, str(form.current.data)):
            form.current.errors = [_("Ce n’est pas votre mot de passe actuel.")]
        else:
            try:
                change_password(db(), account, str(form.new.data), at=now())
            except Invalid:
                form.new.errors = [_("Trop facile à deviner : sans votre nom, et plus varié.")]
            else:
                sessions.end_others(db(), me(), at=now())
                second_factor.end_known(db(), me(), at=now())
                db().commit()
                flash(_("Mot de passe changé. Vos autres connexions sont terminées."), "ok")
                return redirect(url_for("sign_in.mine"))
    rows = sessions.living(db(), me(), at=now())
    here = next((row.id for row in rows if sessions.is_this_browser(row)), None)
    return _mine(rows, here, account, form), 422


def _mine(rows: list[sessions.SignInSession], here: int | None, account: Account | None, form: PasswordForm) -> str:
    factor = db().get(second_factor.SecondFactor, me().id)
    return render_template(
        "sign_in/mine.html",
        rows=rows,
        here=here,
        account=account,
        form=form,
        factor=factor,
        known=second_factor.known_to(db(), me(), at=now()),
        left=second_factor.codes_left(db(), me()) if factor else 0,
    )


def _door(form: DoorForm, refusal: str = "") -> str:
    cast = _cast() if _settings().demonstration else []
    return render_template(
        "sign_in/door.html",
        form=form,
        refusal=refusal,
        cast=cast,
        shown=second_pages.codes_shown(held.person for held in cast),
        next=request.args.get("next"),
    )


def _cast() -> list[Membership]:
    """One person for each role, the first that came."""
    roles: dict[str, Membership] = {}
    people: set[int] = set()
    for held in db().scalars(select(Membership).order_by(Membership.id)):
        if held.in_force(now()) and held.role not in roles and held.person_id not in people:
            roles[held.role] = held
            people.add(held.person_id)
    return list(roles.values())


def _settings() -> Settings:
    settings: Settings = current_app.extensions["ordi-settings"]
    return settings


from web.sign_in import (  # noqa: E402 - their views sign up on the blueprint
    gloves,  # noqa: F401
    second_pages,
)
