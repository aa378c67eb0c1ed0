"""Diagnosis on a phone: one function at a time, then the category the rule proposes and a person gives."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.bench import diagnosis as verbs
from ordi.bench.cleaning import clean as clean_it
from ordi.bench.place import at_bench
from ordi.errors import NotFound
from ordi.machines.checks import Check, Result, results
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Form, Grade
from web.asking import chosen, chosen_or_none
from web.bench import blueprint
from web.bench.here import at_hand, in_hand
from web.clock import now
from web.guards import me, permission
from web.session import db


@blueprint.get("/<tag>/diagnosis")
@permission("bench.work")
def diagnosis(tag: str) -> str:
    """The next function to try, or one to try again, or the category."""
    machine = at_hand(tag)
    at_bench(machine, Note.DIAGNOSED, me(), now())
    asked = verbs.questions(machine)
    again = request.args.get("check", "")
    question = Check(again) if again in asked else verbs.next_question(db(), machine)
    found = results(db(), machine)
    return render_template(
        "bench/diagnosis.html",
        machine=machine,
        question=question,
        answers=verbs.answers_to(question) if question else (),
        asked=asked,
        found=found,
        done=sum(1 for one in asked if one in found),
        proposal=verbs.propose(db(), machine),
        grades=list(Grade),
        unknown=machine.form == Form.UNKNOWN,
        worn_for_b=verbs.WORN_FOR_B,
    )


@blueprint.post("/<tag>/diagnosis/<check>")
@permission("bench.work")
def answer(tag: str, check: str) -> Response:
    """Note what was found, and go on to the next."""
    machine = at_hand(tag)
    if check not in set(Check):
        raise NotFound(check=check[:20])
    verbs.check(db(), machine, Check(check), chosen(Result, "result"), by=me(), at=now())
    db().commit()
    return redirect(url_for("bench.diagnosis", tag=machine.tag))


@blueprint.post("/<tag>/form")
@permission("bench.work")
def set_form(tag: str) -> Response:
    """Say what kind of computer it is."""
    machine = in_hand(tag)
    verbs.set_form(db(), machine, chosen(Form, "form"), by=me(), at=now())
    db().commit()
    return redirect(url_for("bench.diagnosis", tag=machine.tag))


@blueprint.post("/<tag>/grade")
@permission("bench.work")
def grade(tag: str) -> Response:
    """Give the category."""
    machine = in_hand(tag)
    given = chosen(Grade, "grade")
    verbs.grade(db(), machine, given, why=chosen_or_none(verbs.Why, "why"), by=me(), at=now())
    db().commit()
    flash(_("Catégorie %(grade)s.", grade=given), "ok")
    return redirect(url_for("bench.machine", tag=machine.tag))


@blueprint.post("/<tag>/clean")
@permission("bench.work")
def clean(tag: str) -> Response:
    """Note that it was cleaned."""
    machine = in_hand(tag)
    clean_it(db(), machine, by=me(), at=now())
    db().commit()
    flash(_("C’est nettoyé."), "ok")
    return redirect(url_for("bench.machine", tag=machine.tag))
