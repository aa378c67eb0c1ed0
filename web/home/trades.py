"""What waits, trade by trade. One query each, whatever there is to count."""

from __future__ import annotations

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from ordi.fleet.alerts import Alert
from ordi.fleet.help_requests import HelpRequest
from ordi.giving.offers import Answer, Offer, offers_seen_by
from ordi.machines.lifecycle import State
from ordi.machines.lots import Lot
from ordi.machines.machine import Machine, machines_seen_by
from ordi.parties.access import grounds
from ordi.parties.people import Person
from ordi.sharing.requests import Request, RequestState, requests_seen_by
from web.clock import now
from web.home.waiting import Task, waits
from web.session import db


@waits("bench.work")
def at_the_bench(person: Person) -> list[Task]:
    """Machines by the next thing to do to them."""
    mine = machines_seen_by(person, "bench.work", at=now()).where(Machine.merged_into_id.is_(None)).subquery()
    rows = db().execute(
        select(mine.c.state, mine.c.triage, mine.c.held_for, func.count()).group_by(
            mine.c.state, mine.c.triage, mine.c.held_for
        )
    )
    counts: dict[str, int] = {}
    for state, triage, held, count in rows:
        name = "held" if held else "triage" if state == State.RECEIVED and triage == "" else str(state)
        counts[name] = counts.get(name, 0) + count
    found = []
    for name, tone, icon, title in (
        (State.COLLECTED, "give", "received", _("À recevoir")),
        ("triage", "bench", "sort", _("À trier")),
        (State.RECEIVED, "bench", "wipe", _("À effacer")),
        (State.SANITISED, "bench", "reinstall", _("À réinstaller")),
        (State.REINSTALLED, "bench", "shelf", _("À tester et mettre en stock")),
        ("held", "wait", "pause", _("Mis de côté")),
    ):
        if counts.get(name):
            found.append(Task(tone, icon, title, _computers(counts[name]), _queue(name)))
    return found


@waits("giving.decide")
def offers(person: Person) -> list[Task]:
    """Offers that nobody has answered."""
    count = _count(offers_seen_by(person, at=now()).where(Offer.answer == Answer.WAITING))
    text = ngettext("un donateur attend votre réponse", "%(num)s donateurs attendent votre réponse", count)
    return [Task("now", "gift", _("Dons à décider"), text, _room("giving.index"))] if count else []


@waits("giving.collect")
def rounds(person: Person) -> list[Task]:
    """Lots I drive for that are not collected yet."""
    mine = select(Lot).where(Lot.driver_id == person.id, Lot.collected_at.is_(None))
    query = mine.options(joinedload(Lot.donor)).order_by(Lot.id)
    return [
        Task("now", "truck", _("Collecter %(code)s", code=lot.code), lot.donor.name, _round(lot))
        for lot in db().scalars(query.limit(8))
    ]


@waits("sharing.allocate")
def requests(person: Person) -> list[Task]:
    """Requests that wait, beside machines that are ready."""
    waiting = _count(requests_seen_by(person, "requests.see", at=now()).where(Request.state == RequestState.WAITING))
    ready = _count(
        machines_seen_by(person, "sharing.allocate", at=now()).where(
            Machine.state == State.READY, Machine.held_for == ""
        )
    )
    found = []
    if waiting:
        text = ngettext("une famille attend", "%(num)s familles attendent", waiting)
        found.append(Task("share", "household", _("Demandes en attente"), text, _room("sharing.allocations")))
    if ready:
        url = url_for("machines.index", group="ready")
        found.append(Task("bench", "ready", _("Prêts à attribuer"), _computers(ready), url))
    return found


@waits("sharing.hand-over")
def to_hand_over(person: Person) -> list[Task]:
    """Machines promised to someone and not handed over yet. Who reads no request begins with the computer's label."""
    count = _count(machines_seen_by(person, "sharing.hand-over", at=now()).where(Machine.state == State.ALLOCATED))
    url = _room("sharing.index" if grounds(person, "requests.see", now()) else "machines.scan")
    return [Task("now", "sign", _("À remettre"), _computers(count), url)] if count else []


@waits("requests.write")
def my_requests(person: Person) -> list[Task]:
    """Requests filed and waiting for a machine."""
    count = _count(requests_seen_by(person, "requests.see", at=now()).where(Request.state == RequestState.WAITING))
    text = ngettext("une demande attend un ordinateur", "%(num)s demandes attendent un ordinateur", count)
    return [Task("wait", "hourglass", _("Mes demandes"), text, _room("sharing.index"))] if count else []


@waits("fleet.help")
def help_asked(person: Person) -> list[Task]:
    """Families who asked for help and whom nobody has called yet."""
    mine = machines_seen_by(person, "fleet.help", at=now()).with_only_columns(Machine.id)
    query = select(func.count(HelpRequest.id)).where(HelpRequest.taken_at.is_(None), HelpRequest.closed_at.is_(None))
    count = db().scalar(query.where(HelpRequest.machine_id.in_(mine))) or 0
    text = ngettext("une famille attend un appel", "%(num)s familles attendent un appel", count)
    return [Task("warn", "help", _("Demandes d’aide"), text, _room("fleet.tickets", "fleet.index"))] if count else []


@waits("fleet.see")
def alerts(person: Person) -> list[Task]:
    """Machines in use that something was noticed about."""
    mine = machines_seen_by(person, "fleet.see", at=now()).with_only_columns(Machine.id)
    count = db().scalar(select(func.count(Alert.id)).where(Alert.closed_at.is_(None), Alert.machine_id.in_(mine))) or 0
    return [Task("warn", "health", _("Santé à regarder"), _computers(count), _room("fleet.index"))] if count else []


@waits("giving.offer")
def my_gifts(person: Person) -> list[Task]:
    """A donor's own offers under way."""
    count = _count(
        offers_seen_by(person, at=now()).where(Offer.answer == Answer.WAITING, Offer.made_by_id == person.id)
    )
    text = ngettext("un don attend la réponse du pôle", "%(num)s dons attendent la réponse du pôle", count)
    return [Task("wait", "gift", _("Vos dons"), text, _room("giving.index"))] if count else []


def _count(query: Select[*tuple[object]]) -> int:
    return db().scalar(select(func.count()).select_from(query.subquery())) or 0


def _computers(count: int) -> str:
    return ngettext("un ordinateur", "%(num)s ordinateurs", count)


def _room(*endpoints: str) -> str:
    """The first of these pages that this installation has."""
    return next((url_for(one) for one in endpoints if one in current_app.view_functions), url_for("home.index"))


def _queue(name: str) -> str:
    """The list of those machines at the bench."""
    if "bench.index" not in current_app.view_functions:
        return _room("machines.index")
    if name == "held":
        return url_for("bench.index", held=1)
    return url_for("bench.index", state=State.RECEIVED if name == "triage" else name)


def _round(lot: Lot) -> str:
    if "giving.the_round" in current_app.view_functions:
        return url_for("giving.the_round", code=lot.code)
    return url_for("home.index")
