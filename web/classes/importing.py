"""A school's file: what it would do is seen line by line, and nothing is written before somebody says so."""

from __future__ import annotations

import re
from collections import defaultdict
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from ordi.canonical import digest
from ordi.errors import Invalid
from ordi.papers import PARIS
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.sharing.class_lists import file_list
from ordi.sharing.class_preview import Fate, Foreseen, correct_pupil, foreseen
from ordi.sharing.class_reading import MOST_CHARACTERS, Read, decoded, read
from ordi.sharing.class_workbook import text_of_workbook
from ordi.sharing.filing import may_ask
from ordi.sharing.programmes import Programme, open_programmes
from ordi.sharing.rules import HolderKind
from web.asking import short
from web.classes import blueprint, words
from web.clock import now
from web.guards import me, permission
from web.keyring import sealer
from web.session import db
from web.sharing import words as sharing_words

SHOWN = 60
"""Lines of a preview shown under each fate; the others are counted."""
_WORKBOOK, _OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@blueprint.get("/import")
@permission("classes.write")
def choose_file() -> str:
    """Which file, for which programme."""
    return _asking()


@blueprint.post("/import")
@permission("classes.write")
def look_at_file() -> str | tuple[str, int]:
    """What a file would do; nothing is written."""
    sent = request.files.get("file")
    try:
        partner, programme = _chosen()
        text = text_of(sent.read(4 * MOST_CHARACTERS) if sent else b"")
        return _preview(text, read(text), partner, programme)
    except Invalid as refusal:
        return _asking(str(words.FILE.get(str(refusal.facts.get("why")), words.FILE["not-text"]))), 422


@blueprint.post("/import/take")
@permission("classes.write")
def take_file() -> str | tuple[str, int] | Response:
    """Write what the preview showed; when something changed since, show it again."""
    text = request.form.get("text", "")[:MOST_CHARACTERS]
    try:
        partner, programme = _chosen()
        found = read(text)
    except Invalid as refusal:
        return _asking(str(words.FILE.get(str(refusal.facts.get("why")), words.FILE["not-text"]))), 422
    steps = foreseen(db(), partner, programme, found.lines, sealer=sealer())
    vouched = request.form.get("attested") == "yes" or not programme.required
    if not vouched or _digest(steps) != request.form.get("seen"):
        return _preview(text, found, partner, programme, again=True), 409
    for step in steps:
        if step.fate == Fate.MOVED and step.pupil is not None:
            correct_pupil(db(), step.pupil, step.line.class_name, sealer=sealer(), by=me(), at=now())
    new = [step.line for step in steps if step.fate == Fate.NEW]
    moved = sum(step.fate == Fate.MOVED for step in steps)
    if not new:
        db().commit()
        flash(ngettext("Un enfant change de classe.", "%(num)s enfants changent de classe.", moved), "ok")
        return redirect(url_for("classes.index"))
    filed = file_list(
        db(),
        partner,
        programme,
        short("name"),
        new,
        attested=tuple(programme.required),
        form_uuid=_form_uuid(),
        by=me(),
        at=now(),
        sealer=sealer(),
    )
    db().commit()
    flash(ngettext("Un enfant est sur la liste.", "%(num)s enfants sont sur la liste.", filed.new), "ok")
    return redirect(url_for("classes.one", number=filed.the_list.id))


def text_of(sent: bytes) -> str:
    """A file as text, with every accent in its place. Raises `Invalid` with what to do instead."""
    if not sent.strip():
        raise Invalid(field="list", why="missing")
    if sent.startswith(_WORKBOOK):
        return text_of_workbook(sent)
    if sent.startswith(_OLD_WORKBOOK):
        raise Invalid(field="list", why="workbook")
    if sent.startswith((b"\xff\xfe", b"\xfe\xff")):  # « Texte Unicode » of older spreadsheets
        try:
            return sent.decode("utf-16")
        except UnicodeDecodeError:
            raise Invalid(field="list", why="not-text") from None
    text = decoded(sent)
    if any(ord(char) < 32 and char not in "\t\r\n" for char in text):
        raise Invalid(field="list", why="not-text")
    if "\ufffd" in text or re.search("Ã[\u0080-\u00bf\u2030\u0160\u0152\u017d]|\u00e2\u20ac", text):
        raise Invalid(field="list", why="accents")
    return text


def _preview(text: str, found: Read, partner: Organisation, programme: Programme, *, again: bool = False) -> str:
    if not found.lines:
        raise Invalid(field="list", why="no-line")
    steps = foreseen(db(), partner, programme, found.lines, sealer=sealer())
    by_fate: dict[Fate, list[Foreseen]] = defaultdict(list)
    for step in steps:
        by_fate[step.fate].append(step)
    return render_template(
        "classes/preview.html",
        wrong=found.wrong,
        by_fate=by_fate,
        total=len(steps) + len(found.wrong),
        new=len(by_fate[Fate.NEW]),
        moved=len(by_fate[Fate.MOVED]),
        facts=[sharing_words.fact(programme, code) for code in programme.required],
        text=text,
        name=short("name"),
        partner=partner,
        programme=programme,
        form_uuid=_form_uuid(),
        seen=_digest(steps),
        shown=SHOWN,
        again=again,
    )


def _asking(wrong: str = "") -> str:
    return render_template(
        "classes/import.html",
        wrong=wrong,
        name=short("name") if request.method == "POST" else "",
        offered=_offered(),
        chosen=request.form.get("programme", ""),
    )


def _chosen() -> tuple[Organisation, Programme]:
    asked = request.form.get("programme", "")
    found = next(((one, two) for one, two in _offered() if f"{one.id}-{two.id}" == asked), None)
    if found is None:
        raise Invalid(field="programme", why="programme")
    if not short("name"):
        raise Invalid(field="name", why="name")
    return found


def _offered() -> list[tuple[Organisation, Programme]]:
    """For which organisation, under which programme, this person may bring a list."""
    reach = [
        Organisation.path.startswith(held.organisation.path, autoescape=True)
        for held in grounds(me(), "classes.write", now())
    ]
    partners = db().scalars(
        select(Organisation).where(Organisation.kind == Kind.PARTNER, or_(*reach)).order_by(Organisation.name)
    )
    today = now().astimezone(PARIS).date()
    return [
        (partner, programme)
        for partner in partners
        for programme in open_programmes(db(), partner, today, HolderKind.HOUSEHOLD)
        if not programme.rules.needs_code and may_ask(db(), programme.rules, partner, me(), at=now())
    ]


def _form_uuid() -> str:
    said = request.form.get("form_uuid", "")
    return said if re.fullmatch(r"[0-9a-f-]{36}", said) else str(uuid4())


def _digest(steps: list[Foreseen]) -> str:
    return digest("".join(f"{step.line.number} {step.fate} {step.line.child}\n" for step in steps))
