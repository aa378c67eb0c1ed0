"""Hand-over: what is in the bag, the signature, the receipt; the family's data is on the machine from then on."""

from __future__ import annotations

import json
from datetime import date

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from ordi.errors import NotFound
from ordi.fleet.check_ins import stop
from ordi.machines.custody import CustodyTransfer, Holder
from ordi.machines.lifecycle import Action
from ordi.machines.machine import Machine, seen
from ordi.money import euros
from ordi.papers import PARIS, Paper, PaperKind, of_subject
from ordi.parties.access import may
from ordi.parties.households import read_file
from ordi.sharing import hand_over as verbs
from ordi.sharing.allocation import Allocation, NotAllocated, current_for
from ordi.sharing.filing import consent_of
from ordi.sharing.hand_over import Means
from ordi.sharing.packs import COMPUTER, missing_of
from ordi.sharing.prices import owed
from ordi.sharing.requests import Request, requests_seen_by
from ordi.sharing.rules import Contract
from ordi.sharing.signatures import SignatureUnusable
from ordi.sharing.translations import Sheet
from web.asking import chosen_or_none
from web.clock import now
from web.giving.signing import signed
from web.guards import me, permission
from web.keyring import keyring, sealer
from web.machines.freshness import fresh
from web.machines.panels import ACTION_ROUTES
from web.messages.answering import every_review
from web.messages.telling_words import LANGUAGES
from web.papers.payment_pdf import Payment, payment_pdf
from web.papers.receipt_pdf import HandOver, Summary, receipt_pdf
from web.session import db, writes
from web.settings import Settings
from web.sharing import blueprint, packing, programme_words, words
from web.sharing.summary_words import summary

ACTION_ROUTES[Action.HAND_OVER] = "sharing.handing_over"


@blueprint.get("/machines/<tag>/hand-over")
@permission("sharing.hand-over")
@writes
def handing_over(tag: str) -> str:
    """The hand-over page: who, what, the bag, the signature; or the sheet that was signed (`?paper`)."""
    machine = seen(db(), me(), tag, "sharing.hand-over", at=now())
    promise = promise_to(machine)
    return _page(promise, packing.shown(promise))


def _page(promise: Allocation, lines: list[packing.Line]) -> str:
    machine = promise.machine
    return render_template(
        "sharing/hand_over.html",
        machine=machine,
        promise=promise,
        recipient=_recipient(promise.request),
        ends=verbs.contract_end(db(), promise.request, now().astimezone(PARIS).date()),
        price=owed(db(), promise),
        euros=euros,
        pack=lines,
        colleagues=packing.colleagues(promise) if "paper" in request.args or "paper_day" in request.form else None,
        today=now().astimezone(PARIS).date(),
    )


@blueprint.post("/machines/<tag>/hand-over")
@permission("sharing.hand-over")
def hand_over(tag: str) -> Response | str:
    """Hand the machine over, signed; a label that was read ticks its line first."""
    machine = seen(db(), me(), tag, "sharing.hand-over", at=now())
    promise = promise_to(machine)
    if lines := packing.read(promise):
        return _page(promise, lines)
    fresh(machine)
    told = packing.sheet(promise) or signed()
    if told is None:
        raise SignatureUnusable(why="blank")
    pack, agrees, paid_by = (
        packing.packed(promise),
        request.form.get("check_ins") == "yes",
        chosen_or_none(Means, "paid_by"),
    )
    verbs.hand_over(db(), promise, told, by=me(), at=now(), pack=pack, accepts_check_ins=agrees, paid_by=paid_by)
    if not agrees:
        stop(db(), machine, at=now())
    db().commit()
    flash(_("%(tag)s est remis. Imprimez le reçu et la feuille pour la famille.", tag=machine.tag), "ok")
    return redirect(url_for("sharing.handed_over", tag=machine.tag))


