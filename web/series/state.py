"""What a device at the bench keeps: who works, and of each computer here its label, place and step. No family, ever."""

from __future__ import annotations

from typing import Any

from flask import jsonify
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.bench.acts import unseen
from ordi.giving.collections import lots_seen_by
from ordi.giving.reception import Reception, counts_of
from ordi.machines.lifecycle import State
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine, machines_seen_by
from ordi.parties.organisations import Nature
from web.clock import now
from web.guards import me, permission
from web.series import blueprint, words
from web.session import db
from web.sign_in import devices
from web.sign_in.sessions import sitting

SHOWN_STATES = (
    State.PROMISED,
    State.COLLECTED,
    State.RECEIVED,
    State.SANITISED,
    State.REINSTALLED,
    State.READY,
    State.ALLOCATED,
    State.DISMANTLED,
    State.LOST,
)
"""Between a donor's promise and the door: what stands, or will stand, in the workshop."""

MOST, LOTS = 3000, 12
END_OF_SERIAL = 6


@blueprint.get("/bench/series/state")
@permission("bench.work")
def state() -> Response:
    """Everything a device needs until it hears of us again, and the token of its next forms."""
    mine = machines_seen_by(me(), "bench.work", at=now()).where(Machine.state.in_(SHOWN_STATES))
    machines = db().scalars(mine.order_by(Machine.state_since.desc(), Machine.id).limit(MOST))
    answer = jsonify(
        {
            "person": {"code": me().op_code, "name": me().name},
            "token": generate_csrf(),
            "at": now().isoformat(),
            "locks": int(devices.IDLE.total_seconds()) if devices.device_here() else 0,
            "sitting": sitting(),
            "machines": [row_of(machine) for machine in machines],
            "lots": _lots(),
            "refused": [_refusal(act) for act in unseen(db(), me())],
        }
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def row_of(machine: Machine) -> list[Any]:
    """Label, end of the serial number, step, place, kind, last event heard, put aside."""
    return [
        machine.tag,
        (machine.serial or "").upper()[-END_OF_SERIAL:],
        machine.state,
        machine.shelf,
        machine.form,
        machine.head_seq,
        int(bool(machine.held_for)),
    ]


def _lots() -> list[dict[str, Any]]:
    """Lots not yet counted; a donor who is one person stays a code."""
    open_ = lots_seen_by(me(), "giving.receive", at=now()).where(Lot.id.not_in(select(Reception.lot_id)))
    lots = db().scalars(open_.options(joinedload(Lot.donor)).order_by(Lot.id.desc()).limit(LOTS)).all()
    counts = counts_of(db(), lots)
    return [
        {
            "code": lot.code,
            "donor": "" if lot.donor.nature == Nature.INDIVIDUAL else lot.donor.name,
            "missing": [one.tag for one in counts[lot.id].missing + counts[lot.id].promised],
            "received": [one.tag for one in counts[lot.id].received],
            "surplus": [one.tag for one in counts[lot.id].surplus],
        }
        for lot in lots
    ]


def _refusal(act: Any) -> dict[str, str]:
    title, text = words.answer(act.tone, act.code, act.told)
    return {
        "uuid": act.uuid,
        "verb": act.verb,
        "tag": act.tag,
        "title": title,
        "text": text,
        "at": act.happened_at.isoformat(),
    }
