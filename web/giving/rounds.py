"""The driver's round, on a phone: count, say what is missing, have it signed, and the slip to leave behind."""

from __future__ import annotations

from flask import Response as Answer
from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.giving.collections import Missing, collect, lot_seen, promised_in, slip_of
from ordi.giving.offers import Offer
from ordi.machines.custody import CustodyTransfer, Holder
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from ordi.parties.organisations import pole_of
from web.asking import chosen_or_none, whole
from web.clock import now
from web.giving import blueprint, words
from web.giving.signing import signed
from web.guards import me, permission
from web.keyring import keyring
from web.papers.slip_pdf import CollectionSlip, slip_pdf
from web.session import db


@blueprint.get("/lots/<code>/round")
@permission("giving.collect")
def the_round(code: str) -> str | Response:
    """Count and sign."""
    lot = lot_seen(db(), me(), code, at=now())
    if lot.collected_at is not None:
        return redirect(url_for("giving.lot", code=code))
    promised = promised_in(db(), lot)
    offer = db().scalar(select(Offer).where(Offer.lot_id == lot.id))
    return render_template("giving/round.html", lot=lot, promised=promised, offer=offer)


@blueprint.post("/lots/<code>/round")
@permission("giving.collect")
def sign_round(code: str) -> Response:
    """Take the lot along."""
    lot = lot_seen(db(), me(), code, at=now())
    slip = collect(
        db(),
        lot,
        count=whole("count", most=500),
        surplus=whole("surplus", most=500),
        reason=chosen_or_none(Missing, "reason"),
        signature=signed(),
        by=me(),
        at=now(),
    )
    db().commit()
    flash(_("C’est collecté et signé : bon %(code)s.", code=slip.code), "ok")
    return redirect(url_for("giving.lot", code=code))


@blueprint.get("/lots/<code>/slip.pdf")
@permission("giving.see")
def slip(code: str) -> Answer:
    """The collection slip, sealed."""
    lot = lot_seen(db(), me(), code, at=now())
    facts = slip_facts(lot)
    answer = make_response(slip_pdf(facts, keyring().pdf_key(now())))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{facts.number}.pdf"'
    return answer


def slip_facts(lot: Lot) -> CollectionSlip:
    """What the slip of a collected lot states. Raises `NotFound` before the round."""
    made = slip_of(db(), lot)
    if made is None:
        raise NotFound(lot=lot.code)
    taken = (
        select(Machine.tag, CustodyTransfer.signature)
        .join(CustodyTransfer, CustodyTransfer.machine_id == Machine.id)
        .where(Machine.lot_id == lot.id, CustodyTransfer.holder == Holder.DRIVER)
        .order_by(Machine.id)
    )
    rows = db().execute(taken).all()
    demonstration = db().scalar(select(Machine.demonstration).where(Machine.lot_id == lot.id).limit(1))
    return CollectionSlip(
        number=made.code,
        organisation=lot.workshop.name,
        donor=lot.donor.name,
        place=lot.donor.commune or lot.donor.name,
        lot=lot.code,
        driver=made.by.name,
        counted=made.counted,
        promised=lot.promised_count,
        tags=tuple(tag for tag, _signature in rows),
        at=made.happened_at,
        phone=lot.workshop.phone or pole_of(lot.workshop).phone or "",
        missing_because=words.missing(made.reason) if made.reason else "",
        surplus=made.surplus,
        signature=next((signature for _tag, signature in rows if signature), None),
        demonstration=bool(demonstration),
    )