@blueprint.get("/machines/<tag>/handed-over")
@permission("sharing.hand-over")
def handed_over(tag: str) -> str:
    """After the hand-over: the papers to take along."""
    machine = seen(db(), me(), tag, "sharing.hand-over", at=now())
    given = _given(machine)
    return render_template(
        "sharing/handed_over.html",
        machine=machine,
        given=given,
        short=_summaries(given),
        spoken=words.SPOKEN,
        payment=_payment(given),
        missing=missing_of(db(), given),
        say=programme_words,
    )


@blueprint.get("/machines/<tag>/receipt.pdf")
@permission("sharing.hand-over")
@writes
def receipt(tag: str) -> Response:
    """The receipt and contract, as a sealed PDF."""
    machine = seen(db(), me(), tag, "sharing.hand-over", at=now())
    given = _given(machine)
    paper = given.paper
    if paper is None:
        raise NotFound(tag=machine.tag)
    pdf = receipt_pdf(_stated(given, paper), keyring().pdf_key(now()))
    response: Response = current_app.response_class(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{paper.label}.pdf"'
    return response


def promise_to(machine: Machine) -> Allocation:
    """The promise that may be handed over now, by this person. Raises `NotAllocated`, `NotFound`."""
    promise = current_for(db(), machine)
    if promise is None or promise.handed_over_at is not None or not promise.standing:
        raise NotAllocated(tag=machine.tag)
    return _mine(promise)


def _given(machine: Machine) -> Allocation:
    given = current_for(db(), machine)
    if given is None or given.handed_over_at is None:
        raise NotAllocated(tag=machine.tag)
    return _mine(given)


def _mine(allocation: Allocation) -> Allocation:
    """The allocation, if its request is one this person hands over: an association signs for its own, never a family's."""
    mine = requests_seen_by(me(), "sharing.hand-over", at=now()).where(Request.id == allocation.request_id)
    if db().scalar(mine) is None:
        raise NotFound(tag=allocation.machine.tag)
    return allocation


def _recipient(found: Request) -> str:
    """Who receives: the family's name for those who may open its file, its code for others. The reading is kept."""
    if found.household is None:
        return found.partner.name
    if not may(me(), "households.read", found.partner, at=now()):
        return _("Foyer %(code)s", code=found.household.code)
    name = read_file(db(), found.household, sealer=sealer(), by=me(), at=now()).name
    db().commit()
    return name or _("Foyer %(code)s", code=found.household.code)


def _stated(given: Allocation, paper: Paper) -> HandOver:
    """What the receipt states: the facts as issued, and who signed."""
    settings: Settings = current_app.extensions["ordi-settings"]
    facts = json.loads(paper.facts)
    machine, found = given.machine, given.request
    giver = given.handed_over_by
    return HandOver(
        number=paper.label,
        organisation=machine.workshop.name,
        public_url=settings.base_url,
        tag=machine.tag,
        description=words.machine_line(machine),
        kind=facts["contract"],
        recipient=_recipient(found),
        giver=f"{giver.name if giver else ''}, {found.partner.name}",
        bag=(words.machine_line(machine), *_things(facts["bag"])),
        missing=_things(facts.get("missing", [])),
        in_place_of=facts.get("in_place_of", ""),
        placed=_placed(facts.get("placed")),
        signed_on_paper=given.signed_on_paper,
        witness=given.witness.name if given.witness else "",
        phone=machine.workshop.phone or settings.phone or _("voir l’étiquette"),
        hours=_("aux heures de l’atelier"),
        promise=_("L’atelier répare ou échange. C’est gratuit."),
        at=paper.issued_at,
        until=date.fromisoformat(facts["ends"]) if facts["ends"] else None,
        event=found.programme.rules.ends_at if facts["ends"] else "",
        warranty=_warranty(facts.get("warranty"), facts["contract"]),
        at_the_end=_at_the_end(found.programme.rules.may_keep) if facts["ends"] else "",
        price_cents=facts["price_cents"],
        accepts_check_ins=facts["accepts_check_ins"],
        recipient_signature=_signature(machine),
        summary=next((one for one in _summaries(given)[:1] if one.lang != "fr"), None),
        demonstration=settings.demonstration,
    )


def _at_the_end(may_keep: bool) -> str:
    return _("Ensuite : le garder ou le rendre.") if may_keep else _("Ensuite : le rendre à l’atelier.")


def _warranty(until: str | None, contract: str) -> str:
    """A paper issued before warranties were written on it says none."""
    if until is None:
        return ""
    day = format_date(date.fromisoformat(until), "d MMMM y")
    if contract == Contract.SALE:
        return _("Garantie légale de conformité jusqu’au %(day)s (Code de la consommation, L. 217-3).", day=day)
    return _("Garanti par l’atelier jusqu’au %(day)s.", day=day)


def _placed(parts: dict[str, str] | None) -> tuple[tuple[str, str], ...]:
    return tuple((str(words.PLACED[name]), said) for name, said in parts.items()) if parts else ()


def _things(codes: list[str]) -> tuple[str, ...]:
    return tuple(str(programme_words.PACK.get(code, code)) for code in codes if code != COMPUTER)


def _languages(given: Allocation) -> list[str]:
    """The language in which consent was given first, then the others: known without opening the family's file."""
    agreed = consent_of(db(), given.request) if given.request.household_id else None
    return list(dict.fromkeys((agreed.language if agreed and agreed.language in LANGUAGES else "fr", *LANGUAGES)))


def _summaries(given: Allocation) -> list[Summary]:
    """The contract in short, the family's language first; each says who answers for its translation."""
    settings: Settings = current_app.extensions["ordi-settings"]
    stated = json.loads(given.paper.facts) if given.paper else {}
    until = date.fromisoformat(stated["ends"]) if stated.get("ends") else None
    phone = given.machine.workshop.phone or settings.phone
    price, may_keep = euros(stated["price_cents"]), given.request.programme.rules.may_keep
    reviews = every_review(db(), Sheet.HAND_OVER)
    return [
        summary(language, stated["contract"], phone, until, price, may_keep=may_keep, reviews=reviews)
        for language in _languages(given)
    ]


def _payment(given: Allocation) -> Paper | None:
    papers = of_subject(db(), f"allocation:{given.id}", PaperKind.PAYMENT_RECEIPT)
    return papers[-1] if papers else None


@blueprint.get("/machines/<tag>/payment.pdf")
@permission("sharing.hand-over")
@writes
def payment_receipt(tag: str) -> Response:
    """The receipt of what was paid, as a sealed PDF."""
    machine = seen(db(), me(), tag, "sharing.hand-over", at=now())
    given = _given(machine)
    paper = _payment(given)
    if paper is None:
        raise NotFound(tag=machine.tag)
    settings: Settings = current_app.extensions["ordi-settings"]
    told = json.loads(paper.facts)
    giver = given.handed_over_by
    paid = Payment(
        number=paper.label,
        organisation=machine.workshop.name,
        payer=_recipient(given.request),
        taker=f"{giver.name if giver else ''}, {given.request.partner.name}",
        cents=told["price_cents"],
        means=str(words.MEANS[told["means"]]),
        tag=machine.tag,
        programme=given.request.programme.name,
        at=paper.issued_at,
        demonstration=settings.demonstration,
    )
    response: Response = current_app.response_class(
        payment_pdf(paid, keyring().pdf_key(now())), mimetype="application/pdf"
    )
    response.headers["Content-Disposition"] = f'inline; filename="{paper.label}.pdf"'
    return response


def _signature(machine: Machine) -> bytes | None:
    """The family's signature, in the chain of custody."""
    return db().scalar(
        select(CustodyTransfer.signature)
        .where(
            CustodyTransfer.machine_id == machine.id,
            CustodyTransfer.holder.in_((Holder.HOUSEHOLD, Holder.PARTNER)),
            CustodyTransfer.signature.is_not(None),  # a machine that changes keeper is not signed for again
        )
        .order_by(CustodyTransfer.id.desc())
        .limit(1)
    )
