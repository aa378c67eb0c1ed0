"""The certificate of attendance of one place of a group, as a sealed PDF."""

from __future__ import annotations

from flask import current_app
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.sharing.training import Group, Place
from web.clock import now
from web.guards import permission
from web.keyring import keyring
from web.papers.training_pdf import Attended, training_pdf
from web.settings import Settings
from web.sharing import blueprint
from web.sharing.training import group_seen


@blueprint.get("/training/<code>/certificates/<int:place_id>.pdf")
@permission("sharing.train")
def training_certificate(code: str, place_id: int) -> Response:
    """The certificate that was given to one place."""
    group = group_seen(code)
    place = next((one for one in group.members if one.id == place_id and one.certificate), None)
    if place is None:
        raise NotFound(place=place_id)
    pdf = training_pdf(attended(group, place), keyring().pdf_key(now()))
    response: Response = current_app.response_class(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{place.certificate}.pdf"'
    return response


def attended(group: Group, place: Place) -> Attended:
    """What the certificate of one place states."""
    settings: Settings = current_app.extensions["ordi-settings"]
    came = {one.session_id for one in place.attendances}
    rules = place.request.programme.rules
    training = group.programme.rules.training
    return Attended(
        number=place.certificate or "",
        organisation=group.partner.name,
        programme=group.programme.name,
        group=group.code,
        level=group.level,
        request=place.request.code,
        holder="" if place.request.household_id else place.request.partner.name,
        days=tuple(one.begins for one in group.sessions if one.id in came),
        planned=len(group.sessions),
        minutes=training.minutes if training else 0,
        at=place.certified_at or now(),
        unlocked_cents=rules.unlocked_price_cents,
        demonstration=settings.demonstration,
    )
