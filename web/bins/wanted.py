"""What is short: who waits for which part, what lies ready for them, what to buy or ask for."""

from __future__ import annotations

import csv
import io

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.bench.shortages import PAGE, lying, proposals, set_minimum, waiting_in
from ordi.bench.shortages import wanted as what_is_wanted
from web.asking import whole
from web.bench.rooms import my_workshop, my_workshops
from web.bins import blueprint
from web.bins.here import kind_at
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.wording import parts


@blueprint.get("/bins/wanted")
@permission("parts.see")
def wanted() -> str:
    """The machines that wait, longest first, and the list to buy from."""
    workshop = my_workshop("parts.see")
    waits = waiting_in(db(), workshop, after=request.args.get("after", default=0, type=int), limit=PAGE + 1)
    shown = waits[:PAGE]
    return render_template(
        "bins/wanted.html",
        workshop=workshop,
        rooms=my_workshops("parts.see"),
        waits=shown,
        more=len(waits) > PAGE,
        ready=proposals(shown, lying(db(), [workshop])),
        wanted=what_is_wanted(db(), workshop),
        now=now(),
    )


@blueprint.get("/bins/wanted.csv")
@permission("parts.see")
def wanted_csv() -> Response:
    """The same list for a spreadsheet or a letter: what is missing, how many, who could lend some."""
    workshop = my_workshop("parts.see")
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";")
    rows.writerow(
        [_("Pièce"), _("À trouver"), _("Attendues"), _("Au moins"), _("En stock"), _("Ailleurs dans le pôle")]
    )
    for one in what_is_wanted(db(), workshop):
        elsewhere = ", ".join(f"{room.name} ({count})" for room, count in one.elsewhere)
        name = parts.called(one.kind.named)
        rows.writerow([_inert(name), one.missing, one.waiting, one.least, one.stocked, _inert(elsewhere)])
    answer = make_response("\ufeff" + out.getvalue())
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = "attachment; filename=pieces-a-trouver.csv"
    return answer


@blueprint.post("/bins/least/<int:kind_id>")
@permission("parts.plan")
def least(kind_id: int) -> Response:
    """The least to keep of a kind."""
    workshop, kind = my_workshop("parts.plan"), kind_at(kind_id)
    set_minimum(db(), workshop, kind, whole("least", most=500), by=me(), at=now())
    db().commit()
    flash(_("C’est noté : %(part)s.", part=parts.called(kind.named)), "ok")
    return redirect(url_for("bins.wanted", workshop=workshop.id))


def _inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
