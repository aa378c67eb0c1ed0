"""The start of one machine over SSH: choose where it is plugged in, follow each step, compare, take it in hand."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.bench.hosts import BenchHost, hosts_seen_by
from ordi.bench.intake import settle, waiting_hardware
from ordi.bench.remote_starts import RemoteStart, Step, ask_start, latest_start, session_of
from ordi.bench.sessions import adopt
from ordi.errors import NotFound, Refused
from ordi.machines.machine import Machine, seen
from web.clock import now
from web.guards import i_may, me, permission
from web.remote import blueprint
from web.remote.errands import set_off
from web.remote.hosts import public_key
from web.session import db


class StartNotReady(Refused):
    """The agent that was started did not say hello yet."""

    code = "start-not-ready"


@blueprint.get("/machines/<tag>/remote")
@permission("bench.remote")
def start(tag: str) -> str:
    """Where it is plugged in, and how far its start is."""
    machine = _machine(tag)
    return render_template(
        "remote/start.html",
        key=public_key(machine.workshop),
        keeps=i_may("network.hosts", machine.workshop),
        **_page(machine),
    )


@blueprint.get("/machines/<tag>/remote/progress")
@permission("bench.remote")
def progress(tag: str) -> str:
    """The start, as a fragment that the page looks at."""
    return render_template("remote/progress.html", **_page(_machine(tag)))


@blueprint.post("/machines/<tag>/remote")
@permission("bench.remote")
def ask(tag: str) -> Response:
    """Start the agent there."""
    machine = _machine(tag)
    wanted = request.form.get("host", "")
    host = next((one for one in _hosts(machine) if str(one.id) == wanted), None)
    if host is None:
        raise NotFound(host=wanted[:10])
    asked = ask_start(db(), machine, host, by=me(), at=now())
    db().commit()
    set_off(current_app._get_current_object(), asked.uuid)  # type: ignore[attr-defined]
    return redirect(url_for("remote.start", tag=machine.tag))


@blueprint.post("/machines/<tag>/remote/adopt")
@permission("bench.adopt")
def take(tag: str) -> Response:
    """Take the session that was started: its key was read over the pinned line, the person compared the machine."""
    machine = seen(db(), me(), tag, "bench.adopt", at=now())
    found = latest_start(db(), machine)
    bench = session_of(db(), found) if found else None
    if found is None or bench is None:
        raise StartNotReady(tag=machine.tag)
    adopt(db(), bench, machine, found.key_fingerprint, by=me(), at=now())
    settle(db(), bench, at=now())
    db().commit()
    flash(_("Relié. Vérifiez les disques, puis effacez."), "ok")
    return redirect(url_for("wiping.plan", tag=machine.tag))


def _machine(tag: str) -> Machine:
    return seen(db(), me(), tag, "bench.remote", at=now())


def _hosts(machine: Machine) -> list[BenchHost]:
    """The hosts of a machine's own workshop."""
    mine = hosts_seen_by(db(), me(), "bench.remote", at=now())
    return [one for one in mine if one.workshop_id == machine.workshop_id]


def _page(machine: Machine) -> dict[str, object]:
    found: RemoteStart | None = latest_start(db(), machine)
    bench = session_of(db(), found) if found and found.step == Step.STARTED else None
    state = bench.state(now()) if bench else ""
    told = waiting_hardware(db(), bench) if bench and state == "waiting" else None
    return {
        "machine": machine,
        "hosts": _hosts(machine),
        "allowed": bool(current_app.extensions["ordi-settings"].bench_networks),
        "start": found,
        "state": state,
        "told": told,
        "over": found is None or found.step == Step.FAILED or state in ("adopted", "ended") or told is not None,
        "free": found is None or found.step == Step.FAILED or (found.step == Step.STARTED and state != "waiting"),
        "Step": Step,
    }
