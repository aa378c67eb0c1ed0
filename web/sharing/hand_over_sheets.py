"""The paper twin of the hand-over: a sheet to fill in and sign with a pen, for a day without a network or a screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, url_for
from flask_babel import lazy_gettext as _l

from ordi.machines.machine import seen
from ordi.money import euros
from ordi.papers import PARIS
from ordi.sharing.allocation import Allocation
from ordi.sharing.hand_over import contract_end
from ordi.sharing.packs import pack_of
from ordi.sharing.prices import price_of
from ordi.sharing.rules import Contract
from ordi.sharing.warranty import warranty_end
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.sharing import blueprint, programme_words, words
from web.sharing.hand_overs import promise_to
from web.wording.words import Words

SENTENCES: Words = {
    Contract.LOAN: _l("Cet ordinateur m’est prêté. Je le rends, ou je le garde si c’est prévu, à la date écrite ici."),
    Contract.GIFT: _l("Cet ordinateur m’est donné. Il est à moi."),
    Contract.SALE: _l("J’achète cet ordinateur au prix écrit ici. Il est à moi, et garanti."),
}
"""What is signed, in a sentence."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: what is known is printed, the rest is filled in by hand."""

    request: str = ""
    tag: str = ""
    machine: str = ""
    programme: str = ""
    place: str = ""
    begins: datetime | None = None
    contract: str = ""
    ends: str = ""
    warranty: str = ""
    price: str = ""
    things: tuple[str, ...] = ()


def sheet_of(promise: Allocation, begins: datetime | None = None) -> Sheet:
    """The sheet of one promise: codes, no name. The family writes its own."""
    machine, request = promise.machine, promise.request
    day, rules = (begins or now()).astimezone(PARIS).date(), request.programme.rules
    ends, warranty = contract_end(db(), request, day), warranty_end(db(), rules, day)
    price = price_of(db(), request)
    return Sheet(
        request=request.code,
        tag=machine.tag,
        machine=words.machine_line(machine),
        programme=request.programme.name,
        place=request.partner.name,
        begins=begins,
        contract=request.programme.contract,
        ends=f"{ends:%d/%m/%Y}" + (f", {rules.ends_at}" if rules.ends_at else "") if ends else "",
        warranty=f"{warranty:%d/%m/%Y}" if warranty else "",
        price=euros(price) if price else "",
        things=tuple(str(programme_words.PACK.get(code, code)) for code in pack_of(machine, request)),
    )


@blueprint.get("/machines/<tag>/hand-over/sheet")
@permission("sharing.hand-over")
def hand_over_sheet(tag: str) -> str:
    """The sheet of one machine that waits for its family."""
    promise = promise_to(seen(db(), me(), tag, "sharing.hand-over", at=now()))
    back = url_for("sharing.handing_over", tag=promise.machine.tag)
    return printed([sheet_of(promise)], back)


@blueprint.get("/hand-over-sheet")
@permission("sharing.hand-over")
def blank_sheet() -> str:
    """A blank one, to have in the drawer."""
    usual = ("charger", "mouse", "keyboard", "screen", "bag", "leaflet")
    return printed([Sheet(things=tuple(str(programme_words.PACK[code]) for code in usual))], "")


def printed(sheets: list[Sheet], back: str) -> str:
    """The sheets, each on a page of its own."""
    return render_template("sharing/hand_over_sheet.html", sheets=sheets, back=back, sentences=SENTENCES)
