"""Reading an application, giving marks alone, deciding together, and the minutes."""

from __future__ import annotations

import json

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, or_, select
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.papers import PARIS
from ordi.parties.people import Person
from ordi.sharing import scoring
from ordi.sharing.applications import Application, Outcome, Standing, filed_for, seen_application
from ordi.sharing.calls import Call, Juror, Phase, seen_call
from ordi.sharing.deliberating import Verdict, granted_so_far, minutes_of, to_decide
from ordi.sharing.deliberating import deliberate as decide
from ordi.sharing.scoring import Conflict, Sheet, jury_of, tallies
from web.asking import chosen, whole
from web.clock import now
from web.guards import i_may, me, permission
from web.home.waiting import Task, waits
from web.keyring import keyring
from web.papers.minutes_pdf import Decision, Minutes, minutes_pdf
from web.session import db
from web.settings import Settings
from web.sharing import blueprint, call_words


@blueprint.get("/applications/<code>")
@permission("calls.judge")
def judged(code: str) -> str:
    """One application; to who judges it, the marks to give; the marks given, to who may read them."""
    found = seen_application(db(), me(), code, at=now())
    jury = jury_of(db(), found.call)
    tally = tallies(db(), found.call, [found])[found.id]
    mine = next((one for one in tally.sheets if one.person_id == me().id), None)
    judges = any(one.person_id == me().id for one in jury)
    return render_template(
        "sharing/judged.html",
        one=found,
        call=found.call,
        tally=tally,
        mine=mine,
        to_mark=judges and mine is None and found.call.phase(now()) == Phase.SCORING,
        open_to_me=tally.open_to(me()) and (mine is not None or i_may("calls.run", found.call.pole)),
        say=call_words,
    )


@blueprint.post("/applications/<code>")
@permission("calls.judge")
def give_marks(code: str) -> Response:
    """Give my marks, or say that I have a part in it."""
    found = seen_application(db(), me(), code, at=now())
    if request.form.get("go") == "declare":
        scoring.declare(db(), found, chosen(Conflict, "conflict"), by=me(), at=now())
        told = _("Votre lien est déclaré. Les autres notent ce projet sans vous.")
    else:
        marks = {one.id: whole(f"mark-{one.id}", most=one.scale) for one in found.call.criteria}
        scoring.give_marks(db(), found, marks, by=me(), at=now())
        told = _("Vos notes sont données.")
    db().commit()
    flash(told, "ok")
    return redirect(url_for("sharing.call", code=found.call.code))


@blueprint.get("/calls/<code>/deliberation")
@permission("calls.run")
def deliberation(code: str) -> str:
    """Every application that waits for a decision, the best marked first."""
    found = seen_call(db(), me(), code, "calls.run", at=now())
    waiting = to_decide(db(), found) if found.phase(now()) in (Phase.SCORING, Phase.DECIDED) else []
    told = tallies(db(), found, waiting)
    return render_template(
        "sharing/deliberation.html",
        call=found,
        shown=sorted(waiting, key=lambda one: (-(told[one.id].total or 0), one.id)),
        tallies=told,
        awaited=dict.fromkeys(one.name for tally in told.values() for one in tally.awaited),
        left=found.machines - granted_so_far(db(), found),
        jury=[one.person for one in jury_of(db(), found) if one.person_id != me().id],
        say=call_words,
    )


@blueprint.post("/calls/<code>/deliberation")
@permission("calls.run")
def deliberate(code: str) -> Response:
    """Decide, and give the minutes."""
    found = seen_call(db(), me(), code, "calls.run", at=now())
    verdicts = {one.code: _verdict(one) for one in to_decide(db(), found)}
    numbers = {int(one) for one in request.form.getlist("present") if one.isascii() and one.isdigit()}
    present = [one.person for one in jury_of(db(), found) if one.person_id in numbers]
    paper = decide(db(), found, verdicts, present, by=me(), at=now())
    db().commit()
    flash(_("C’est décidé : procès-verbal %(number)s. Chaque structure reçoit sa réponse.", number=paper.label), "ok")
    return redirect(url_for("sharing.call", code=found.code))


@blueprint.get("/calls/<code>/minutes/<label>.pdf")
@permission("calls.run")
def minutes(code: str, label: str) -> Response:
    """The minutes of one deliberation, as a sealed PDF to sign."""
    settings: Settings = current_app.extensions["ordi-settings"]
    found = seen_call(db(), me(), code, "calls.run", at=now())
    paper = next((one for one in minutes_of(db(), found) if one.label == label), None)
    if paper is None:
        raise NotFound(call=found.code)
    told = json.loads(paper.facts)
    names = {one.code: one.partner.name for one in db().scalars(filed_for(found))}
    people = db().scalars(select(Person).where(Person.op_code.in_(told["present"])).order_by(Person.id))
    stated = Minutes(
        number=paper.label,
        pole=found.pole.name,
        call=found.code,
        title=found.title,
        decisions=[
            Decision(
                one["application"],
                names.get(one["application"], ""),
                str(call_words.OUTCOMES[one["outcome"]]),
                one["granted"],
                one["tenths"],
                str(call_words.BECAUSE[one["because"]]) if one["because"] else "",
            )
            for one in told["decisions"]
        ],
        criteria=[(one.words, one.weight, one.scale) for one in found.criteria],
        present=[one.name for one in people],
        at=paper.issued_at,
        demonstration=settings.demonstration,
    )
    answer: Response = current_app.response_class(
        minutes_pdf(stated, keyring().pdf_key(now())), mimetype="application/pdf"
    )
    answer.headers["Content-Disposition"] = f'inline; filename="{paper.label}.pdf"'
    return answer


def _verdict(one: Application) -> Verdict:
    """What the form says of one application. What is accepted whole needs no number."""
    outcome = chosen(Outcome, f"outcome-{one.code}")
    if outcome == Outcome.ACCEPTED:
        return Verdict(outcome, one.machines)
    if outcome == Outcome.IN_PART:
        return Verdict(outcome, whole(f"granted-{one.code}", least=1, most=one.machines))
    return Verdict(outcome, 0, request.form.get(f"because-{one.code}", ""))


@waits("calls.judge")
def to_judge(person: Person) -> list[Task]:
    """Applications that wait for my marks."""
    given = select(Sheet.application_id).where(Sheet.person_id == person.id)
    judged_by = select(Juror.call_id).where(Juror.person_id == person.id, Juror.left_at.is_(None))
    today = now().astimezone(PARIS).date()
    found = db().execute(
        select(Call.code, func.count(Application.id))
        .join(Application, Application.call_id == Call.id)
        .where(
            Call.id.in_(judged_by),
            Call.decided_at.is_(None),
            or_(Call.closed_at.is_not(None), Call.closes < today),
            Application.standing == Standing.FILED,
            Application.id.not_in(given),
        )
        .group_by(Call.id, Call.code)
        .order_by(Call.id)
    )
    return [
        Task(
            "now",
            "scale",
            _("Appel à projets"),
            ngettext("%(num)s projet à noter", "%(num)s projets à noter", count),
            url_for("sharing.call", code=code),
        )
        for code, count in found
    ]
