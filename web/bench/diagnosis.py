"""Diagnosis on a phone: one function at a time, then the category the rule proposes and a person gives."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.bench import diagnosis as verbs
from ordi.bench.cleaning import clean as clean_it
from ordi.bench.place import at_bench
from ordi.bench.trials import TRIED
from ordi.errors import NotFound
from ordi.machines.checks import LOCKS, Check, Result, answered
from ordi.machines.fittings import fitted
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Form, Grade
from web.asking import chosen, chosen_or_none
from web.bench import blueprint, clues
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
    found = answered(db(), machine)
    left = [one for one in asked if one not in found]
    question = Check(again) if again in asked else left[0] if left else None
    told = fitted(db(), machine)
    proposal = verbs.propose(db(), machine)
    return render_template(
        "bench/diagnosis.html",
        machine=machine,
        question=question,
        answers=verbs.answers_to(question) if question else (),
        clue=clues.CLUES.get(question, "") if question else "",
        seen=clues.seen(question, told) if question else "",
        on_itself=() if machine.form == Form.UNKNOWN else TRIED,
        asked=asked,
        found=found,
        left=left,
        done=len(asked) - len(left),
        proposal=proposal,
        grades=[one for one in Grade if proposal.allows(one)],
        locked=[one for one in asked if one in LOCKS and one in found and found[one].result == Result.FAILED],
        unknown=machine.form == Form.UNKNOWN,
        rule=verbs.RULE,
    )


@blueprint.post("/<tag>/diagnosis/<check>")
@permission("bench.work")
def answer(tag: str, check: str) -> Response:
    """Note what was found, and go on to the next; a lock leads to what to do about it."""
    machine = at_hand(tag)
    if check not in set(Check):
        raise NotFound(check=check[:20])
    result = chosen(Result, "result")
    verbs.check(db(), machine, Check(check), result, by=me(), at=now())
    db().commit()
    if check in LOCKS and result == Result.FAILED:
        return redirect(url_for("bench.locked", tag=machine.tag, check=check))
    return redirect(url_for("bench.diagnosis", tag=machine.tag))


@blueprint.get("/<tag>/locked/<check>")
@permission("bench.work")
def locked(tag: str, check: str) -> str:
    """What to do about a lock: a letter to the donor, ready to be sent."""
    machine = at_hand(tag)
    if check not in LOCKS:
        raise NotFound(check=check[:20])
    return render_template(
        "bench/locked.html", machine=machine, check=check, letter=clues.letter(machine, Check(check), me().name)
    )


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
    why, below = chosen_or_none(verbs.Why, "why"), chosen_or_none(verbs.Below, "below")
    verbs.grade(db(), machine, given, why=why, below=below, by=me(), at=now())
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
