"""Programmes as a coordinator writes them: in force, drafts, examples; and what a draft would change for those who wait."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.errors import Invalid
from ordi.papers import PARIS
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.sharing import programmes as verbs
from ordi.sharing.effects import effects
from ordi.sharing.facts import KNOWN
from ordi.sharing.programmes import (
    Programme,
    RulesUnusable,
    Standing,
    programmes_of,
    rules_from,
    seen_programme,
    versions_of,
)
from ordi.sharing.quotas import QuotaBook, limited
from ordi.sharing.rules import Rules
from ordi.sharing.shipped import example, examples
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.sharing import blueprint, programme_words, words
from web.sharing.programme_form import ProgrammeForm, filled, said
from web.sharing.programme_groups import GROUPS, Shown, groups_of, groups_said

SHOWN = 60
LONGEST_CODE = 24


@blueprint.get("/programmes")
@permission("sharing.programmes")
def programmes() -> str:
    """What this pole works with, its drafts, and examples to begin from."""
    pole = my_pole()
    mine = programmes_of(db(), pole)
    book = QuotaBook(db(), pole, {one.code for one in mine}, now().astimezone(PARIS).date())
    known = {one.code for one in mine}
    return render_template(
        "sharing/programmes.html",
        pole=pole,
        in_force=[one for one in mine if one.standing == Standing.IN_FORCE],
        drafts=[one for one in mine if one.standing == Standing.DRAFT],
        examples=[one for one in examples() if one.code not in known],
        book=book,
        today=now().astimezone(PARIS).date(),
        say=programme_words,
    )


@blueprint.get("/programmes/<int:programme_id>")
@permission("sharing.programmes")
def one_programme(programme_id: int) -> str:
    """One version, rule by rule; for a draft, what it would change for those who wait."""
    pole = my_pole()
    found = seen_programme(db(), pole, programme_id)
    price = programme_words.price(found.rules)
    changed = effects(db(), pole, found, at=now()) if found.standing == Standing.DRAFT else []
    return render_template(
        "sharing/programme.html",
        one=found,
        changed=changed[:SHOWN],
        waiting=len(changed),
        moved=sum(one.then != one.place for one in changed),
        lacking=sum(bool(one.lacks) for one in changed),
        repriced=sum(programme_words.price(one.request.programme.rules) != price for one in changed),
        beyond=sum(bool(one.beyond) for one in changed),
        limited=limited(found.rules),
        not_theirs=sum(one.not_theirs for one in changed),
        outside=sum(one.outside for one in changed),
        versions=versions_of(db(), found.code, pole),
        say=programme_words,
    )


@blueprint.get("/programmes/write")
@permission("sharing.programmes")
def write_programme() -> str:
    """The form: empty, from an example, or from a version."""
    base, code = _base()
    form = ProgrammeForm(
        formdata=None,
        data=filled(base)
        if base
        else {"open_from": now().date(), "hold_days": 10, "expire_days": 30, "ask_again_days": 180},
    )
    return _form_page(form, base, code, groups_of(base), [])


@blueprint.post("/programmes/write")
@permission("sharing.programmes")
def save_programme() -> str | tuple[str, int] | Response:
    """Save the draft, then look at what it changes."""
    base, code = _base()
    form = ProgrammeForm()
    wrong: list[str] = []
    if form.validate_on_submit():
        try:
            rules = rules_from(said(form, code or _new_code(form), base))
            draft = verbs.draft(db(), my_pole(), rules, by=me(), at=now())
        except RulesUnusable as refusal:
            told = refusal.facts["fields"]
            wrong = [programme_words.wrong(one) for one in told] if isinstance(told, list) else []
        except Invalid as refusal:
            wrong = [programme_words.wrong(f"{refusal.facts['field']}:{refusal.facts.get('why', '')}")]
        else:
            db().commit()
            flash(_("Le brouillon est gardé. Regardez ce qu’il change avant de le mettre en vigueur."), "ok")
            return redirect(url_for("sharing.one_programme", programme_id=draft.id))
    return _form_page(form, base, code, groups_said(), wrong), 422


@blueprint.post("/programmes/<int:programme_id>/in-force")
@permission("sharing.programmes")
def put_in_force(programme_id: int) -> Response:
    """New requests are filed under this version from now on."""
    found = seen_programme(db(), my_pole(), programme_id)
    verbs.put_in_force(db(), found, by=me(), at=now())
    db().commit()
    flash(_("« %(name)s » est en vigueur. Les demandes déjà déposées gardent leur version.", name=found.name), "ok")
    return redirect(url_for("sharing.programmes"))


@blueprint.post("/programmes/<int:programme_id>/throw-away")
@permission("sharing.programmes")
def throw_away_programme(programme_id: int) -> Response:
    """Forget a draft."""
    found = seen_programme(db(), my_pole(), programme_id)
    verbs.throw_away(db(), found, by=me(), at=now())
    db().commit()
    flash(_("Le brouillon est jeté."), "ok")
    return redirect(url_for("sharing.programmes"))


def my_pole() -> Organisation:
    """The pole of the person signed in, or another of theirs that the address names."""
    poles = [
        held.organisation for held in grounds(me(), "sharing.programmes", now()) if held.organisation.kind == Kind.POLE
    ]
    asked = request.args.get("pole", type=int)
    pole = next((one for one in poles if asked in (None, one.id)), None)
    if pole is None:
        abort(404)
    return pole


def _base() -> tuple[Rules | None, str]:
    """What the form starts from, and its code: a version of ours, an example, or nothing."""
    number = request.args.get("version", type=int)
    if number is not None:
        found: Programme = seen_programme(db(), my_pole(), number)
        return found.rules, found.code
    rules = example(request.args.get("example", ""))
    return rules, rules.code if rules else ""


def _new_code(form: ProgrammeForm) -> str:
    """A code from the name, that no programme of this pole bears."""
    plain = "".join(one if one.isalnum() and one.isascii() else "-" for one in (form.name.data or "").lower())
    stem = "-".join(part for part in plain.split("-") if part)[: LONGEST_CODE - 4].strip("-") or "dispositif"
    codes = (stem if n == 1 else f"{stem}-{n}" for n in range(1, 100))
    return next(code for code in codes if not versions_of(db(), code, my_pole()))


def _form_page(form: ProgrammeForm, base: Rules | None, code: str, groups: Sequence[Shown], wrong: list[str]) -> str:
    sentences = base.sentences if base else {}
    points = base.points if base else {}
    facts = [(one, sentences.get(one) or words.criterion(one)) for one in (*KNOWN, *sentences)]
    typed = {one: request.form.get(f"points-{one}", str(points.get(one, "") or "")) for one, _told in facts}
    return render_template(
        "sharing/programme_form.html",
        form=form,
        code=code,
        groups=groups,
        facts=facts,
        points=typed,
        wrong=wrong,
        most=GROUPS,
        say=programme_words,
    )
