"""On a machine's page: how it is, why, and how that went for ninety days."""

from __future__ import annotations

import json
from datetime import timedelta

from flask import render_template
from flask_babel import format_date

from ordi.fleet.alerts import open_alerts
from ordi.fleet.check_ins import CheckIn, contact, last_check_in, news_since
from ordi.fleet.enrolment import current_enrolment
from ordi.machines.health import SOURCE
from ordi.machines.machine import Machine
from web.clock import now
from web.fleet import words
from web.machines.panels import panel
from web.session import db

SHOWN = timedelta(days=90)
MOST_POINTS = 45

Series = list[tuple[str, list[tuple[int, int]], str]]


@panel(order=40, permission="fleet.see")
def health(machine: Machine) -> str | None:
    """The health panel; nothing for a machine that never enrolled."""
    enrolment = current_enrolment(db(), machine)
    if enrolment is None:
        return None
    last = last_check_in(db(), machine) if enrolment.last_seen_at else None
    news = news_since(db(), machine, now() - SHOWN)
    return render_template(
        "fleet/panel.html",
        words=words,
        machine=machine,
        enrolment=enrolment,
        contact=contact(enrolment, now()),
        last=last,
        reasons=json.loads(last.reasons) if last else [],
        alerts=open_alerts(db(), machine),
        series=_series(news),
        rows=_table(news),
        starts=format_date(news[0].recorded_at, "d MMM") if news else "",
        ends=format_date(news[-1].recorded_at, "d MMM") if news else "",
        source=SOURCE,
    )


def _series(news: list[CheckIn]) -> Series:
    """Disk space used and battery capacity left, by day."""
    used: list[tuple[int, int]] = []
    left: list[tuple[int, int]] = []
    for one in _thinned(news):
        when = int(one.recorded_at.timestamp() // 86400)
        told = one.readings
        if "disk_percent" in told:
            used.append((when, told["disk_percent"]))
        if (capacity := _capacity(told.get("battery", {}))) is not None:
            left.append((when, capacity))
    both = [(str(words.USED), used, "now"), (str(words.CAPACITY), left, "give")]
    return [one for one in both if len(one[1]) > 1]


def _table(news: list[CheckIn]) -> list[tuple[str, str, str]]:
    told = []
    for one in _thinned(news)[::-1]:
        capacity = _capacity(one.readings.get("battery", {}))
        used = one.readings.get("disk_percent")
        told.append((format_date(one.recorded_at, "d MMM"), _percent(used), _percent(capacity)))
    return told


def _thinned(news: list[CheckIn]) -> list[CheckIn]:
    """At most as many points as a screen shows, the last always among them."""
    step = max(1, -(-len(news) // MOST_POINTS))
    return news[::-1][::step][::-1]


def _capacity(battery: dict[str, int]) -> int | None:
    full, design = battery.get("full", 0), battery.get("full_design", 0)
    return min(100, round(100 * full / design)) if full > 0 and design > 0 else None


def _percent(value: int | None) -> str:
    return "–" if value is None else f"{value}\u00a0%"
