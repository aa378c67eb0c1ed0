"""An organisation applies to a call: one page, saved as it goes, filed by who signs, changed until the close."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.errors import NotFound, SomeoneJustDidThis
from ordi.parties.organisations import Kind, Organisation
from ordi.sharing import applications as verbs
from ordi.sharing.applications import LONGEST_PROJECT, MOST_JOINT, Application, Standing, Writing, of_partner
from ordi.sharing.calls import Call, CallNotOpen, NotForYourKind, Phase, is_for, seen_call
from ordi.sharing.needs import COMFORTS, USES
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.sharing import blueprint, call_words


@blueprint.get("/calls/<code>/apply")
@permission("calls.apply")
def applying(code: str) -> str:
    """The application of my organisation."""
    call, partner = _asked(code)
    if call.phase(now()) != Phase.OPEN:
        raise CallNotOpen(call=call.code, phase=call.phase(now()))
    if not is_for(db(), call, partner, at=now()):
        raise NotForYourKind(call=call.code)
    written = of_partner(db(), call, partner)
    return render_template(
        "sharing/applying.html",
        call=call,
        partner=partner,
        one=written,
        filed=written is not None and written.standing == Standing.FILED,
        joint=[*((one.organisation_id, one.part) for one in written.joint), (0, "")][:MOST_JOINT]
        if written
        else [(0, "")],
        others=_others(call, partner),
        needs=(*USES, *COMFORTS),
        longest=LONGEST_PROJECT,
        me_name=me().name,
        now=now(),
        say=call_words,
    )


@blueprint.post("/calls/<code>/apply")
@permission("calls.apply")
def apply(code: str) -> Response:
    """Keep what is written; file it or take it away when that was asked. A script that saves is answered without a page."""
    call, partner = _asked(code)
    _fresh(of_partner(db(), call, partner))
    written = verbs.save(db(), call, partner, _writing(call, partner), by=me(), at=now())
    db().commit()  # what is written stays, even if it cannot be filed yet
    go = request.form.get("go", "")
    if go == "file":
        verbs.file(db(), written, by=me(), at=now())
        db().commit()
        flash(_("Candidature %(code)s déposée. Vous pouvez la changer jusqu’à la fermeture.", code=written.code), "ok")
        return redirect(url_for("sharing.call", code=call.code))
    if go == "withdraw":
        verbs.take_away(db(), written, by=me(), at=now())
        db().commit()
        flash(_("La candidature est retirée. Elle peut être déposée de nouveau jusqu’à la fermeture."), "ok")
        return redirect(url_for("sharing.call", code=call.code))
    if "Ordi-Draft" in request.headers:
        kept = Response(status=204, headers={"Ordi-Version": str(written.version)})
        del kept.headers["Content-Type"]
        return kept
    flash(
        _("C’est gardé. La candidature n’est pas encore déposée.")
        if written.standing == Standing.DRAFT
        else _("C’est gardé."),
        "ok",
    )
    return redirect(url_for("sharing.applying", code=call.code, partner=partner.id))


def _asked(code: str) -> tuple[Call, Organisation]:
    """The call, and the organisation I sign for: the one asked for, else my first."""
    call = seen_call(db(), me(), code, at=now())
    asked = request.args.get("partner", type=int)
    mine = [one for one in verbs.partners_of(me(), at=now()) if call.pole.holds(one)]
    partner = next((one for one in mine if asked in (None, one.id)), None)
    if partner is None:
        raise NotFound(call=call.code)
    return call, partner


def _fresh(written: Application | None) -> None:
    """Raise `SomeoneJustDidThis` when a colleague wrote since this page was made."""
    said = request.form.get("version", "")
    if said != str(written.version if written else ""):
        raise SomeoneJustDidThis(call=written.call.code if written else "")


def _writing(call: Call, partner: Organisation) -> Writing:
    known = {str(one.id): one for one in _others(call, partner)}
    joint = [
        (known[number], " ".join(request.form.get(f"part-{row}", "").split())[:160])
        for row in range(MOST_JOINT)
        if (number := request.form.get(f"joint-{row}", "")) in known
    ]
    return Writing(
        project=request.form.get("project", "").replace("\r\n", "\n")[:LONGEST_PROJECT],
        machines=request.form.get("machines", 0, type=int),
        form=request.form.get("form", ""),
        needs=tuple(request.form.getlist("needs")),
        joint=joint,
    )


def _others(call: Call, partner: Organisation) -> list[Organisation]:
    """Who can make the project with them: the partner organisations of the pole."""
    query = select(Organisation).where(
        Organisation.kind == Kind.PARTNER, Organisation.parent_id == call.pole_id, Organisation.id != partner.id
    )
    return list(db().scalars(query.order_by(Organisation.name)))
