"""The public log for those who audit: how long it is, its heads, what was sealed today, and who keeps its heads."""

from __future__ import annotations

from datetime import datetime, time

from flask import Response, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from ordi.errors import Invalid, NotFound
from ordi.log import heads, readers
from ordi.log.heads import LogHead
from ordi.log.leaves import Ticket
from ordi.log.readers import PARIS
from ordi.messages import outbox
from ordi.messages.outbox import Message, Posting
from web.clock import now
from web.guards import i_may, me, permission
from web.log import blueprint
from web.log.letter import code_letter
from web.session import db

PAGE = 30


class ReaderForm(FlaskForm):  # type: ignore[misc]
    """Somebody who asked for heads."""

    name = StringField(_l("Qui"), validators=[InputRequired(_l("À remplir.")), Length(max=80)])
    address = StringField(
        _l("Adresse électronique"),
        validators=[InputRequired(_l("À remplir.")), Length(max=254)],
        render_kw={"type": "email", "autocomplete": "off"},
    )


@blueprint.get("/log")
@permission("network.log")
def index() -> str:
    """The log and its heads."""
    return _page(ReaderForm(formdata=None))


@blueprint.get("/log/heads/<int:number>.jws")
@permission("network.log")
def head_file(number: int) -> Response:
    """A signed head, to keep."""
    head = db().get(LogHead, number) or abort(404)
    answer = make_response(f"{head.jws}\n")
    answer.headers["Content-Type"] = "application/jose"
    answer.headers["Content-Disposition"] = f'attachment; filename="ordi-journal-{head.size}.jws"'
    return answer


@blueprint.post("/log/readers")
@permission("network.heads")
def add_reader() -> tuple[str, int] | AnyResponse:
    """Give heads to somebody from now on."""
    form = ReaderForm()
    if form.validate_on_submit():
        try:
            reader, code = readers.add_reader(db(), str(form.name.data), str(form.address.data), by=me(), at=now())
            subject, body = code_letter(code, current_app.extensions["ordi-settings"], at=now())
            outbox.put(db(), readers.CONFIRMING, reader.address, subject, body, at=now())
        except Invalid as refusal:
            field = form.name if refusal.facts.get("field") == "name" else form.address
            field.errors = [_WHY.get(str(refusal.facts.get("why")), _l("À corriger."))]
        else:
            db().commit()
            flash(_("Inscrit : un message lui demande de confirmer."), "wait")
            return redirect(url_for("log.index"))
    db().rollback()
    return _page(form), 422


@blueprint.get("/heads")
@permission("public")
def confirming() -> str:
    """Where whoever was listed says yes: the link of the message brings the code along, and acts on nothing."""
    return render_template("log/confirm.html", code=request.args.get("code", "")[:40], refusal="", done=False)


@blueprint.post("/heads")
@permission("public")
def confirm() -> tuple[str, int]:
    """Heads may leave for the address that this code was sent to."""
    code = request.form.get("code", "")[:40]
    try:
        readers.confirm(db(), code, at=now())
    except NotFound:
        why = _("Ce code n’est pas, ou plus, le bon. Demandez à être inscrit de nouveau.")
        return render_template("log/confirm.html", code=code, refusal=why, done=False), 422
    db().commit()
    return render_template("log/confirm.html", code="", refusal="", done=True), 200


@blueprint.post("/log/readers/<int:number>/remove")
@permission("network.heads")
def remove_reader(number: int) -> AnyResponse:
    """Give them no more, and forget the address."""
    readers.remove_reader(db(), number)
    db().commit()
    flash(_("Retiré, et l’adresse est effacée."), "ok")
    return redirect(url_for("log.index"))


@blueprint.post("/log/messages/<int:number>/again")
@permission("network.heads")
def send_again(number: int) -> AnyResponse:
    """Send what failed, or was perhaps sent, once more."""
    ours = select(Message.id).where(Message.id == number, Message.kind == readers.KIND)  # never a family's
    if db().scalar(ours) is None:
        raise NotFound()
    outbox.send_again(db(), number, at=now())
    db().commit()
    flash(_("Le message repartira dans un instant."), "ok")
    return redirect(url_for("log.index"))


_WHY = {
    "already-there": _l("Cette adresse reçoit déjà les empreintes."),
    "too-many": _l("Il y a déjà beaucoup d’adresses : retirez-en une."),
    "address": _l("Ce n’est pas une adresse électronique."),
    "length": _l("80 caractères au plus."),
}


_POSTING = {
    Posting.WAITING: ("wait", "hourglass", _l("À envoyer")),
    Posting.SENDING: ("wait", "hourglass", _l("En train de partir")),
    Posting.SENT: ("ok", "check", _l("Envoyé")),
    Posting.PERHAPS_SENT: ("warn", "alert", _l("Peut-être parti")),
    Posting.FAILED: ("stop", "cross", _l("Pas parti")),
}


def _page(form: ReaderForm) -> str:
    at = now()
    before = request.args.get("before", type=int)
    query = select(LogHead).order_by(LogHead.id.desc()).limit(PAGE + 1)
    rows = list(db().scalars(query.where(LogHead.id < before) if before is not None else query))
    keeps = i_may("network.heads")
    return render_template(
        "log/index.html",
        newest=heads.newest(db()),
        heads=rows[:PAGE],
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        today=_sealed_on(at),
        waiting=db().scalar(select(func.count()).select_from(Ticket)),
        readers=readers.readers(db()) if keeps else [],
        messages=_messages() if keeps else [],
        form=form if keeps else None,
        POSTING=_POSTING,
        STUCK=(Posting.FAILED, Posting.PERHAPS_SENT),
    )


def _sealed_on(at: datetime) -> int:
    """How many entries the log has gained since the day began."""
    begun = datetime.combine(at.astimezone(PARIS).date(), time.min, PARIS)
    sizes = select(func.max(LogHead.size))
    last, before = db().scalar(sizes), db().scalar(sizes.where(LogHead.issued_at < begun))
    return (last or 0) - (before or 0)


def _messages() -> list[Message]:
    query = select(Message).where(Message.kind.in_((readers.KIND, readers.CONFIRMING)))
    return list(db().scalars(query.order_by(Message.id.desc()).limit(PAGE)))
