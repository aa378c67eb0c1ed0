"""The coordinator's morning: 1,000 machines ready, 5,000 requests waiting, all dealt and explained.

The rows are copied straight into the tables, without a past: what is measured reads, ranks, matches and explains them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from benchmarks.figures import Pair, figure
from ordi import legal_rules
from ordi.database import Base, make_engine
from ordi.machines.checks import BenchCheck, Check, Result
from ordi.machines.lifecycle import State
from ordi.machines.machine import Form, Machine
from ordi.parties.households import Household
from ordi.sharing.needs import COMFORTS, GIB, USES
from ordi.sharing.proposals import proposals
from ordi.sharing.requests import Attestation, Request, RequestState
from ordi.sharing.shipped import ship
from ordi.tags import new_tag
from tests.cast import Cast, assemble
from tests.ground.clock import NOW
from tests.ground.databases import know_every_table

MACHINES, REQUESTS = 1_000, 5_000
SHOWN = 40
"""Requests of one page: those that say why not the next machine."""


@figure("matching: 1,000 machines, 5,000 requests", floor="the same rows read once", limit=2.0)
def morning() -> Iterator[Pair]:
    """Every waiting request ranked, as many as possible served, and the first page explained."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'ordi.db'}")
        know_every_table()
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            cast = assemble(session, NOW)
            _fill(session, cast, Random(5))
            session.commit()
            pole_id, seen = cast.pole.id, type(cast.pole)

        def ours() -> None:
            with Session(engine) as session:
                found = proposals(session, session.get_one(seen, pole_id), at=NOW, told=SHOWN)
            served = sum(one.best is not None for one in found)
            assert (len(found), served > MACHINES * 0.9) == (REQUESTS, True), served

        def read() -> None:
            with Session(engine) as session:
                for table in (Request, Machine, Attestation):
                    assert session.scalars(select(table)).all()
                assert session.execute(select(BenchCheck.machine_id, BenchCheck.name, BenchCheck.result)).all()

        yield Pair(ours, read)
        engine.dispose()


def _fill(session: Session, cast: Cast, random: Random) -> None:
    legal_rules.ship(session)
    programmes = [one for one in ship(session, cast.pole, at=cast.at) if one.code != "associations"]
    session.flush()
    workshops = (cast.workshop.id, cast.second_workshop.id)
    forms = (Form.LAPTOP, Form.LAPTOP, Form.DESKTOP, Form.ALL_IN_ONE)
    machines = [
        {
            "id": n + 1,
            "tag": new_tag(),
            "state": State.READY,
            "state_since": NOW - timedelta(hours=random.randint(1, 2_000)),
            "version": 1,
            "workshop_id": random.choice(workshops),
            "donor_id": random.choice((cast.donor.id, cast.other_donor.id)),
            "form": random.choice(forms),
            "serial": uuid4().hex[:10],
            "memory_bytes": random.choice((4, 8, 8, 8, 16)) * GIB,
            "grade": random.choice("ABBC"),
            "profile": random.choice(("bureau", "ecole")),
        }
        for n in range(MACHINES)
    ]
    session.execute(insert(Machine), machines)
    results = [Result.GOOD] * 8 + [Result.WORN, Result.ABSENT]
    said = {"stay": 1, "by_id": cast.sam.id, "at": NOW}
    checks = [
        {"machine_id": n + 1, "name": check, "result": random.choice(results), **said}
        for n in range(MACHINES)
        for check in (Check.CAMERA, Check.SOUND, Check.BATTERY)
    ]
    session.execute(insert(BenchCheck), checks)
    homes = [
        {"id": n + 1, "uid": uuid4().hex, "code": f"F-{n:06d}", "partner_id": cast.partner.id}
        | {"created_at": NOW, "last_contact_at": NOW}
        for n in range(REQUESTS)
    ]
    session.execute(insert(Household), homes)
    asked, verified = [], []
    for n in range(REQUESTS):
        programme = random.choice(programmes)
        needs = (random.choice(USES), *random.sample(COMFORTS, random.randint(0, 2)))
        asked.append(
            {
                "id": n + 1,
                "code": f"D-2026-{n:04d}",
                "programme_id": programme.id,
                "partner_id": cast.partner.id,
                "household_id": n + 1,
                "needs": " ".join(needs),
                "state": RequestState.WAITING,
                "filed_by_id": cast.ines.id,
                "filed_at": NOW - timedelta(hours=random.randint(1, 2_400)),
                "version": 1,
            }
        )
        weighed = [one for one in programme.weights if one not in programme.required and random.random() < 0.5]
        verified += [
            {"request_id": n + 1, "criterion": one, "by_id": cast.ines.id, "at": NOW}
            for one in (*programme.required, *weighed)
        ]
    session.execute(insert(Request), asked)
    session.execute(insert(Attestation), verified)
