"""Appointments: a moment for each family, the agenda of a service or a pole, the printed day, a calendar file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from ordi.errors import Invalid, NotFound
from ordi.papers import PARIS
from ordi.parties.access import may
from ordi.parties.households import for_message, note_readings
from ordi.parties.organisations import Organisation
from ordi.sharing import appointments as verbs
from ordi.sharing.allocation import Allocation, NotAllocated, current_for
from ordi.sharing.appointments import appointments_seen_by, places_for, seen_appointment
from ordi.sharing.bookings import Appointment, Booking, open_appointment
from ordi.sharing.desks import Slot, slots
from ordi.sharing.requests import Request, seen_request
from web.clock import now
from web.guards import me, permission
from web.keyring import sealer
from web.session import db, writes
from web.settings import Settings
from web.sharing import blueprint
from web.sharing.calendar_file import calendar
from web.sharing.hand_over_sheets import printed, sheet_of
from web.worker import duty

DAYS_SHOWN = 8
"""Days with free moments on the page."""
AHEAD, BEHIND = timedelta(days=42), timedelta(days=7)


@blueprint.get("/requests/<code>/appointment")
@permission("sharing.book")
def appointment(code: str) -> str:
    """The moments a family can come, place by place."""
    promise = _promise(seen_request(db(), me(), code, "sharing.book", at=now()))
    desks = places_for(db(), promise)
    wished = request.args.get("place", type=int)
    desk = next((one for one in desks if one.organisation_id == wished), desks[0] if desks else None)
    today = now().astimezone(PARIS).date()
    free = slots(db(), desk, today, verbs.SHOWN_DAYS, at=now()) if desk else []
    return render_template(
        "sharing/appointment.html",
        promise=promise,
        current=open_appointment(db(), promise),
        desks=desks,
        desk=desk,
        days=_by_day(free)[:DAYS_SHOWN],
        here=now(),
    )


@blueprint.post("/requests/<code>/appointment")
@permission("sharing.book")
def book(code: str) -> AnyResponse:
    """Give the family a moment, or another than it had."""
    promise = _promise(seen_request(db(), me(), code, "sharing.book", at=now()))
    place_id, _bar, said = request.form.get("slot", "").partition("@")
    place = db().get(Organisation, int(place_id)) if place_id.isascii() and place_id.isdigit() else None
    if place is None:
        raise NotFound()
    verbs.book(db(), promise, place, _instant(said), by=me(), at=now())
    db().commit()
    flash(_("Le rendez-vous est pris. La famille sera prévenue."), "ok")
    return redirect(url_for("sharing.one_request", code=promise.request.code))


@blueprint.post("/appointments/<int:number>/cancel")
@permission("sharing.book")
def cancel_appointment(number: int) -> AnyResponse:
    """Nobody comes then."""
    found = seen_appointment(db(), me(), number, at=now())
    verbs.cancel(db(), found, by=me(), at=now())
    db().commit()
    flash(_("Le rendez-vous est annulé. L’ordinateur reste gardé."), "ok")
    return redirect(url_for("sharing.appointment", code=found.allocation.request.code))


@blueprint.post("/appointments/<int:number>/missed")
@permission("sharing.book")
def missed_appointment(number: int) -> AnyResponse:
    """Nobody came: another moment is proposed."""
    again = verbs.miss(db(), seen_appointment(db(), me(), number, at=now()), by=me(), at=now())
    db().commit()
    if again is None:
        flash(_("C’est noté : à rappeler. Sa place et son ordinateur restent gardés."), "warn")
    else:
        flash(_("C’est noté. Un autre rendez-vous est proposé, sa place reste la même."), "ok")
    return redirect(url_for("sharing.agenda"))


@blueprint.get("/appointments")
@permission("sharing.book")
def agenda() -> str:
    """Who comes, day by day; and who should have come."""
    rows = _between(now() - BEHIND, now() + AHEAD)
    late = [one for one in rows if one.begins <= now() and one.state == Booking.BOOKED]
    coming = [one for one in rows if one.begins > now() and one.state == Booking.BOOKED]
    return render_template("sharing/agenda.html", late=late, days=_days(coming))


@blueprint.get("/appointments/calendar.ics")
@permission("sharing.book")
def calendar_file() -> Response:
    """The same for a calendar: codes and places, nobody's name."""
    settings: Settings = current_app.extensions["ordi-settings"]
    rows = [one for one in _between(now() - BEHIND, now() + AHEAD) if one.state in (Booking.BOOKED, Booking.CANCELLED)]
    answer: Response = current_app.response_class(calendar(rows, settings.host, now()), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="rendez-vous.ics"'
    return answer


@blueprint.get("/appointments/day/<day>")
@permission("sharing.book")
@writes
def day_sheet(day: str) -> str:
    """The printed list of a day, with the names of those whose file the reader may open; each reading is kept."""
    on = _day(day)
    begins = datetime.combine(on, time(), PARIS)
    rows = [one for one in _between(begins, begins + timedelta(days=1)) if one.state in (Booking.BOOKED, Booking.KEPT)]
    names = _names(db(), [one.allocation.request for one in rows])
    db().commit()
    return render_template("sharing/day_sheet.html", day=on, places=_places(rows), names=names)


@blueprint.get("/appointments/day/<day>/sheets")
@permission("sharing.book")
def hand_over_sheets(day: str) -> str:
    """A sheet to sign for each appointment of a day, for who goes where there is no network."""
    on = _day(day)
    begins = datetime.combine(on, time(), PARIS)
    rows = [one for one in _between(begins, begins + timedelta(days=1)) if one.state == Booking.BOOKED]
    sheets = [sheet_of(one.allocation, one.begins) for one in rows if one.allocation.standing]
    return printed(sheets, url_for("sharing.day_sheet", day=on.isoformat()))


@duty("reminders")
def send_reminders(session: Session, _settings: Settings, at: datetime) -> int:
    """Remind who comes soon."""
    return verbs.remind(session, at=at)


def _promise(found: Request) -> Allocation:
    promise = current_for(db(), found)
    if promise is None or not promise.standing or promise.handed_over_at is not None:
        raise NotAllocated(request=found.code)
    return promise


def _between(first: datetime, last: datetime) -> list[Appointment]:
    query = appointments_seen_by(me(), at=now()).where(Appointment.begins.between(first, last))
    return list(db().scalars(query.order_by(Appointment.begins, Appointment.id)))


def _names(session: Session, requests: Sequence[Request]) -> dict[int, str]:
    """Who comes, by request: an association's name, a family's where its file may be opened, else its code."""
    open_ones = [r for r in requests if r.household is not None and may(me(), "households.read", r.partner, at=now())]
    files = [one.household for one in open_ones if one.household is not None]
    note_readings(session, files, by=me(), at=now())
    names = {one.id: one.partner.name for one in requests if one.household is None}
    return names | {one.id: for_message(one.household, sealer=sealer()).name for one in open_ones if one.household}


def _by_day(free: Sequence[Slot]) -> list[tuple[date, list[Slot]]]:
    return [(day, list(some)) for day, some in groupby(free, key=lambda one: one.begins.astimezone(PARIS).date())]


def _days(rows: Sequence[Appointment]) -> list[tuple[date, list[Appointment]]]:
    return [(day, list(some)) for day, some in groupby(rows, key=lambda one: one.begins.astimezone(PARIS).date())]


def _places(rows: Sequence[Appointment]) -> list[tuple[Organisation, list[Appointment]]]:
    ordered = sorted(rows, key=lambda one: (one.place.name, one.place_id, one.begins, one.id))
    return [(some[0].place, some) for some in (list(one) for _k, one in groupby(ordered, key=lambda one: one.place_id))]


def _instant(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(field="slot", why="missing") from None
    if read.tzinfo is None:
        raise Invalid(field="slot", why="missing")
    return read.astimezone(UTC)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound() from None
