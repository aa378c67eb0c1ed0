"""The page of series, and the one address to which each scan is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from flask import render_template, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.wrappers import Response

from ordi.bench.acts import NotYourAct, Sent, answer_once, saw
from ordi.errors import Invalid, Refused
from ordi.journeys.series import VERBS, carry_out
from ordi.machines.machine import Machine
from web.clock import now
from web.guards import me, permission
from web.refusals import problem, status_of
from web.series import blueprint, words
from web.series.state import SHOWN_STATES, row_of
from web.session import db
from web.wording import wording
from web.wording.refusals import REFUSALS, told

Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]


class ActForm(BaseModel):
    """What a device sends: small, bounded, and nothing it was not asked."""

    model_config = ConfigDict(extra="ignore")

    uuid: Uuid
    person: str = Field(max_length=12)
    device: Uuid
    verb: str = Field(max_length=12)
    tag: str = Field(default="", max_length=200)
    value: str = Field(default="", max_length=40)
    form: str = Field(default="", max_length=16)
    queued: bool = False
    known_seq: int | None = Field(default=None, ge=0, le=2**31 - 1)
    happened_at: datetime


@blueprint.get("/bench/series")
@permission("bench.work")
def index() -> str:
    """The same page for everyone and every day: who reads it and what it speaks of come apart, from `state`."""
    return render_template(
        "series/index.html",
        verbs=VERBS.values(),
        words=words,
        states={state: wording.state(state) for state in SHOWN_STATES},
        forms=wording.all("forms"),
    )


@blueprint.post("/bench/series/acts")
@permission("bench.work")
def act() -> Response:
    """One act; sent twice, it is answered twice and done once."""
    try:
        sent = _sent()
        done, again = answer_once(db(), sent, carry_out, by=me(), at=now())
    except (Invalid, NotYourAct) as refusal:
        return _refused(refusal)
    db().commit()
    machine = db().get(Machine, done.machine_id) if done.machine_id else None
    title, text = words.answer(done.tone, done.code, done.told)
    return _json(
        {
            "uuid": done.uuid,
            "again": again,
            "tone": done.tone,
            "code": done.code,
            "title": title,
            "text": text,
            "machine": row_of(machine) if machine else None,
        }
    )


@blueprint.post("/bench/series/seen")
@permission("bench.work")
def seen() -> Response:
    """I saw that this was refused."""
    saw(db(), request.form.get("uuid", "")[:36], by=me(), at=now())
    db().commit()
    return _json({})


def _sent() -> Sent:
    try:
        told_ = ActForm.model_validate(request.form.to_dict())
    except ValidationError as error:
        fields = [".".join(str(part) for part in one["loc"])[:20] for one in error.errors()[:4]]
        raise Invalid(field=" ".join(fields), why="shape") from None
    if told_.happened_at.tzinfo is None:
        raise Invalid(field="happened_at", why="no-zone")
    return Sent(**told_.model_dump())


def _refused(refusal: Refused) -> Response:
    """A device reads problem documents; people read what it makes of them."""
    what = told(REFUSALS[refusal.code].what, refusal.facts)
    return problem(status_of(refusal), refusal.code, what, mend=told(REFUSALS[refusal.code].mend, refusal.facts))


def _json(body: dict[str, Any]) -> Response:
    from flask import jsonify

    return jsonify(body)
