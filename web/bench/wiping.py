"""Wiping from the face: adopt the machine's screen, see the plan, start, follow, check a second time, print the proof."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ordi.bench.counter_checks import order_check
from ordi.bench.diagnosis import next_question
from ordi.bench.intake import settle
from ordi.bench.jobs import NotWipeable, WipeJob, order_wipe
from ordi.bench.judging import give_up, judge_unanswered
from ordi.bench.plan import last_inventory, plan_of
from ordi.bench.sessions import BenchSession, SessionNotYours, SessionOver, adopt, session_shown
from ordi.bench.triage import Decision, triage
from ordi.bench.under_way import cancel
from ordi.errors import NotFound
from ordi.machines.drive import open_sightings
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine, seen
from web.bench import plan_words
from web.bench.here import adopted_bench
from web.bench.plans import plans_of
from web.bench.proofs import certificates_pdf
from web.clock import now
from web.guards import i_may, me, permission
from web.session import db
from web.settings import Settings
from web.wording.bench import WIPE_REASONS
from web.wording.reasons import learn
from web.worker import duty

blueprint = Blueprint("wiping", __name__)
learn(WIPE_REASONS)


@duty("unanswered wipes")
def _judge_unanswered(session: Session, _settings: Settings, at: datetime) -> int:
    return judge_unanswered(session, at=at)


@blueprint.get("/B/<session>/<fingerprint>")
@permission("bench.adopt")
def screen(session: str, fingerprint: str) -> str:
    """What the code on a machine's screen opens: the same three pictograms, then scan the label."""
    bench = _shown(session, fingerprint)
    if bench.state(now()) == "ended":
        raise SessionOver()
    return render_template("bench/adopt.html", bench=bench, session=session, fingerprint=fingerprint)


@blueprint.post("/B/<session>/<fingerprint>")
@permission("bench.adopt")
def take(session: str, fingerprint: str) -> Response:
    """Adopt it for the machine whose label was scanned."""
    bench = _shown(session, fingerprint)
    machine = seen(db(), me(), request.form.get("tag", ""), "bench.adopt", at=now())
    adopt(db(), bench, machine, fingerprint, by=me(), at=now())
    settle(db(), bench, at=now())
    db().commit()
    return redirect(url_for("wiping.plan", tag=machine.tag))


@blueprint.get("/machines/<tag>/wipe")
@permission("bench.wipe")
def plan(tag: str) -> str:
    """What will be done to each drive, and how far it is."""
    return render_template("bench/wipe.html", **_page(_machine(tag)))


@blueprint.get("/machines/<tag>/wipe/progress")
@permission("bench.wipe")
def progress(tag: str) -> str:
    """The same, as a fragment that the page looks at every few seconds."""
    return render_template("bench/wipe_drives.html", **_page(_machine(tag)))


@blueprint.post("/machines/<tag>/wipe")
@permission("bench.wipe")
def start(tag: str) -> Response:
    """Order the wipe of every drive that is to be wiped and can be."""
    machine = _machine(tag)
    bench = adopted_bench(machine)
    if bench is None:
        raise SessionOver()
    hardware = last_inventory(db(), machine)
    plans = [one for one in plans_of(db(), machine, hardware) if one.unfinished]
    agreed = {one.drive.id: frozenset(request.form.getlist(f"before-{one.drive.id}")) for one in plans}
    startable = [one for one in plans if not plan_of(one.drive, hardware, agreed[one.drive.id]).refusal]
    if plans and not startable:
        raise NotWipeable(tag=machine.tag, why=plans[0].ahead.refusal, drive=f"…{plans[0].drive.serial[-4:]}")
    if request.form.get("keep") and machine.state == State.RECEIVED and not machine.triage:
        triage(db(), machine, Decision.KEEP, by=me(), at=now())
    for one in startable:
        order_wipe(db(), bench, one.drive, by=me(), at=now(), agreed=agreed[one.drive.id])
    db().commit()
    if startable and next_question(db(), machine):
        flash(_("L’effacement commence. Tester pendant ce temps."), "ok")
        return redirect(url_for("bench.diagnosis", tag=machine.tag))
    return redirect(url_for("wiping.plan", tag=machine.tag))


@blueprint.post("/machines/<tag>/check/<int:drive_id>")
@permission("bench.counter-check")
def check(tag: str, drive_id: int) -> Response:
    """Order the second person's check of a wiped drive."""
    machine = seen(db(), me(), tag, "bench.counter-check", at=now())
    bench = adopted_bench(machine)
    if bench is None or bench.adopter_id != me().id:
        raise SessionOver()
    inside = {sighting.drive_id: sighting.drive for sighting in open_sightings(db(), machine)}
    if drive_id not in inside:
        raise NotFound(tag=machine.tag)
    order_check(db(), bench, inside[drive_id], by=me(), at=now())
    db().commit()
    return redirect(url_for("wiping.plan", tag=machine.tag))


@blueprint.post("/machines/<tag>/wipe/<job>/stop")
@permission("bench.wipe")
def stop(tag: str, job: str) -> Response:
    """Ask for a wipe to stop, or give up one that nobody hears of any more."""
    machine = _machine(tag)
    found = db().scalar(select(WipeJob).where(WipeJob.uuid == job, WipeJob.machine_id == machine.id))
    if found is None:
        raise NotFound(tag=machine.tag)
    if request.form.get("how") == "give-up":
        give_up(db(), found, by=me(), at=now())
        flash(_("Arrêté. Le disque contient encore des données."), "warn")
    else:
        cancel(db(), found, by=me(), at=now())
        flash(_("Arrêt demandé à l’ordinateur."), "wait")
    db().commit()
    return redirect(url_for("wiping.plan", tag=machine.tag))


@blueprint.get("/machines/<tag>/certificates.pdf")
@permission("certificates.see")
def certificates(tag: str) -> Response:
    """The signed proof of every wiped drive of a machine, one PDF."""
    machine = seen(db(), me(), tag, "certificates.see", at=now())
    issued = [one.certificate for one in plans_of(db(), machine) if one.certificate is not None]
    if not issued:
        abort(404)
    answer = make_response(certificates_pdf(machine, issued))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="ordi-certificat-{machine.tag}.pdf"'
    return answer


def _machine(tag: str) -> Machine:
    return seen(db(), me(), tag, "bench.wipe", at=now())


def _shown(session: str, fingerprint: str) -> BenchSession:
    try:
        uuid = str(UUID(hex=session))
    except ValueError:
        raise SessionNotYours() from None
    return session_shown(db(), uuid, fingerprint)


def _page(machine: Machine) -> dict[str, object]:
    hardware = last_inventory(db(), machine)
    plans, bench = plans_of(db(), machine, hardware), adopted_bench(machine)
    return {
        "machine": machine,
        "plans": plans,
        "bench": bench,
        "mine": bench is not None and bench.adopter_id == me().id,
        "running": any(one.running for one in plans),
        "dirty": [one for one in plans if one.startable],
        "offering": [one for one in plans if one.unfinished and one.ahead.offers],
        "plan_before": plan_words.BEFORE,
        "raid": plan_words.RAID if hardware is not None and hardware.hidden_by else None,
        "plan_step": plan_words.step,
        "plan_note": plan_words.note,
        "plan_icons": plan_words.ICONS,
        "plan_refusals": plan_words.REFUSALS,
        "checks": i_may("bench.counter-check", machine.workshop),
        "now": now(),
    }
