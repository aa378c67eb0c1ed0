"""Calls for projects as everybody reads them: the list, each one's page, its opening, its close, its jury."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.papers import PARIS
from ordi.parties.access import ACCESS, grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Membership, Person
from ordi.sharing import scoring
from ordi.sharing.applications import Application, Outcome, filed_for, of_partner, partners_of
from ordi.sharing.calls import (
    HEAVIEST,
    LONGEST_SCALE,
    Applicant,
    Call,
    Criterion,
    Juror,
    Opening,
    Phase,
    calls_seen_by,
    close_call,
    is_for,
    seen_call,
)
from ordi.sharing.calls import open_call as publish
from ordi.sharing.deliberating import minutes_of
from ordi.sharing.programmes import Programme, programmes_of
from ordi.sharing.rules import Contract, HolderKind
from ordi.sharing.scoring import jury_of, tallies
from web.asking import whole
from web.clock import now
from web.guards import i_may, me, permission
from web.messages import results
from web.session import db
from web.settings import Settings
from web.sharing import blueprint, call_words
from web.sharing.call_form import CallForm

PAGE = 20
SHOWN = 300
"""Applications on one page."""
ROWS = 5
"""Criteria that one form takes."""


@blueprint.get("/calls")
@permission("calls.see")
def calls() -> str:
    """The calls of my pole, newest first."""
    before = request.args.get("before", type=int)
    query = calls_seen_by(me(), at=now()).options(joinedload(Call.pole)).order_by(Call.id.desc()).limit(PAGE + 1)
    rows = list(db().scalars(query.where(Call.id < before) if before is not None else query))
    shown = rows[:PAGE]
    return render_template(
        "sharing/calls.html",
        shown=shown,
        phases={one.id: one.phase(now()) for one in shown},
        older=shown[-1].id if len(rows) > PAGE else None,
        say=call_words,
        now=now(),
    )


@blueprint.get("/calls/new")
@permission("calls.run")
def new_call() -> str:
    """Write a call."""
    return _writing(_form())


@blueprint.post("/calls/new")
@permission("calls.run")
def open_call() -> tuple[str, int] | Response:
    """Publish it."""
    form, criteria = _form(), _criteria()
    if not form.validate_on_submit() or not criteria:
        return _writing(form, no_criteria=not criteria), 422
    answers = form.data
    said = Opening(
        programme=next(one for one in _programmes() if one.id == answers["programme"]),
        title=answers["title"],
        words=answers["words"],
        opens=answers["opens"],
        closes=answers["closes"],
        applicants=tuple(Applicant(one) for one in answers["applicants"]),
        machines=answers["machines"],
        most_each=answers["most_each"],
        criteria=criteria,
        budget_cents=form.budget_cents,
        joint=answers["joint"],
    )
    made = publish(db(), _pole(), said, by=me(), at=now())
    db().commit()
    flash(_("L’appel %(code)s est publié.", code=made.code), "ok")
    return redirect(url_for("sharing.call", code=made.code))


@blueprint.get("/calls/<code>")
@permission("calls.see")
def call(code: str) -> str:
    """One call, as its reader needs it: to apply, to mark, or to run it."""
    found = seen_call(db(), me(), code, at=now())
    phase, runs = found.phase(now()), i_may("calls.run", found.pole)
    jury = jury_of(db(), found)
    judges = any(one.person_id == me().id for one in jury)
    shown = list(_applications(found)) if (runs or judges) and phase in (Phase.SCORING, Phase.DECIDED) else []
    told = tallies(db(), found, shown) if shown else {}
    return render_template(
        "sharing/call.html",
        one=found,
        phase=phase,
        phases=Phase,
        runs=runs,
        judges=judges,
        jury=jury,
        people=_people(found) if runs and phase != Phase.DECIDED else [],
        count=db().scalar(select(func.count()).select_from(filed_for(found).subquery())) if runs else 0,
        shown=sorted(shown, key=lambda one: (-(told[one.id].total or 0) if told[one.id].open_to(me()) else 0, one.id)),
        tallies=told,
        mine=_mine(found),
        minutes=minutes_of(db(), found) if runs else [],
        say=call_words,
        now=now(),
    )


@blueprint.post("/calls/<code>/close")
@permission("calls.run")
def shut_call(code: str) -> Response:
    """Close it before its last day."""
    found = seen_call(db(), me(), code, "calls.run", at=now())
    close_call(db(), found, by=me(), at=now())
    return _back(found, _("L’appel est fermé."))


@blueprint.post("/calls/<code>/jury")
@permission("calls.run")
def name_juror(code: str) -> Response:
    """Name somebody who judges."""
    found = seen_call(db(), me(), code, "calls.run", at=now())
    person = db().get(Person, whole("person", most=2**31 - 1))
    if person is None:
        abort(404)
    scoring.appoint_juror(db(), found, person, by=me(), at=now())
    return _back(found, _("%(name)s est dans le jury.", name=person.name))


@blueprint.post("/calls/<code>/jury/leave")
@permission("calls.run")
def drop_juror(code: str) -> Response:
    """Wait for somebody no more."""
    found = seen_call(db(), me(), code, "calls.run", at=now())
    scoring.dismiss_juror(db(), found, whole("person", most=2**31 - 1), by=me(), at=now())
    return _back(found, _("Cette personne n’est plus attendue."))


def _back(found: Call, told: str) -> Response:
    db().commit()
    flash(told, "ok")
    return redirect(url_for("sharing.call", code=found.code))


def _applications(found: Call) -> list[Application]:
    told = (joinedload(Application.partner), joinedload(Application.call))
    return list(db().scalars(filed_for(found).options(*told).order_by(Application.id).limit(SHOWN)))


def _mine(found: Call) -> list[tuple[Organisation, Application | None, bool, list[str]]]:
    """What my own organisations have to do with it, and what was answered to them."""
    settings: Settings = current_app.extensions["ordi-settings"]
    rows = []
    for partner in partners_of(me(), at=now()):
        if not found.pole.holds(partner):
            continue
        applied = of_partner(db(), found, partner)
        told: list[str] = []
        if applied is not None and applied.outcome:
            facts: dict[str, object] = {"because": applied.reason, "granted": applied.granted}
            told = results.lines(applied, facts, Outcome(applied.outcome), "fr", settings.phone)
        rows.append((partner, applied, is_for(db(), found, partner, at=now()), told))
    return rows


def _people(found: Call) -> list[Person]:
    """Who may be named: who judges in this pole, and is not in the jury yet."""
    judging = (
        select(Membership.person_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            Membership.role.in_(ACCESS["calls.judge"]),
            Organisation.path.startswith(found.pole.path, autoescape=True),
        )
    )
    named = select(Juror.person_id).where(Juror.call_id == found.id, Juror.left_at.is_(None))
    free = select(Person).where(Person.id.in_(judging), Person.id.not_in(named))
    people = db().scalars(free.order_by(Person.name, Person.id).limit(SHOWN))
    return [one for one in people if scoring.may_judge(found, one, at=now())]


def _pole() -> Organisation:
    poles = [held.organisation for held in grounds(me(), "calls.run", now()) if held.organisation.kind == Kind.POLE]
    if not poles:
        abort(404)
    return poles[0]


def _programmes() -> list[Programme]:
    """Those that give machines to organisations, open today."""
    today = now().astimezone(PARIS).date()
    return [
        one
        for one in programmes_of(db(), _pole())
        if one.open_on(today) and one.contract != Contract.NONE and set(one.rules.holders) - {HolderKind.HOUSEHOLD}
    ]


def _form() -> CallForm:
    form = CallForm()
    form.offer(_programmes())
    return form


def _criteria() -> list[Criterion]:
    """The rows that somebody wrote; one that is out of its bounds makes none of them."""
    found = []
    for row in range(ROWS):
        words = " ".join(request.form.get(f"words-{row}", "").split())[:160]
        if len(words) < 3:
            continue
        weight, scale = (request.form.get(f"{what}-{row}", 0, type=int) for what in ("weight", "scale"))
        if not 1 <= weight <= HEAVIEST or not 1 <= scale <= LONGEST_SCALE:
            return []
        found.append(Criterion(words, weight, scale))
    return found


def _writing(form: CallForm, *, no_criteria: bool = False) -> str:
    return render_template(
        "sharing/new_call.html",
        form=form,
        rows=range(ROWS),
        given=request.form,
        no_criteria=no_criteria,
        heaviest=HEAVIEST,
        longest=LONGEST_SCALE,
        say=call_words,
    )
