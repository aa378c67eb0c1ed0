"""Training groups: who comes, how far they are, each session's attendance, the certificate, the sheet to print."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response

from ordi.errors import Invalid, NotFound
from ordi.papers import PARIS
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Person
from ordi.sharing import seats
from ordi.sharing import training as verbs
from ordi.sharing.attending import session_today
from ordi.sharing.inviting import letters_of
from ordi.sharing.levels import levels_of
from ordi.sharing.programmes import Programme, open_programmes
from ordi.sharing.refreshers import refreshers
from ordi.sharing.requests import Request, RequestState, requests_seen_by, seen_request
from ordi.sharing.training import Group, Place, Step, TrainingSession
from web.asking import whole
from web.clock import now
from web.guards import me, permission
from web.home.waiting import Task, waits
from web.messages import words as message_words
from web.session import db
from web.sharing import blueprint, learning_words, programme_words
from web.wording.words import Words

STEPS: Words = {
    Step.WAITING: _l("En liste d’attente"),
    Step.LISTED: _l("Sur la pré-liste"),
    Step.WRITTEN_TO: _l("Lettre envoyée"),
    Step.INFORMED: _l("Venue à la réunion"),
    Step.COMMITTED: _l("Engagée"),
    Step.CERTIFIED: _l("Certificat donné"),
    Step.LEFT: _l("Partie"),
}
STEP_LOOKS = {
    Step.WAITING: ("wait", "hourglass"),
    Step.LISTED: ("todo", "list"),
    Step.WRITTEN_TO: ("wait", "mail"),
    Step.INFORMED: ("wait", "speaker"),
    Step.COMMITTED: ("now", "sign"),
    Step.CERTIFIED: ("ok", "certificate"),
    Step.LEFT: ("end", "logout"),
}
NEXT = dict(zip(verbs.WAY, verbs.WAY[1:], strict=False))
SHOWN = 60


@waits("sharing.train")
def sessions_to_note(person: Person) -> list[Task]:
    """Sessions that were held and nobody said who came: the way in for those who only train."""
    query = (
        select(func.count())
        .select_from(TrainingSession)
        .join(Group, Group.id == TrainingSession.group_id)
        .join(Organisation, Organisation.id == Group.partner_id)
        .where(_reach(person), TrainingSession.begins <= now(), TrainingSession.held_at.is_(None))
    )
    count = db().scalar(query) or 0
    if not count and (grounds(person, "requests.see", now()) or db().scalar(select(Group.id).limit(1)) is None):
        return []  # the others find the groups from the requests
    text = ngettext("une séance", "%(num)s séances", count) if count else _("Voir les groupes")
    title, tone = (_("Noter les présences"), "now") if count else (_("Ateliers"), "todo")
    return [Task(tone, "training", title, text, url_for("sharing.training"))]


@blueprint.get("/training")
@permission("sharing.train")
def training() -> str:
    """The groups of my structures, and a new one."""
    ids = [one.id for one in _partners()]
    query = select(Group).where(Group.partner_id.in_(ids)).order_by(Group.id.desc()).limit(SHOWN)
    told = (
        joinedload(Group.programme),
        joinedload(Group.partner),
        selectinload(Group.sessions),
        selectinload(Group.members),
    )
    return render_template(
        "sharing/training.html",
        groups=list(db().scalars(query.options(*told)).unique()),
        choices=[(partner, one) for partner in _partners() for one in _trainings(partner)],
        again=refreshers(db(), ids, now().astimezone(PARIS).date())[:SHOWN],
        say=programme_words,
        now=now(),
    )


@blueprint.post("/training")
@permission("sharing.train")
def open_group() -> Response:
    """A new group, with the days of its sessions."""
    partner_id, _sep, programme_id = request.form.get("programme", "").partition(":")
    partner = next((one for one in _partners() if str(one.id) == partner_id), None)
    programme = next((one for one in _trainings(partner) if str(one.id) == programme_id), None) if partner else None
    if partner is None or programme is None:
        raise NotFound(programme=programme_id[:12])
    days = [_moment(line) for line in request.form.get("days", "")[:4000].splitlines() if line.strip()]
    group = verbs.open_group(
        db(),
        partner,
        programme,
        days,
        by=me(),
        at=now(),
        level=request.form.get("level", ""),
        places=whole("places", least=1, most=verbs.LARGEST_GROUP),
    )
    db().commit()
    flash(_("Le groupe %(code)s est ouvert.", code=group.code), "ok")
    return redirect(url_for("sharing.group", code=group.code))


@blueprint.get("/training/<code>")
@permission("sharing.train")
def group(code: str) -> str:
    """One group."""
    found = group_seen(code)
    held = {place.request_id for place in found.members}
    waiting = list(
        db().scalars(
            requests_seen_by(me(), "sharing.train", at=now())
            .join(Programme, Programme.id == Request.programme_id)
            .where(
                Programme.code == found.programme.code,
                Request.state.in_((RequestState.WAITING, RequestState.ALLOCATED, RequestState.HANDED_OVER)),
                Request.id.not_in(held),
            )
            .order_by(Request.filed_at)
            .limit(SHOWN)
        )
    )
    today = now().astimezone(PARIS).date()
    due = [one.place.request for one in refreshers(db(), [found.partner_id], today, found.programme.code)]
    waiting += [one for one in due if one.id not in held and one not in waiting]
    levels = levels_of(db(), [*held, *(one.id for one in waiting)])
    if found.level:  # those of its level first, then those nobody asked yet
        ranks = {found.level: 0, "": 1}
        waiting.sort(key=lambda one: ranks.get(levels.get(one.id, ""), 2))
    return render_template(
        "sharing/group.html",
        one=found,
        rules=found.programme.rules.training,
        came={(here.session_id, place.id) for place in found.members for here in place.attendances},
        waiting=waiting,
        levels=levels,
        steps=STEPS,
        looks=STEP_LOOKS,
        following=NEXT,
        letters=letters_of(db(), found.members),
        letter_look=message_words.look,
        letter_kinds=message_words.TELLINGS,
        way=_way(found),
        meeting_today=session_today(found, now()),
        ahead=[one for one in found.sessions if one.begins > now()],
        today=now().astimezone(PARIS).date(),
        say=learning_words,
        now=now(),
    )


def _way(found: Group) -> list[tuple[Step, int]]:
    """How many people are at each step from the pre-list to the certificate, in this group."""
    there = [Step(place.step) for place in found.seated]
    training = found.programme.rules.training
    steps = verbs.WAY if training and training.commitment else (Step.COMMITTED,)
    steps = (*steps, Step.CERTIFIED) if training and training.certificate else steps
    return [(step, there.count(step)) for step in steps]


@blueprint.get("/training/<code>/sheet")
@permission("sharing.train")
def group_sheet(code: str) -> str:
    """The feuille d'émargement, to print: codes, never names; people sign beside theirs."""
    return render_template("sharing/group_sheet.html", one=group_seen(code))


