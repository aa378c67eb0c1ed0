"""French first, English complete: which language this reader gets, and what every template knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask, current_app, request
from flask import session as cookie
from flask_babel import format_date, format_datetime, format_decimal, get_locale

from ordi.parties.people import Person
from web import typography
from web.clock import now
from web.guards import i_may, someone
from web.rooms import rooms_of
from web.settings import Settings
from web.sign_in import devices
from web.wording import wording
from web.wording.sizes import duration, memory, size

LANGUAGES = ("fr", "en")
TIMEZONE = "Europe/Paris"


@dataclass(frozen=True)
class Reader:
    """The person signed in, as the bars of a page name them."""

    person: Person
    name: str
    place: str


def install(app: Flask) -> None:
    """Words, dates and the bars' data, in every template."""
    typography.Tongues(app, locale_selector=chosen, default_locale="fr", default_timezone=TIMEZONE)
    app.jinja_env.globals["wording"] = wording
    app.jinja_env.globals["i_may"] = i_may
    app.jinja_env.filters.update(
        day=day,
        day_said=day_said,
        moment=moment,
        hour=hour,
        size=size,
        memory=memory,
        duration=duration,
        grouped=format_decimal,
    )
    app.context_processor(_known)


def chosen() -> str:
    """The person's language, else what they chose on this browser, else what the browser asks for."""
    kept = cookie.get("language")
    if kept in LANGUAGES:
        return str(kept)
    person = someone()
    if person is not None and person.language in LANGUAGES:
        return person.language
    return request.accept_languages.best_match(LANGUAGES) or "fr"


def day(value: date) -> str:
    """`19 novembre 2026`, which never breaks after its day."""
    return str(format_date(value, "d MMMM y")).replace(" ", typography.NO_BREAK, 1)


def day_said(text: str) -> str:
    """The same, of an instant as a signed paper writes it (ISO 8601)."""
    return day(datetime.fromisoformat(text))


def moment(value: datetime) -> str:
    """`19 novembre 2026, 9 h 50`, which breaks before the hour if it must."""
    return f"{day(value)}, {_hour(value)}"


def hour(value: datetime) -> str:
    """`9 h 50` of today, `19 nov.` of any other day."""
    same = str(format_date(value, "yMMdd")) == str(format_date(now(), "yMMdd"))
    return _hour(value) if same else str(format_date(value, "d MMM")).replace(" ", typography.NO_BREAK)


def _hour(value: datetime) -> str:
    told = format_datetime(value, "H 'h' mm" if str(get_locale()) == "fr" else "HH:mm")
    return str(told).replace(" ", typography.NO_BREAK)


def _known() -> dict[str, Any]:
    settings: Settings = current_app.extensions["ordi-settings"]
    person = someone()
    return {
        "lang": str(get_locale() or "fr"),
        "dir": "ltr",
        "me": _reader(person) if person else None,
        "locks": int(devices.IDLE.total_seconds()) if person and devices.device_here() else 0,
        "nav": rooms_of(person) if person else [],
        "demonstration": settings.demonstration,
    }


def _reader(person: Person) -> Reader:
    held = next(person.current(now()), None)
    return Reader(person, person.name, held.organisation.name if held else "")
