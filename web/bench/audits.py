"""Audits and quarantines: which wipes were drawn, who reads them again, and what a difference keeps here."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ordi.bench import audit_parts
from ordi.bench import audits as verbs
from ordi.bench import quarantines as held
from ordi.bench.certificates import is_belied, issue
from ordi.bench.draws import published
from ordi.bench.sessions import SessionOver
from ordi.errors import NotFound
from ordi.machines.drive import Drive, Sanitisation, open_sightings
from ordi.machines.machine import Machine, seen
from ordi.machines.quarantine import Quarantine
from ordi.parties.people import Person
from web.bench import blueprint
from web.bench.here import adopted_bench
from web.clock import now
from web.guards import me, permission
from web.home.waiting import Task, waits
from web.keyring import keyring
from web.session import apart, db
from web.settings import Settings
from web.wording import reasons, refusals
from web.wording.refusals import Telling
from web.worker import duty

FOUND_BY = {
    "counter_check": _l("Le second contrôle"),
    "audit": _l("L’audit"),
    "claim": _l("L’audit déclaré"),
    "counters": _l("Un relevé"),
}


@blueprint.get("/audits")
@permission("bench.quarantine")
def audits() -> str:
    """What was drawn and waits, what was found, what is held, and the seeds anyone can draw from again."""
    mine = held.quarantines_seen_by(me(), at=now()).order_by(Quarantine.lifted_at.is_not(None), Quarantine.id.desc())
    return render_template(
        "bench/audits.html",
        due=verbs.audits_due(db(), me(), at=now()),
        made=verbs.audits_made(db(), me(), at=now()),
        quarantines=list(db().scalars(mine.limit(20))),
        seeds=published(db(), at=now()),
        found_by=FOUND_BY,
    )


@blueprint.get("/audits/<int:drive_id>")
@permission("bench.audit")
def audit(drive_id: int) -> str:
    """How to read a drawn drive again: with our key, or with a tool that is not ours."""
    machine, drive = _drive(drive_id, "bench.audit")
    line = verbs.key_for_tool(db(), drive, by=me(), at=now())
    return render_template("bench/audit.html", machine=machine, drive=drive, line=line, bench=adopted_bench(machine))


@blueprint.post("/audits/<int:drive_id>/read")
@permission("bench.audit")
def read_again(drive_id: int) -> Response:
    """Have the adopted session read all of it."""
    machine, drive = _drive(drive_id, "bench.audit")
    bench = adopted_bench(machine)
    if bench is None or bench.adopter_id != me().id:
        raise SessionOver()
    audit_parts.order_audit(db(), bench, drive, by=me(), at=now())
    db().commit()
    return redirect(url_for("wiping.plan", tag=machine.tag))


@blueprint.post("/audits/<int:drive_id>/claim")
@permission("bench.audit")
def claim_audit(drive_id: int) -> Response:
    """Keep what another tool answered, as a claim."""
    _machine, drive = _drive(drive_id, "bench.audit")
    matched = request.form.get("matched") == "yes"
    verbs.claim(db(), drive, matched, request.form.get("said", ""), by=me(), at=now())
    db().commit()
    if matched:
        flash(_("C’est noté, comme déclaré."), "ok")
    else:
        flash(_("C’est noté. Le disque ne sort pas, et son lot est en quarantaine."), "stop")
    return redirect(url_for("bench.audits"))


@blueprint.post("/audits/<int:drive_id>/waive")
@permission("bench.waive")
def waive_audit(drive_id: int) -> Response:
    """Give an audit up, with a reason that stays."""
    _machine, drive = _drive(drive_id, "bench.waive")
    verbs.waive(db(), drive, request.form.get("reason", ""), by=me(), at=now())
    db().commit()
    flash(_("L’audit est abandonné, et la raison est gardée."), "warn")
    return redirect(url_for("bench.audits"))


@blueprint.get("/quarantines/<int:number>")
@permission("bench.quarantine")
def quarantine(number: int) -> str:
    """What one quarantine holds, and what is left to look at."""
    found = _quarantine(number)
    names = (found.technician, found.lifted_by)
    return render_template(
        "bench/quarantine.html",
        quarantine=found,
        machines=held.held_by(db(), found),
        left=held.doubtful(db(), found),
        found_by=FOUND_BY,
        names={person.id: person.name for person in names if isinstance(person, Person)},
    )


@blueprint.post("/quarantines/<int:number>/lift")
@permission("bench.lift")
def lift_quarantine(number: int) -> Response:
    """Let what it holds go on."""
    found = _quarantine(number)
    held.lift(db(), found, request.form.get("reason", ""), by=me(), at=now())
    db().commit()
    flash(_("La quarantaine est levée."), "ok")
    return redirect(url_for("bench.quarantine", number=found.id))


@waits("bench.audit")
def audits_waiting(person: Person) -> list[Task]:
    """Drawn drives that a third person must read."""
    count = len(verbs.audits_due(db(), person, at=now()))
    text = ngettext("un disque tiré au sort", "%(num)s disques tirés au sort", count)
    return [Task("warn", "draw", _("À auditer"), text, url_for("bench.audits"))] if count else []


@waits("bench.quarantine")
def held_machines(person: Person) -> list[Task]:
    """Quarantines that nobody has lifted."""
    mine = held.quarantines_seen_by(person, at=now()).where(Quarantine.lifted_at.is_(None))
    count = db().scalar(select(func.count()).select_from(mine.subquery())) or 0
    text = ngettext("une quarantaine ouverte", "%(num)s quarantaines ouvertes", count)
    return [Task("stop", "lock", _("Quarantaine"), text, url_for("bench.audits"))] if count else []


@duty("audits")
def _judge_audits(_session: Session, _settings: Settings, at: datetime) -> int:
    """The sums of a large drive take minutes: no transaction is open meanwhile, so nobody waits for them."""
    with apart() as session:
        waiting = audit_parts.sums_waiting(session)
    for number in waiting:
        with apart() as session:
            sums = audit_parts.sums_of(session, number)
        differing = sums.differing()
        with apart() as session:
            made = audit_parts.judge_part(session, sums, differing, at=at)
            if made is not None and made.matched and not is_belied(session, made.sanitisation):
                issue(session, made.sanitisation, keyring().signing("certificate", at), at=at, publish_key=True)
    return len(waiting)


def _drive(drive_id: int, name: str) -> tuple[Machine, Drive]:
    """A drive and the machine that holds it, if this person may see that one. Raises `NotFound`."""
    tag = db().scalar(
        select(Machine.tag)
        .join(Sanitisation, Sanitisation.machine_id == Machine.id)
        .where(Sanitisation.drive_id == drive_id)
        .order_by(Sanitisation.id.desc())
        .limit(1)
    )
    if tag is None:
        raise NotFound(drive=drive_id)
    try:
        machine = seen(db(), me(), tag, name, at=now())
    except NotFound:
        raise NotFound(drive=drive_id) from None  # a drive's number is guessed: the tag it is under is not told
    inside = {one.drive_id: one.drive for one in open_sightings(db(), machine)}
    if drive_id not in inside:
        raise NotFound(drive=drive_id)
    return machine, inside[drive_id]


def _quarantine(number: int) -> Quarantine:
    found = db().scalar(held.quarantines_seen_by(me(), at=now()).where(Quarantine.id == number))
    if found is None:
        raise NotFound(quarantine=number)
    return found


reasons.learn(
    {
        "audit": _l("l’audit trouve autre chose"),
        "audit-differs": _l("l’audit trouve autre chose"),
        "claim": _l("une relecture avec un autre outil trouve autre chose"),
    }
)
refusals.learn(
    {
        "not-the-third": Telling(
            _l("Vous avez déjà eu ce disque en main : effacé ou contrôlé."),
            _l("Passez la main à une troisième personne."),
        ),
        "same-session": Telling(
            _l("L’audit demande un démarrage à lui."), _l("Éteignez l’ordinateur, rallumez-le, puis recommencez.")
        ),
        "nothing-to-audit": Telling(_l("Il n’y a pas d’effacement prouvé à relire."), _l("Effacez d’abord ce disque.")),
        "not-drawn": Telling(_l("Ce disque n’attend pas d’audit."), _l("Revenez à la liste : elle est à jour.")),
        "still-doubtful": Telling(
            _l("Il reste %(count)s disques à revoir : %(tags)s."),
            _l("Relisez-les ou effacez-les de nouveau, puis levez la quarantaine."),
        ),
        "already-lifted": Telling(_l("Cette quarantaine est déjà levée."), _l("Revenez à la liste.")),
    }
)
