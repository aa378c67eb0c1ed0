"""Labels of loose drives: the end of the serial, the size, and whether data is still on it, that day."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from ordi.bench.loose_drives import loose_drives
from ordi.errors import NotFound
from ordi.machines.drive import Sighting, Standing
from ordi.papers import PARIS
from ordi.tags import MistypedTag, number_code, read_number_code
from web.bench.loose import sighting_seen
from web.clock import now
from web.guards import permission
from web.labels import blueprint
from web.labels.carried import workshop_of
from web.labels.carriers import Batch, Carried, carries
from web.languages import chosen
from web.papers.label_faces import Face, said
from web.session import db
from web.squares import our_address
from web.wording import wording
from web.wording.sizes import size


@blueprint.get("/D/<code>")
@permission("bench.work")
def drive_scanned(code: str) -> Response:
    """What the square of a drive's label opens."""
    try:
        number = read_number_code(code)
    except MistypedTag:
        raise NotFound(drive=code[:12]) from None  # none, and not yours, answer alike
    found = sighting_seen(number, "bench.work")
    return redirect(url_for("bench.loose_drive", drive_id=found.drive_id))


@carries("drive")
def drive(code: str) -> Batch:
    """One drive, by its number."""
    number = int(code) if code.isascii() and code.isdigit() and len(code) < 10 else 0
    found = sighting_seen(number, "labels.print")
    title, back = f"…{found.drive.serial[-4:]}", url_for("bench.loose_drive", drive_id=found.drive_id)
    return Batch(found.machine.workshop, title, back, [_carried(found)])


@carries("drawer")
def drawer(code: str) -> Batch:
    """Every loose drive of a workshop."""
    where = workshop_of(code)
    found = loose_drives(db(), where)
    if not found:
        raise NotFound(workshop=code)
    return Batch(where, where.name, url_for("bench.loose"), [_carried(one) for one in found[:200]])


def _carried(sighting: Sighting) -> Carried:
    drive, lang = sighting.drive, chosen()
    state = said("to_wipe" if drive.standing == Standing.HOLDS_DATA else "wiped", lang)
    day = now().astimezone(PARIS).strftime("%d/%m/%Y")
    lines = (f"{wording.medium(drive.medium)} {size(drive.bytes)}", f"{state} {day}")
    more = (said("drive", lang), sighting.machine.workshop.name)
    return Carried(Face(f"…{drive.serial[-4:]}", our_address("D", number_code(drive.id)), lines, more))