@blueprint.post("/training/<code>/enlist")
@permission("sharing.train")
def enlist(code: str) -> Response:
    """One more request in the group."""
    found = group_seen(code)
    one = seen_request(db(), me(), request.form.get("request", ""), "sharing.train", at=now())
    place = seats.enlist(db(), found, one, by=me(), at=now())
    if place.step == Step.WAITING:
        return _done(found, _("Le groupe est plein : la demande %(code)s est sur la liste d’attente.", code=one.code))
    return _done(found, _("La demande %(code)s est dans le groupe.", code=one.code))


@blueprint.post("/training/<code>/advance")
@permission("sharing.train")
def advance(code: str) -> Response:
    """The next step of one person."""
    found = group_seen(code)
    verbs.advance(db(), _place(found), request.form.get("step", ""), by=me(), at=now())
    return _done(found, _("L’étape est notée."))


@blueprint.post("/training/<code>/attendance")
@permission("sharing.train")
def attendance(code: str) -> Response:
    """Who came to a session."""
    found = group_seen(code)
    asked = request.form.get("session", 0, type=int)
    meeting: TrainingSession | None = next((one for one in found.sessions if one.id == asked), None)
    if meeting is None:
        raise NotFound(session=asked)
    came = [int(one) for one in request.form.getlist("came") if one.isascii() and one.isdigit() and len(one) < 10]
    verbs.note_attendance(db(), meeting, came, by=me(), at=now())
    return _done(found, _("Les présences sont notées."))


@blueprint.post("/training/<code>/certify")
@permission("sharing.train")
def certify(code: str) -> Response:
    """The certificate of one person."""
    found = group_seen(code)
    number = verbs.certify(db(), _place(found), by=me(), at=now())
    return _done(found, _("Le certificat %(n)s est donné.", n=number))


def group_seen(code: str) -> Group:
    """A group of my structures, with its sessions and places. Raises `NotFound` alike for none and not mine."""
    ids = [one.id for one in _partners()]
    told = (
        selectinload(Group.sessions),
        selectinload(Group.members).options(
            joinedload(Place.request).joinedload(Request.household), selectinload(Place.attendances)
        ),
    )
    query = select(Group).where(Group.code == code.upper(), Group.partner_id.in_(ids)).options(*told)
    found = db().scalar(query)
    if found is None:
        raise NotFound(group=code[:16])
    return found


def _place(found: Group) -> Place:
    asked = request.form.get("place", 0, type=int)
    place = next((one for one in found.members if one.id == asked), None)
    if place is None:
        raise NotFound(place=asked)
    return place


def _partners() -> list[Organisation]:
    query = select(Organisation).where(Organisation.kind == Kind.PARTNER, _reach(me())).order_by(Organisation.name)
    return list(db().scalars(query))


def _reach(person: Person) -> ColumnElement[bool]:
    """The organisations in which somebody trains."""
    held = grounds(person, "sharing.train", now())
    return or_(*(Organisation.path.startswith(one.organisation.path, autoescape=True) for one in held))


def _trainings(partner: Organisation) -> list[Programme]:
    today = now().astimezone(PARIS).date()
    return [one for one in open_programmes(db(), partner, today) if one.rules.training is not None]


def _moment(line: str) -> datetime:
    """A day and an hour as typed: `2026-12-01 14:00`. Raises `Invalid`."""
    try:
        return datetime.strptime(line.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=PARIS)
    except ValueError:
        raise Invalid(field="days", why="not-a-day") from None


def _done(found: Group, text: str) -> Response:
    db().commit()
    flash(text, "ok")
    return redirect(url_for("sharing.group", code=found.code))
