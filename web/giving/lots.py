"""A lot: promised, collected, received, missing, surplus; and what became of each, for its donor."""

from __future__ import annotations

from flask import Response as Answer
from flask import make_response, render_template
from sqlalchemy import select
from werkzeug.wrappers import Response as Reply

from ordi.bench.certified import Certificate, stands
from ordi.bench.lot_statements import lot_statement
from ordi.giving.collections import lot_seen, slip_of
from ordi.giving.offers import Offer
from ordi.giving.outcomes import Outcome, outcomes
from ordi.giving.reception import closed_of, count_of
from ordi.machines.drive import Sanitisation
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine
from ordi.machines.policy import LEVELS, asked_of_lot, policy_of
from ordi.parties.access import may
from ordi.parties.people import Person
from web.clock import now
from web.giving import blueprint, words
from web.giving.policies import SHARES
from web.guards import me, permission
from web.keyring import keyring
from web.languages import chosen
from web.papers.lot_pdf import lot_pdf
from web.session import db
from web.sheets import CSV, as_csv, file_of
from web.wording import wording

_HEADS = ("tag", "form", "manufacturer", "model", "serial", "outcome", "state", "since", "drives", "drives_clean")


@blueprint.get("/lots/<code>")
@permission("giving.see")
def lot(code: str) -> str:
    """One lot, counted, and its outcomes."""
    found = lot_seen(db(), me(), code, at=now())
    told = list(outcomes(db(), found))
    return render_template(
        "giving/lot.html",
        lot=found,
        count=count_of(db(), found),
        slip=slip_of(db(), found),
        closed=closed_of(db(), found),
        outcomes=told,
        kinds=_counted(told),
        certified=_certified(found),
        offer=db().scalar(select(Offer).where(Offer.lot_id == found.id)),
        driver=db().get(Person, found.driver_id) if found.driver_id else None,
        asked=asked_of_lot(db(), found),
        policy=policy_of(db(), found),
        levels=LEVELS,
        shares=SHARES,
        i_collect=_collects(found),
        i_receive=may(me(), "giving.receive", found.workshop, at=now()),
    )


@blueprint.get("/lots/<code>/outcomes.csv")
@permission("giving.see")
def outcomes_csv(code: str) -> Reply:
    """What became of each, as a spreadsheet reads it."""
    found = lot_seen(db(), me(), code, at=now())
    return file_of(as_csv(_HEADS, map(_row, outcomes(db(), found))), CSV, found.code)


@blueprint.get("/lots/<code>/summary.pdf")
@permission("certificates.see")
def lot_summary(code: str) -> Answer:
    """What became of every drive of the lot, signed and sealed."""
    found = lot_seen(db(), me(), code, "certificates.see", at=now())
    payload, token = lot_statement(db(), found, keyring().signing("certificate", now()), at=now())
    answer = make_response(lot_pdf(payload, token, keyring().pdf_key(now()), at=now(), lang=chosen()))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="ordi-bilan-{found.code}.pdf"'
    return answer


def _row(one: Outcome) -> list[object]:
    kind, state = words.outcome(one.kind), wording.state(one.state)
    known = [one.tag, wording.form(one.form), one.manufacturer, one.model, one.serial, kind, state]
    return [*known, one.since.date(), one.drives, one.drives_clean]


def _certified(found: Lot) -> set[str]:
    """The tags of the lot with a certificate that stands."""
    query = (
        select(Machine.tag)
        .join(Sanitisation, Sanitisation.machine_id == Machine.id)
        .join(Certificate, Certificate.sanitisation_id == Sanitisation.id)
        .where(Machine.lot_id == found.id, stands())
    )
    return set(db().scalars(query))


def _counted(told: list[Outcome]) -> dict[str, int]:
    counted = dict.fromkeys(words.OUTCOMES, 0)
    for one in told:
        counted[one.kind] += 1
    return {kind: count for kind, count in counted.items() if count}


def _collects(found: Lot) -> bool:
    if found.collected_at is not None or not may(me(), "giving.collect", found.workshop, at=now()):
        return False
    return found.driver_id == me().id or may(me(), "giving.decide", found.workshop, at=now())
