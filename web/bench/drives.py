"""What two people do with drives: taken out, destroyed, or seen to be absent; and the drawer of loose ones."""

from __future__ import annotations

import json

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from ordi.bench import destruction
from ordi.bench import loose_drives as verbs
from ordi.bench.certificates import certificate_of, issue
from ordi.bench.pictures import MOST_BYTES
from ordi.errors import NotFound
from ordi.machines.drive import Destruction, Drive, Sanitisation, open_sightings
from ordi.machines.gate import inventoried
from ordi.machines.machine import Machine, machines_seen_by
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from ordi.parties.people import Person
from web.asking import chosen
from web.bench import blueprint
from web.bench.here import at_hand, in_hand
from web.bench.loose import sighting_seen
from web.bench.plans import plans_of
from web.bench.proofs import sealed_file
from web.bench.witness import witness
from web.clock import now
from web.guards import me, permission
from web.keyring import keyring
from web.session import db


@blueprint.get("/<tag>/drives")
@permission("bench.work")
def drives(tag: str) -> str:
    """The drives inside, and what two people can do."""
    machine = at_hand(tag)
    return render_template(
        "bench/drives.html",
        machine=machine,
        plans=plans_of(db(), machine),
        known=inventoried(db(), machine),
        openable=machine.state in verbs.OPENABLE,
    )


@blueprint.post("/<tag>/drives/<int:drive_id>/remove")
@permission("bench.work")
def remove_drive(tag: str, drive_id: int) -> Response:
    """Two people took it out."""
    machine = in_hand(tag)
    inside = {sighting.drive_id: sighting for sighting in open_sightings(db(), machine)}
    if drive_id not in inside:
        raise NotFound(tag=machine.tag)
    verbs.remove_drive(db(), inside[drive_id], chosen(verbs.Why, "why"), by=me(), witness=witness(), at=now())
    db().commit()
    flash(_("Disque retiré, à deux. Il est dans le tiroir."), "ok")
    return redirect(url_for("bench.drives", tag=machine.tag))


@blueprint.post("/<tag>/driveless")
@permission("bench.work")
def driveless(tag: str) -> Response:
    """Two people looked, and there is none."""
    machine = in_hand(tag)
    verbs.declare_driveless(db(), machine, by=me(), witness=witness(), at=now())
    db().commit()
    flash(_("Constaté à deux : aucun disque dedans."), "ok")
    return redirect(url_for("bench.machine", tag=machine.tag))


@blueprint.get("/loose-drives")
@permission("bench.work")
def loose() -> str:
    """The drawer: drives outside any machine."""
    found = [one for room in _workshops() for one in verbs.loose_drives(db(), room)]
    return render_template("bench/loose.html", sightings=found, rooms={one.machine.workshop for one in found})


@blueprint.get("/loose-drives/<int:drive_id>/destroy")
@permission("bench.destroy")
def destroy(drive_id: int) -> str:
    """How it is destroyed, and before whom."""
    return render_template("bench/destroy.html", sighting=sighting_seen(drive_id, "bench.destroy"))


@blueprint.post("/loose-drives/<int:drive_id>/destroy")
@permission("bench.destroy")
def destroyed(drive_id: int) -> Response:
    """Two people destroyed it."""
    drive = sighting_seen(drive_id, "bench.destroy").drive
    sent = request.files.get("photo")
    written = destruction.destroy_drive(
        db(),
        drive,
        chosen(destruction.How, "how"),
        cause=chosen(destruction.WhyDestroyed, "cause"),
        photo=sent.read(MOST_BYTES + 1) if sent else b"",
        by=me(),
        witness=witness(),
        at=now(),
    )
    issue(db(), written, keyring().signing("certificate", now()), at=now())
    db().commit()
    flash(_("Disque détruit, à deux. Son attestation est prête."), "ok")
    return redirect(url_for("bench.destruction", drive_id=drive.id))


@blueprint.get("/destructions/<int:drive_id>", endpoint="destruction")
@permission("evidence.see")
def destruction_record(drive_id: int) -> str:
    """What is kept of a destruction."""
    proof, made, photo = _destroyed(drive_id)
    people = db().scalars(select(Person).where(Person.id.in_((made.by_id, made.witness_id))))
    return render_template(
        "bench/destruction.html",
        proof=proof,
        destruction=made,
        photo=photo,
        told=json.loads(proof.facts),
        certificate=certificate_of(db(), proof),
        names={person.id: person.name for person in people},
    )


@blueprint.get("/destructions/<int:drive_id>/photo.jpg")
@permission("evidence.see")
def destruction_photo(drive_id: int) -> Response:
    """The photograph."""
    answer = make_response(_destroyed(drive_id)[2].jpeg)
    answer.mimetype = "image/jpeg"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.get("/destructions/<int:drive_id>/certificate.pdf")
@permission("certificates.see")
def destruction_certificate(drive_id: int) -> Response:
    """The signed attestation."""
    proof = _destroyed(drive_id, "certificates.see")[0]
    issued = certificate_of(db(), proof)
    if issued is None:
        raise NotFound(drive=drive_id)
    return sealed_file(proof.machine, [issued], f"ordi-destruction-{proof.machine.tag}-{proof.drive.serial[-4:]}.pdf")


def _destroyed(
    drive_id: int, name: str = "evidence.see"
) -> tuple[Sanitisation, Destruction, destruction.DestructionPhoto]:
    """The record of a destruction, for who may see the machine it came out of. Raises `NotFound`."""
    drive = db().get(Drive, drive_id)
    found = destruction.destruction_of(db(), drive) if drive else None
    mine = machines_seen_by(me(), name, at=now()).with_only_columns(Machine.id)
    proof = db().scalar(
        select(Sanitisation).where(
            Sanitisation.drive_id == drive_id,
            Sanitisation.verdict == destruction.DESTROYED,
            Sanitisation.machine_id.in_(mine),
        )
    )
    if found is None or proof is None:
        raise NotFound(drive=drive_id)
    return proof, *found


def _workshops() -> list[Organisation]:
    held = [
        Organisation.path.startswith(one.organisation.path, autoescape=True)
        for one in grounds(me(), "bench.work", now())
    ]
    return list(db().scalars(select(Organisation).where(Organisation.kind == Kind.WORKSHOP, or_(*held))))
