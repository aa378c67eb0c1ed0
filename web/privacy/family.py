"""A family's rights over its file, from its request: read it, take it along, correct it, stop the check-ins, be forgotten."""

from __future__ import annotations

import json

from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.errors import Invalid, NotFound
from ordi.fleet import check_ins
from ordi.fleet.enrolment import current_enrolment
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.papers import PARIS
from ordi.parties.access import require
from ordi.parties.households import Contact, Household, HouseholdReading, Opening, correct, read_file
from ordi.privacy.ends import file_ends
from ordi.privacy.erasing import erase_for, kept_months
from ordi.privacy.export import Plain, everything
from ordi.privacy.silence import take_back
from ordi.sharing.allocation import current_for
from ordi.sharing.consents import CURRENT_TEXT, SPOKEN, give, last_of
from ordi.sharing.requests import Request, requests_seen_by, seen_request
from web.clock import now
from web.guards import me, permission
from web.keyring import sealer
from web.privacy import blueprint
from web.privacy.duties import remembering
from web.session import db, writes
from web.sharing import living_words, words
from web.sharing.words import machine_line

SHOWN = 20
LONGEST = {"name": 80, "phone": 24, "email": 120, "address": 260}


@blueprint.get("/sharing/requests/<code>/file")
@permission("households.read")
@writes
def file(code: str) -> str:
    """A family's file, who read it, until when it is kept, and what the family may ask."""
    found, household = _file(code, "households.read")
    contact = read_file(db(), household, sealer=sealer(), by=me(), at=now())
    db().commit()
    return _page(found, household, contact)


@blueprint.post("/sharing/requests/<code>/file")
@permission("requests.write")
def correct_file(code: str) -> str | tuple[str, int] | Response:
    """Correct what is known of the family."""
    found, household = _file(code, "requests.write")
    said = {name: request.form.get(name, "").strip() for name in LONGEST}
    language = request.form.get("language", "")
    contact = Contact(**said, language=language)
    wrong = [name for name, most in LONGEST.items() if len(said[name]) > most or not said[name].isprintable()]
    if language not in SPOKEN or wrong:
        raise Invalid(field=wrong[0] if wrong else "language", why="length" if wrong else "unknown")
    correct(db(), household, contact, sealer=sealer(), by=me(), at=now())
    db().commit()
    flash(_("C’est corrigé. L’ancienne réponse n’est gardée nulle part."), "ok")
    return redirect(url_for("privacy.file", code=found.code))


@blueprint.get("/sharing/requests/<code>/file/paper")
@permission("households.read")
@writes
def paper(code: str) -> str:
    """Everything kept of the family, to print and give to it."""
    found, household = _file(code, "households.read")
    return render_template(
        "privacy/paper.html",
        one=found,
        kept=_everything(household),
        words=words,
        living_words=living_words,
        today=now().astimezone(PARIS).date(),
    )


@blueprint.get("/sharing/requests/<code>/file.json")
@permission("households.read")
@writes
def as_json(code: str) -> Response:
    """The same for a program: one JSON document."""
    _found, household = _file(code, "households.read")
    answer = make_response(json.dumps(_everything(household), ensure_ascii=False, indent=1))
    answer.headers["Content-Type"] = "application/json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{household.code}.json"'
    return answer


@blueprint.post("/sharing/requests/<code>/file/check-ins")
@permission("requests.write")
def set_check_ins(code: str) -> Response:
    """Stop what the family's computer sends, or start it again, because the family says so."""
    found, _household = _file(code, "requests.write")
    require(me(), "requests.write", found.partner, at=now())
    machine = _machine(found)
    if machine is None:
        raise NotFound(request=found.code)
    if request.form.get("send") == "again":
        check_ins.resume(db(), machine, at=now())
        flash(_("L’envoi reprend, une fois par jour."), "ok")
    else:
        check_ins.stop(db(), machine, at=now())
        flash(_("L’envoi est arrêté. Rien d’autre ne change pour la famille."), "ok")
    db().commit()
    return redirect(url_for("privacy.file", code=found.code))


@blueprint.post("/sharing/requests/<code>/file/consent")
@permission("requests.write")
def set_consent(code: str) -> Response:
    """The family takes its consent back, or gives it again; in which language it was read is kept."""
    found, household = _file(code, "requests.write")
    language = request.form.get("language", "")
    if language not in SPOKEN:
        raise Invalid(field="language", why="unknown")
    if request.form.get("said") == "yes":
        give(db(), household, CURRENT_TEXT, language, by=me(), at=now())
        flash(_("L’accord est noté. Les demandes suivent leur cours, à leur place."), "ok")
    else:
        take_back(db(), household, language, by=me(), at=now())
        flash(_("L’accord est repris. Plus rien n’est envoyé, et les demandes gardent leur place."), "ok")
    db().commit()
    return redirect(url_for("privacy.file", code=found.code))


@blueprint.post("/sharing/requests/<code>/file/erase")
@permission("households.erase")
def erase(code: str) -> Response:
    """The family asks to be forgotten."""
    found, household = _file(code, "households.erase")
    at = now()
    erase_for(db(), household, by=me(), at=at, remember=remembering(current_app.extensions["ordi-settings"], at))
    db().commit()
    flash(_("Le dossier est effacé. Il ne reste que des comptes sans nom."), "ok")
    return redirect(url_for("sharing.one_request", code=found.code))


def _file(code: str, name: str) -> tuple[Request, Household]:
    """The request and its household, for who holds a permission over it."""
    found = seen_request(db(), me(), code, name, at=now())
    if found.household is None:
        abort(404)
    return found, found.household


def _page(found: Request, household: Household, contact: Contact) -> str:
    end = file_ends(db(), at=now(), only=household).get(household.id)
    machine = _machine(found)
    enrolment = current_enrolment(db(), machine) if machine else None
    read = select(HouseholdReading).where(HouseholdReading.household_id == household.id)
    return render_template(
        "privacy/file.html",
        one=found,
        household=household,
        contact=contact,
        words=words,
        spoken=SPOKEN,
        end=end,
        erased_on=end.erased_on(kept_months(db(), now())) if end else None,
        consent=last_of(db(), household.id),
        machine=machine,
        machine_line=machine_line,
        enrolment=enrolment,
        readings=list(
            db().scalars(
                read.options(joinedload(HouseholdReading.person)).order_by(HouseholdReading.id.desc()).limit(SHOWN)
            )
        ),
    )


def _everything(household: Household) -> Plain:
    """What is kept, of the requests this reader follows; handing it out is noted."""
    contact = read_file(db(), household, sealer=sealer(), by=me(), at=now(), what=Opening.EXPORTED)
    mine = requests_seen_by(me(), "households.read", at=now()).where(Request.household_id == household.id)
    told = everything(db(), household, contact, list(db().scalars(mine.order_by(Request.id))), sealer=sealer())
    db().commit()
    return told


def _machine(found: Request) -> Machine | None:
    """The computer this family has now."""
    held = current_for(db(), found)
    return held.machine if held and held.handed_over_at and held.machine.state == State.HANDED_OVER else None
