"""An exchange: the failing machine, the one that replaces it, the family's files, one signature."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from ordi.journeys.exchanges import exchange as verb
from ordi.journeys.exchanges import how_it_answers
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine, seen
from ordi.parties.organisations import pole_of
from ordi.sharing.allocation import Allocation, MachineNotReady, NotAllocated, current_for
from ordi.sharing.fit import Fit
from ordi.sharing.hand_over import Pack
from ordi.sharing.packs import pack_of
from ordi.sharing.proposals import candidates
from ordi.sharing.signatures import SignatureUnusable
from ordi.sharing.take_back import EXCHANGED, FilesKept, Reason
from ordi.tags import read_tag
from web.asking import chosen, chosen_or_none
from web.clock import now
from web.giving.signing import signed
from web.guards import me, permission
from web.machines.freshness import fresh
from web.machines.panels import extra_action
from web.session import db
from web.sharing import blueprint, programme_words, words

extra_action(
    "sharing.exchanging",
    "sharing.exchange",
    _l("Échanger"),
    "again",
    lambda machine: machine.state == State.HANDED_OVER,
)
SHOWN = 5


@blueprint.get("/exchange")
@permission("sharing.exchange")
def scan_exchange() -> str | Response:
    """Scan the failing machine: its exchange opens."""
    label = request.args.get("tag", "")
    if label:
        return redirect(url_for("sharing.exchanging", tag=read_tag(label)))
    return render_template("sharing/exchange_scan.html")


@blueprint.get("/machines/<tag>/exchange")
@permission("sharing.exchange")
def exchanging(tag: str) -> str:
    """First the machine that replaces it (`?new`), then what became of the files, and the signature."""
    given = _given(seen(db(), me(), tag, "sharing.exchange", at=now()))
    label = request.args.get("new", "")
    other = seen(db(), me(), label, "sharing.exchange", at=now()) if label else None
    if other is not None and other.state != State.READY:
        raise MachineNotReady(tag=other.tag, state=other.state)
    return _page(given, other)


@blueprint.post("/machines/<tag>/exchange")
@permission("sharing.exchange")
def exchange(tag: str) -> Response | str:
    """Do it: all of it, or nothing."""
    given = _given(seen(db(), me(), tag, "sharing.exchange", at=now()))
    other = seen(db(), me(), request.form.get("new", ""), "sharing.exchange", at=now())
    fresh(given.machine)
    drawn = signed()
    if drawn is None:
        raise SignatureUnusable(why="blank")
    made = verb(
        db(),
        given,
        other,
        drawn,
        reason=chosen(Reason, "reason"),
        files=chosen_or_none(FilesKept, "files") or "",
        by=me(),
        at=now(),
        pack=Pack(tuple(code for code in pack_of(other, given.request) if code in request.form.getlist("bag"))),
        accepts_check_ins=request.form.get("check_ins") == "yes",
    )
    db().commit()
    flash(_("%(old)s est repris : il contient des données, à effacer.", old=given.machine.tag), "warn")
    flash(_("%(new)s est remis. Imprimez le reçu.", new=made.machine.tag), "ok")
    return redirect(url_for("sharing.handed_over", tag=made.machine.tag))


def _page(given: Allocation, other: Machine | None) -> str:
    found = how_it_answers(db(), given.request, other) if other is not None else Fit((), True)
    pole = pole_of(given.request.partner)
    return render_template(
        "sharing/exchange.html",
        given=given,
        machine=given.machine,
        other=other,
        fit=found,
        reasons={code: words.BACK[code] for code in EXCHANGED},
        weighed=candidates(db(), given.request, pole, at=now())[:SHOWN] if other is None else [],
        pack=pack_of(other, given.request) if other is not None else [],
        say=programme_words,
    )


def _given(machine: Machine) -> Allocation:
    given = current_for(db(), machine)
    if given is None or given.handed_over_at is None:
        raise NotAllocated(tag=machine.tag)
    return given
