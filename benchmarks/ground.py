"""A town of ten thousand computers, each with a possible past, on either engine; made once a run, thrown away after.

One machine of every state is walked through the real verbs. Its rows are then copied, each copy with its own tag,
serial, drives and hours, and a history hashed anew, so that `journal.verify` finds nothing to say. The guards refuse
late births: here alone, for as long as the copying takes, they are put away.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any
from typing import cast as cast_to
from uuid import UUID

from flask import Flask, render_template_string, request
from sqlalchemy import Column, Connection, Engine, Integer, LargeBinary, MetaData, Table, func, insert, select, text
from sqlalchemy.orm import Session
from werkzeug.test import Client

from benchmarks.figures import Pair, figure
from ordi.canonical import canonical
from ordi.database import Base, make_engine
from ordi.keys import KeyRing
from ordi.machines import triggers
from ordi.machines.journal import Event, hash_of, record
from ordi.machines.lifecycle import Action, Note, State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from ordi.tags import new_tag
from tests.cast import LONG_AGO, Cast, assemble
from tests.factories import a_machine
from tests.fleet.news import enrolled, news, tell
from tests.ground.clock import NOW
from tests.ground.databases import know_every_table, make_schema
from tests.ground.postgres import cluster_in
from tests.ground.tiers import missing
from web import create_app, engine_of
from web.guards import permission
from web.session import db
from web.settings import Settings
from web.sign_in import sessions

MACHINES = int(os.environ.get("ORDI_BENCH_MACHINES", "10000"))
LONG_LIFE = 200
"""Events of the machine with the longest life."""

SHARES = {
    State.HANDED_OVER: 58,
    State.RECYCLED: 12,
    State.PROMISED: 6,
    State.COLLECTED: 2,
    State.RECEIVED: 5,
    State.SANITISED: 2,
    State.REINSTALLED: 2,
    State.READY: 4,
    State.ALLOCATED: 3,
    State.DISMANTLED: 2,
    State.CANCELLED: 2,
    State.REFUSED: 1,
    State.LOST: 1,
}
"""How many of a hundred machines stand where, in a network a few years old."""

MODELS = (
    ("Dell", "Latitude 5490"),
    ("Dell", "OptiPlex 7050"),
    ("HP", "EliteBook 840 G5"),
    ("HP", "ProDesk 600 G3"),
    ("Lenovo", "ThinkPad T470"),
    ("Lenovo", "ThinkCentre M710q"),
    ("Fujitsu", "LIFEBOOK E558"),
    ("Acer", "Veriton N4640G"),
    ("Apple", "MacBook Air 2015"),
    ("Toshiba", "Portégé Z30-C"),
)
KINDS = ("sqlite", "postgresql")

SCRATCH = Table("bench_floor", MetaData(), Column("id", Integer, primary_key=True), Column("body", LargeBinary))

Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Town:
    """The database and the face on it."""

    kind: str
    engine: Engine
    app: Flask
    cast: Cast
    long_life: str
    """The tag of the machine with the longest life."""

    def browser(self, person: Person) -> Client:
        """Somebody's browser, signed in: each request goes through the whole application."""
        with Session(self.engine) as session:
            token = sessions.begin(session, session.get_one(Person, person.id), at=NOW)
            session.commit()
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        client = Client(self.app)
        client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], serializer.dumps({"token": token}))
        return client

    def some(self, state: State, count: int = 1, skip: int = 40) -> list[Machine]:
        """Machines in a state, from among the middle ones."""
        with Session(self.engine, expire_on_commit=False) as session:
            query = select(Machine).where(Machine.state == state).order_by(Machine.id)
            return list(session.scalars(query.offset(min(skip, MACHINES // 200)).limit(count)))


def on_both(name: str, **more: Any) -> Callable[[Callable[[Town], Iterator[Pair]]], Callable[[Town], Iterator[Pair]]]:
    """Declare a figure twice: on SQLite, and on PostgreSQL where there is a server program."""

    def declare(prepare: Callable[[Town], Iterator[Pair]]) -> Callable[[Town], Iterator[Pair]]:
        for kind in KINDS:

            def prepared(kind: str = kind) -> Iterator[Pair]:
                yield from prepare(town(kind))

            lacking = (lambda: missing("postgresql")) if kind == "postgresql" else (lambda: None)
            figure(f"{name}, {kind}", impossible=lacking, **more)(prepared)
        return prepare

    return declare


@cache
def town(kind: str) -> Town:
    """The town on this engine."""
    folder = _folder()
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'town.db'}"
        shutil.copyfile(_pristine(), folder / "town.db")
        engine = make_engine(url)
    else:
        url = cluster_in(folder, os.getpid()).create("town")
        make_schema(url)
        engine = make_engine(url)
        source = make_engine(f"sqlite:///{_pristine()}")
        _pour(source, engine)
        source.dispose()
    settings = Settings(folder, url, folder / "keys", base_url="http://localhost", listen="localhost:80")
    app = create_app(settings, ring=KeyRing.open(folder / "keys", at=NOW - 2 * LONG_AGO))
    app.extensions["ordi-clock"] = lambda: NOW
    app.add_url_rule("/empty", view_func=_empty)
    app.add_url_rule("/api/floor", view_func=_stored, methods=["POST"])
    app.extensions["csrf"].exempt(_stored)
    SCRATCH.create(engine)
    engine.dispose()
    with Session(engine_of(app), expire_on_commit=False) as session:
        longest = session.scalars(select(Machine.tag).order_by(Machine.head_seq.desc()).limit(1)).one()
        return Town(kind, engine_of(app), app, _cast(session), longest)


@permission("signed-in")
def _empty() -> str:
    """The floor of every page: its frame, and nothing in it."""
    return render_template_string("{% extends 'base.html' %}")


@permission("machine")
def _stored() -> str:
    """The floor of every door for machines: its body kept in one row."""
    db().execute(insert(SCRATCH).values(body=request.get_data()))
    db().commit()
    return ""


@cache
def _pristine() -> Path:
    """The town before anything happens in it, from which each engine has its own."""
    file = _folder() / "pristine.db"
    know_every_table()
    make_schema(f"sqlite:///{file}")
    engine = make_engine(f"sqlite:///{file}")
    _people_it(engine)
    engine.dispose()  # the last connection folds the write-ahead log into the file
    return file


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ordi-bench-", dir="/tmp"))  # the path of a socket must be short
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _cast(session: Session) -> Cast:
    """The people by the names `assemble` gives them."""
    from ordi.parties.organisations import Organisation
    from tests.cast import PARTS

    people = {one.name: one for one in session.scalars(select(Person))}
    named = {key: people[name] for key, (name, _) in PARTS.items()}
    places = list(session.scalars(select(Organisation).order_by(Organisation.id)))
    keys = ("network", "pole", "workshop", "second_workshop", "donor", "partner", "funder")
    others = ("other_pole", "other_workshop", "other_donor", "other_partner")
    return Cast(**dict(zip((*keys, *others), places, strict=True)), **named, at=NOW - LONG_AGO)


def _people_it(engine: Engine) -> None:
    random = Random(1)
    with Session(engine, expire_on_commit=False) as session:
        cast = assemble(session, NOW)
        samples = {state: [_sample(session, cast, state, drives) for drives in (1, 2)] for state in SHARES}
        _long_life(session, cast)
        session.commit()
    with engine.begin() as connection, _unguarded(connection):
        copier = _Copier(connection, random)
        for state, share in SHARES.items():
            for turn in range(MACHINES * share // 100):
                copier.copy(samples[state][turn % 5 == 0])
        random.shuffle(copier.order)
        copier.write()


def _sample(session: Session, cast: Cast, state: State, drives: int) -> int:
    """One machine with a possible past; those out with a family give news."""
    machine = a_machine(session, cast, state, drives=drives)
    machine.describe()
    if state == State.HANDED_OVER:
        voice = enrolled(session, cast, machine)
        for days in range(3):
            tell(session, voice, news(session, machine), at=NOW - timedelta(days=3 - days))
    return machine.id


def _long_life(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.READY)
    machine.partner = cast.partner
    while machine.head_seq < LONG_LIFE:
        record(session, machine, Action.ALLOCATE, by=cast.ada, at=NOW)
        record(session, machine, Action.RELEASE, by=cast.ada, at=NOW)
        record(session, machine, Note.CLEANED, by=cast.sam, at=NOW)
        record(session, machine, Note.SHELVED, by=cast.sam, at=NOW, was="A1", shelf="A2")


@contextmanager
def _unguarded(connection: Connection) -> Iterator[None]:
    triggers.drop(connection)
    yield
    triggers.install(connection)


class _Copier:
    """Copies machines row by row: what is unique is drawn anew, what points at the machine follows it."""

    def __init__(self, connection: Connection, random: Random) -> None:
        self.connection, self.random = connection, random
        self.tables = Base.metadata.tables
        self.next = {name: (connection.scalar(select(func.max(t.c.id))) or 0) + 1 for name, t in self._with_ids()}
        self.known: dict[int, Rows] = {}
        self.order: list[tuple[int, str, timedelta]] = []

    def _with_ids(self) -> list[tuple[str, Table]]:
        return [(name, table) for name, table in self.tables.items() if "id" in table.c]

    def copy(self, machine_id: int) -> None:
        """One more machine like this one, later written in any order."""
        back = timedelta(minutes=self.random.randrange(60 * 24 * 700))
        self.order.append((machine_id, new_tag(self.random), back))

    def write(self) -> None:
        """Write all copies, table after table."""
        made: Rows = defaultdict(list)
        for machine_id, tag, back in self.order:
            for name, rows in self._copied(machine_id, tag, back).items():
                made[name] += rows
        for table in Base.metadata.sorted_tables:
            if made[table.name]:
                self.connection.execute(insert(table), made[table.name])

    def _copied(self, machine_id: int, tag: str, back: timedelta) -> Rows:
        found = self.known.get(machine_id) or self._read(machine_id)
        machine, drives, evidence, voices = self._id("machines"), {}, {}, {}
        copied: Rows = defaultdict(list)
        for name, rows in found.items():
            for row in rows:
                new = {key: value - back if isinstance(value, datetime) else value for key, value in row.items()}
                copied[name].append(new)
                new["id"] = machine if name == "machines" else self._id(name)
                for kept, of in ((drives, "drives"), (evidence, "evidence"), (voices, "enrolments")):
                    if name == of:
                        kept[row["id"]] = new["id"]
                for unique in ("uuid", "job_uuid"):
                    if new.get(unique):
                        new[unique] = str(UUID(int=self.random.getrandbits(128)))
        for name, rows in copied.items():
            for new in rows:
                for key, meant in (("drive_id", drives), ("evidence_id", evidence), ("enrolment_id", voices)):
                    if key in new:
                        new[key] = meant[new[key]]
                if "machine_id" in new:
                    new["machine_id"] = machine
                if name == "drives":
                    new["serial"] = self._serial(12)
                if name == "enrolments":
                    new |= {"token_hash": self._hex(), "keyid": self._hex()[:43]}
        self._describe(copied["machines"][0], tag)
        self._rewrite(copied["machines"][0], copied["events"], drives)
        return copied

    def _describe(self, machine: dict[str, Any], tag: str) -> None:
        maker, model = self.random.choice(MODELS)
        serial = self._serial(10)
        machine |= {"tag": tag, "manufacturer": maker, "model": model, "serial": serial, "system_uuid": None}
        machine["found_by"] = f"{maker} {model} {serial}".casefold()
        if machine["shelf"]:
            machine["shelf"] = f"{self.random.choice('ABCDEF')}{self.random.randrange(1, 9)}"

    def _rewrite(self, machine: dict[str, Any], events: list[dict[str, Any]], drives: dict[int, int]) -> None:
        """The history of a copy, told of its own drives and hashed anew."""
        previous = ""
        for event in events:
            if '"drive"' in event["facts"]:
                facts = json.loads(event["facts"])
                event["facts"] = canonical(facts | {"drive": drives[facts["drive"]]})
            event["prev_hash"] = previous
            event["hash"] = previous = hash_of(cast_to(Event, SimpleNamespace(**event)), machine["tag"])
        machine["head_hash"] = previous

    def _read(self, machine_id: int) -> Rows:
        """Everything that belongs to one machine, by table."""
        found: Rows = {"machines": self._rows("machines", id=machine_id)}
        for name in ("evidence", "sightings", "sanitisations", "bench_checks", "custody_transfers", "events"):
            found[name] = self._rows(name, machine_id=machine_id)
        for name in ("enrolments", "check_ins"):
            found[name] = self._rows(name, machine_id=machine_id)
        found["drives"] = [
            row for sighting in found["sightings"] for row in self._rows("drives", id=sighting["drive_id"])
        ]
        self.known[machine_id] = found
        return found

    def _rows(self, name: str, **where: int) -> list[dict[str, Any]]:
        query = select(self.tables[name]).filter_by(**where).order_by(self.tables[name].c.id)
        return [dict(row) for row in self.connection.execute(query).mappings()]

    def _id(self, name: str) -> int:
        self.next[name] += 1
        return self.next[name] - 1

    def _serial(self, length: int) -> str:
        return "".join(self.random.choices("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=length))

    def _hex(self) -> str:
        return f"{self.random.getrandbits(256):064x}"


def _pour(source: Engine, target: Engine) -> None:
    """The same rows in the other engine, table after table."""
    with source.connect() as rows, target.begin() as connection, _unguarded(connection):
        for table in Base.metadata.sorted_tables:
            some = rows.execute(select(table).order_by(*table.primary_key)).mappings()
            for part in some.partitions(5000):
                connection.execute(insert(table), [dict(row) for row in part])
            if "id" in table.c:
                sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
                connection.execute(text(f"SELECT setval({sequence}, (SELECT coalesce(max(id), 1) FROM {table.name}))"))
    with target.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))  # what the server does by itself before long
