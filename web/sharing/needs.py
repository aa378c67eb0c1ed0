"""What is asked for, without who asks: so that the bench prepares the right machines."""

from __future__ import annotations

from collections import Counter

from flask import render_template

from ordi.parties.access import grounds
from ordi.parties.organisations import pole_of
from ordi.sharing.needs import NeedCode
from ordi.sharing.waiting import in_order, ready_machines, waiting_requests
from web.bench import words as bench
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.sharing import blueprint

SHOWN = 60


@blueprint.get("/needs")
@permission("requests.needs")
def needs() -> str:
    """The needs of my pole: a count of each, then request by request."""
    poles = {pole.id: pole for pole in (pole_of(held.organisation) for held in grounds(me(), "requests.needs", now()))}
    waiting = [one.request for pole in poles.values() for one in in_order(waiting_requests(db(), pole), now())]
    counted = Counter(code for one in waiting for code in one.need_codes)
    return render_template(
        "sharing/needs.html",
        waiting=waiting[:SHOWN],
        total=len(waiting),
        images=sorted(
            Counter(one.software for one in waiting if one.software).items(), key=lambda pair: (-pair[1], pair[0])
        ),
        bench=bench,
        counted=sorted(((NeedCode(code), n) for code, n in counted.items()), key=lambda pair: -pair[1]),
        ready=sum(len(ready_machines(db(), pole)) for pole in poles.values()),
        days={one.id: (now() - one.filed_at).days for one in waiting},
    )
