"""Eight clients at once: every report is answered and kept, and one new machine told by all of them is one machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webtest import TestApp
from werkzeug.test import Client

from ordi.database import make_engine, make_sessions
from ordi.keys import KeyRing
from ordi.machines.evidence import Evidence, keep
from ordi.machines.journal import verify
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from ordi.parties.tokens import make_token
from tests.cast import LONG_AGO, Cast, assemble
from tests.evidence.outputs import dmidecode, ereuse, glpi, lshw, lshw_xml
from tests.ground.clock import NOW
from tests.web.test_api import disks, dmi, inventory
from web import create_app, engine_of
from web.settings import Settings

CLIENTS, EACH = 8, 6


def test_eight_clients_at_once_lose_nothing_and_make_one_machine_of_one(fresh_database: str, tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        database_url=fresh_database,
        keys_dir=tmp_path / "keys",
        base_url="http://localhost",
        listen="localhost:80",
        phone="",
    )
    app = create_app(settings, ring=KeyRing.open(tmp_path / "keys", at=NOW - 2 * LONG_AGO))
    app.extensions["ordi-clock"] = lambda: NOW
    engine = make_engine(fresh_database)
    with make_sessions(engine)() as first:
        cast = assemble(first, NOW)
        _, secret = make_token(first, "bench", ["evidence:write"], cast.workshop, by=None, at=NOW, answers=cast.sam)
        first.commit()
    headers = {"Authorization": f"Bearer {secret}"}

    def act(client: int) -> list[int]:
        browser, told = Client(app), []
        same = [
            ("dmidecode", dmidecode()),
            ("lshw", lshw()),
            ("lshw", lshw_xml()),
            ("glpi", glpi()),
            ("ereuse", ereuse("lite")),
        ]
        for turn in range(EACH):
            form, text = same[(client + turn) % len(same)]
            mark = f"\n{' ' * (client * EACH + turn)}"  # each client's file is another: none is a repetition
            told.append(
                browser.post(
                    f"/api/v1/evidence?format={form}", data=(text + mark).encode(), headers=headers
                ).status_code
            )
            own = inventory(dmidecode=dmi(f"OWN{client}", ""), lsblk=disks(f"D{client}"))
            body = json.dumps(own).encode()
            told += [browser.post("/api/v1/evidence", data=body, headers=headers).status_code for _ in range(2)]
        return told

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [code for told in pool.map(act, range(CLIENTS)) for code in told]
    with make_sessions(engine)() as last:
        serials = list(last.scalars(select(Machine.serial)))
        kept = last.scalar(select(func.count(Evidence.id)))
        faults = list(verify(last))
    engine_of(app).dispose()
    engine.dispose()
    assert set(answers) == {200, 201}
    assert answers.count(201) == kept == CLIENTS * EACH * 2
    assert sorted(serials) == sorted({*serials})
    assert len(serials) == 1 + CLIENTS
    assert faults == []


def test_the_list_of_doubts_asks_as_often_for_many_as_for_few(
    session: Session, cast: Cast, app: object, enter: Callable[[Person], TestApp], queries: Callable[[], object]
) -> None:
    def asked(more: int) -> int:
        for number in range(more):
            one = keep(session, f"{more:08d}-0000-4000-8000-{number:012d}", "glpi", b"{", source="person:1", at=NOW)
            one.workshop_id = cast.workshop.id
        session.commit()
        browser = enter(cast.sam)
        browser.get("/bench/doubts")
        with queries() as counted:  # type: ignore[attr-defined]
            browser.get("/bench/doubts")
        return len(counted)

    assert asked(3) == asked(30)
