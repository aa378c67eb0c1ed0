"""The door for gloves: devices of a workshop, badges, four pictures, and the lock after five idle minutes."""

from __future__ import annotations

from flask import abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.errors import Invalid
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from web.clock import now
from web.guards import me, permission, safe_next
from web.headers import SIGNED_IN_POLICY
from web.papers.badge_pdf import BadgeFacts, badge_pdf
from web.session import db
from web.sign_in import attempts, badges, devices, sessions, unlocking
from web.sign_in.pages import blueprint


@blueprint.get("/badge")
@permission("public")
def badge_door() -> Response:
    """Show a badge, then touch four pictures. Elsewhere than on a device of a workshop it says so."""
    return _badge_door()


@blueprint.post("/badge")
@permission("public")
def come_in_with_badge() -> Response:
    """Let in whoever's badge and pictures these are; whoever was here before is signed out."""
    said, pictures = request.form.get("badge", "")[:60], request.form.get("pictures", "")[:80].split()
    device = devices.device_here()
    if device is None:
        return _badge_door(_("Cet appareil n’est pas enregistré."), 403)
    name, address, at = badges.counted_as(said), request.remote_addr or "", now()
    left = attempts.wait(db(), name, address, at=at).total_seconds()
    if left > 0:
        seconds = int(left) + 1
        told = ngettext("Trop d’essais. Attendez une seconde.", "Trop d’essais. Attendez %(num)s secondes.", seconds)
        return _badge_door(told, 429)
    person = badges.opened(db(), said, pictures, at=at)
    if person is None:
        attempts.failed(db(), name, address, at=at)
        db().commit()
        return _badge_door(_("Badge ou images : ce n’est pas cela."), 401)
    attempts.succeeded(db(), name, address)
    sessions.enter(db(), person, at=at, idle=devices.idle_here(), opened=sessions.Opened.BADGE)
    then = safe_next(request.args.get("next"))
    if not _asked_by_script():
        db().commit()
        return redirect(then)
    mark = unlocking.allow(db(), person, device, at=at)
    db().commit()
    lasts = int(unlocking.LASTS.total_seconds())
    return jsonify(
        {"next": then, "person": {"code": person.op_code, "name": person.name}, "mark": mark, "lasts": lasts}
    )


@blueprint.get("/badge/kept")
@permission("public")
def kept() -> Response:
    """What this device may still keep to open without a network; nothing on any other browser."""
    device = devices.device_here()
    answer = jsonify({"marks": unlocking.marks_of(db(), device, at=now()) if device else []})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/lock")
@permission("signed-in")
def lock() -> Response:
    """Nobody's hand was here for a while: sign out, and wait for a badge."""
    sessions.leave(db(), at=now())
    db().commit()
    cookie.clear()
    return redirect(url_for("sign_in.badge_door", next=safe_next(request.args.get("next"))))


@blueprint.get("/my-badge")
@permission("bench.work")
def my_badge() -> str:
    """Choose four pictures, print a badge."""
    return _my_badge()


@blueprint.post("/my-badge")
@permission("bench.work")
def make_my_badge() -> Response:
    """The badge as a PDF: its code is in this answer and nowhere else."""
    try:
        code = badges.make_badge(db(), me(), request.form.get("pictures", "")[:80].split(), at=now())
    except Invalid:
        return make_response(_my_badge(_("Quatre images, dont trois différentes.")), 422)
    held = next(me().current(now()))
    facts = BadgeFacts(name=me().name, place=held.organisation.name, op_code=me().op_code, code=code, at=now())
    pdf = badge_pdf(facts)
    db().commit()
    answer = make_response(pdf)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = 'inline; filename="badge.pdf"'
    return answer


@blueprint.post("/my-badge/end")
@permission("bench.work")
def end_my_badge() -> Response:
    """I lost it."""
    badges.end_badges(db(), me(), at=now())
    db().commit()
    flash(_("Ce badge n’ouvre plus rien."), "ok")
    return redirect(url_for("sign_in.my_badge"))


@blueprint.get("/devices")
@permission("bench.devices")
def device_list() -> str:
    """The devices of my workshops, and this one."""
    rooms = _workshops()
    return render_template(
        "sign_in/devices.html", rooms=rooms, rows=devices.devices_of(db(), rooms), here=devices.device_here()
    )


@blueprint.post("/devices")
@permission("bench.devices")
def register_device() -> Response:
    """Make this browser a device of a workshop."""
    wanted = request.form.get("workshop", "")
    workshop = next((room for room in _workshops() if str(room.id) == wanted), None)
    if workshop is None:
        abort(404)
    _device, token = devices.register(db(), workshop, request.form.get("name", ""), by=me(), at=now())
    db().commit()
    flash(_("Cet appareil est enregistré. Il se verrouille après cinq minutes."), "ok")
    answer = redirect(url_for("sign_in.device_list"))
    devices.mark(answer, token)
    return answer


@blueprint.post("/devices/<int:device_id>/end")
@permission("bench.devices")
def end_device(device_id: int) -> Response:
    """Badges open nothing there any more."""
    device = next((one for one in devices.devices_of(db(), _workshops()) if one.id == device_id), None)
    if device is None:
        abort(404)
    devices.end(db(), device, by=me(), at=now())
    db().commit()
    flash(_("Cet appareil n’ouvre plus avec un badge."), "ok")
    return redirect(url_for("sign_in.device_list"))


def _asked_by_script() -> bool:
    """Whether badge.js asks, which keeps what opens this device without a network."""
    return bool(request.accept_mimetypes.best == "application/json")


def _badge_door(refusal: str = "", status: int = 200) -> Response:
    if _asked_by_script():
        return make_response(jsonify({"refusal": refusal}), status)
    page = render_template(
        "sign_in/badge_door.html",
        device=devices.device_here(),
        refusal=refusal,
        next=request.args.get("next"),
    )
    answer = make_response(page, status)
    answer.headers["Content-Security-Policy"] = SIGNED_IN_POLICY  # the reader of codes is WebAssembly
    return answer


def _my_badge(refusal: str = "") -> str:
    return render_template("sign_in/my_badge.html", badge=badges.badge_of(db(), me()), refusal=refusal)


def _workshops() -> list[Organisation]:
    """The workshops whose devices I register."""
    held = [one.organisation for one in grounds(me(), "bench.devices", now())]
    query = select(Organisation).where(Organisation.kind == Kind.WORKSHOP).order_by(Organisation.name)
    return [one for one in db().scalars(query) if any(above.holds(one) for above in held)]
