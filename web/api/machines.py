"""`GET /machines`, `GET /machines/{tag}`: what an integration may read of its own organisation's machines."""

from __future__ import annotations

from flask import request
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from ordi.errors import Invalid, NotFound
from ordi.machines.drive import open_sightings
from ordi.machines.journal import instant
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.organisations import Kind, Organisation
from ordi.tags import read_tag
from web.api import blueprint
from web.guards import permission, the_token
from web.session import db

PAGE = 100


@blueprint.get("/v1/machines")
@permission("token:machines:read")
def machine_list() -> dict[str, object]:
    """A page of machines in the order of their tags, after `after`, of one `state` if asked."""
    query = _reach().options(joinedload(Machine.workshop)).order_by(Machine.tag).limit(PAGE + 1)
    state, after = request.args.get("state"), request.args.get("after")
    if state:
        if state not in set(State):
            raise Invalid(field="state", why="unknown")
        query = query.where(Machine.state == state)
    if after:
        query = query.where(Machine.tag > read_tag(after))
    found = list(db().scalars(query))
    return {
        "machines": [_summary(machine) for machine in found[:PAGE]],
        "next": found[PAGE - 1].tag if len(found) > PAGE else None,
    }


@blueprint.get("/v1/machines/<tag>")
@permission("token:machines:read")
def machine_detail(tag: str) -> dict[str, object]:
    """One machine and its drives: standing and bytes, the last four characters of a serial."""
    machine = db().scalar(_reach().where(Machine.tag == read_tag(tag)))
    if machine is None:
        raise NotFound(tag=read_tag(tag))
    drives = [
        {
            "model": sighting.drive.model,
            "serial_end": sighting.drive.serial[-4:],
            "bytes": sighting.drive.bytes,
            "medium": sighting.drive.medium,
            "standing": sighting.drive.standing,
        }
        for sighting in open_sightings(db(), machine)
    ]
    return _summary(machine) | {"drives": drives}


def _reach() -> Select[Machine]:
    organisation = the_token().organisation
    within = select(Organisation.id).where(Organisation.path.startswith(organisation.path, autoescape=True))
    tie = {Kind.DONOR: Machine.donor_id, Kind.PARTNER: Machine.partner_id}.get(
        Kind(organisation.kind), Machine.workshop_id
    )
    return select(Machine).where(tie.in_(within))


def _summary(machine: Machine) -> dict[str, object]:
    return {
        "tag": machine.tag,
        "state": machine.state,
        "since": instant(machine.state_since),
        "form": machine.form,
        "manufacturer": machine.manufacturer,
        "model": machine.model,
        "grade": machine.grade,
        "workshop": machine.workshop.name,
    }
