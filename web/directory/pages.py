"""The directory's pages: look a place up, read it, bring a file in after seeing what it would do, take it out."""

from __future__ import annotations

from collections import defaultdict

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.canonical import digest
from ordi.errors import Invalid, NotFound
from ordi.parties.directory import Fate, ListedPlace, Step, every_place, nearest_words, places_like, plan, take
from ordi.parties.place_file import read_places, text_of, write_places
from web.clock import now
from web.directory import blueprint
from web.directory.words import FATES, FILE
from web.guards import me, permission
from web.session import db
from web.sheets import CSV, file_of

PAGE = 40
SHOWN = 60
"""Lines of a preview shown under each fate; the others are counted."""


@blueprint.get("")
@permission("directory.see")
def index() -> str:
    """Places by name, or those that fit the words."""
    words, instead = request.args.get("q", "").strip()[:80], ""
    found = _page(words)
    if words and not found and not request.args.get("after"):
        instead = nearest_words(db(), words)
        found = _page(instead) if instead else []
    return render_template(
        "directory/index.html",
        places=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else None,
        words_sought=words,
        instead=instead,
        count=db().scalar(select(func.count()).select_from(ListedPlace)),
    )


@blueprint.get("/<int:number>")
@permission("directory.see")
def one(number: int) -> str:
    """Everything the directory says of a place."""
    place = db().get(ListedPlace, number, options=[joinedload(ListedPlace.organisation)])
    if place is None:
        raise NotFound(place=number)
    return render_template("directory/one.html", place=place)


@blueprint.get("/file")
@permission("directory.see")
def export() -> Response:
    """The whole directory in the national format."""
    return file_of(write_places(every_place(db())), CSV, f"lieux-inclusion-numerique-{now():%Y-%m-%d}")


@blueprint.get("/import")
@permission("directory.write")
def choose_file() -> str:
    """Which file."""
    return render_template("directory/import.html", wrong="")


@blueprint.post("/import")
@permission("directory.write")
def look_at_file() -> str | tuple[str, int]:
    """What a file would do; nothing is written."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid(field="file", why="missing")
        text = _text(sent.read())
    except Invalid as refusal:
        wrong = FILE.get(str(refusal.facts.get("why")), FILE["not-text"])
        return render_template("directory/import.html", wrong=wrong), 422
    return _preview(text)


@blueprint.post("/import/take")
@permission("directory.write")
def take_file() -> str | tuple[str, int] | Response:
    """Write what the preview showed; when the directory changed since, show it again."""
    text = request.form.get("text", "")
    try:
        lines = read_places(text.encode())
    except Invalid as refusal:
        return render_template("directory/import.html", wrong=FILE[str(refusal.facts["why"])]), 422
    steps = take(db(), lines, by=me(), at=now())
    if _digest(steps) != request.form.get("seen"):
        db().rollback()
        return _preview(text, again=True), 409
    db().commit()
    count = sum(step.fate in (Fate.NEW, Fate.CHANGED) for step in steps)
    flash(ngettext("Un lieu est écrit dans l’annuaire.", "%(num)s lieux sont écrits dans l’annuaire.", count), "ok")
    return redirect(url_for("directory.index"))


def _page(words: str) -> list[ListedPlace]:
    query = places_like(words).order_by(ListedPlace.name, ListedPlace.id)
    after = request.args.get("after", type=int)
    last = db().get(ListedPlace, after) if after else None
    if last is not None:
        query = query.where(
            (ListedPlace.name > last.name) | ((ListedPlace.name == last.name) & (ListedPlace.id > last.id))
        )
    return list(db().scalars(query.limit(PAGE + 1)))


def _text(body: bytes) -> str:
    """The file as the form carries it from the preview to the writing. Raises `Invalid` when it is none of ours."""
    read_places(body)
    return text_of(body)


def _preview(text: str, *, again: bool = False) -> str:
    steps = plan(db(), read_places(text.encode()))
    by_fate: dict[Fate, list[Step]] = defaultdict(list)
    for step in steps:
        by_fate[step.fate].append(step)
    return render_template(
        "directory/preview.html",
        fates=[(fate, by_fate[fate]) for fate in FATES if by_fate[fate]],
        writes=len(by_fate[Fate.NEW]) + len(by_fate[Fate.CHANGED]),
        total=len(steps),
        text=text,
        seen=_digest(steps),
        shown=SHOWN,
        again=again,
    )


def _digest(steps: list[Step]) -> str:
    return digest("".join(f"{step.line.number} {step.fate} {dict(step.changes)}\n" for step in steps))
