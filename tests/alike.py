"""Many machines with one possible past: the first walks the verbs (`tests.factories`), its rows are copied in bulk.

Each copy has its own drives, proofs and history, hashed for its own tag. The past is moved line after line, so that the
database's guards judge every copy at every step as they judged the first; the gate judges it again when it is given.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from ordi.canonical import canonical
from ordi.database import Base
from ordi.machines.drive import Standing
from ordi.machines.journal import Event, hash_of, history
from ordi.machines.machine import Machine
from ordi.tags import new_tag

Row = dict[str, Any]
Numbers = dict[int, int]
"""Which row of a copy stands for which of the first's."""

_TABLES = Base.metadata.tables
_PAST = {"events", "evidence", "sightings", "sanitisations", "bench_checks", "custody_transfers"}
"""What the past of `tests.factories` leaves beside the machine and its drives."""


def alike(session: Session, first: Machine, count: int) -> list[str]:
    """The tags of `count` more machines that are what `first` is now, by the same past. Nothing that knows it is left out."""
    session.flush()
    assert _known_to(session, first) == _PAST
    past = history(session, first)
    tags = [new_tag() for _ in range(count)]
    whole = _rows(session, "machines", "id", first.id)
    born = {"state": past[0].to_state, "state_since": past[0].recorded_at, "head_seq": 0, "head_hash": ""}
    machines = _copies(session, "machines", whole, count, lambda n, _row: {"tag": tags[n], "serial": _serial(), **born})
    drives = _bring(session, first, [one[first.id] for one in machines])
    _live(session, past, tags, [one[first.id] for one in machines], drives)
    return tags


def _known_to(session: Session, machine: Machine) -> set[str]:
    """The tables with a row of this machine."""
    links = [
        (table, key) for table in _TABLES.values() for key in table.foreign_keys if key.column.table.name == "machines"
    ]
    counts = {table: select(func.count()).select_from(table).where(key.parent == machine.id) for table, key in links}
    return {table.name for table, count in counts.items() if session.scalar(count)}


def _bring(session: Session, first: Machine, machines: list[int]) -> list[Numbers]:
    """Copy what was seen in the first and proved of it; the drives of each copy, by those of the first."""

    def mine(table: str, change: Callable[[int, Row], Row]) -> list[Numbers]:
        rows = _rows(session, table, "machine_id", first.id)
        return _copies(
            session, table, rows, len(machines), lambda n, row: {"machine_id": machines[n], **change(n, row)}
        )

    seen = [
        row
        for one in _rows(session, "sightings", "machine_id", first.id)
        for row in _rows(session, "drives", "id", one["drive_id"])
    ]
    full = {"standing": Standing.HOLDS_DATA}
    drives = _copies(session, "drives", seen, len(machines), lambda _n, _row: {"serial": _serial(), **full})
    reports = mine("evidence", lambda _n, _row: {"uuid": str(uuid4())})
    mine(
        "sightings",
        lambda n, row: {"drive_id": drives[n][row["drive_id"]], "evidence_id": reports[n][row["evidence_id"]]},
    )
    named = ("uuid", "job_uuid")
    mine(
        "sanitisations",
        lambda n, row: {"drive_id": drives[n][row["drive_id"]], **{name: str(uuid4()) for name in named}},
    )
    mine("bench_checks", lambda _n, _row: {})
    mine("custody_transfers", lambda _n, _row: {})
    table = _TABLES["drives"]
    proven = update(table).where(table.c.id == bindparam("drive")).values(standing=bindparam("now"))
    session.connection().execute(
        proven, [{"drive": one[row["id"]], "now": row["standing"]} for one in drives for row in seen]
    )
    return drives


def _live(session: Session, past: list[Event], tags: list[str], machines: list[int], drives: list[Numbers]) -> None:
    """Each line of the first's history in turn, for every copy: written, then the machine moved by it."""
    table = _TABLES["machines"]
    names = ("state", "state_since", "head_seq", "head_hash")
    move = (
        update(table).where(table.c.id == bindparam("machine")).values({one: bindparam(f"new_{one}") for one in names})
    )
    heads, since = [""] * len(tags), past[0].recorded_at
    for line in past:
        since = line.recorded_at if line.from_state != line.to_state else since
        written, moved = [], []
        for n, tag in enumerate(tags):
            told = json.loads(line.facts)
            if "drive" in told:
                told["drive"] = drives[n][told["drive"]]
            row = {column.key: getattr(line, column.key) for column in Event.__table__.columns if column.key != "id"}
            row |= {"machine_id": machines[n], "facts": canonical(told), "prev_hash": heads[n]}
            row["hash"] = heads[n] = hash_of(Event(**row), tag)
            written.append(row)
            now = {"state": line.to_state, "state_since": since, "head_seq": line.seq, "head_hash": heads[n]}
            moved.append({"machine": machines[n], **{f"new_{name}": value for name, value in now.items()}})
        session.connection().execute(insert(_TABLES["events"]), written)
        session.connection().execute(move, moved)


def _rows(session: Session, table: str, key: str, value: int) -> list[Row]:
    of = _TABLES[table]
    return [dict(row) for row in session.execute(select(of).where(of.c[key] == value).order_by(of.c.id)).mappings()]


def _copies(
    session: Session, table: str, rows: list[Row], count: int, change: Callable[[int, Row], Row]
) -> list[Numbers]:
    """`count` copies of some rows, each with what `change` says; the new numbers, by the old."""
    made = [{**row, **change(n, row)} for n in range(count) for row in rows]
    for one in made:
        del one["id"]
    of = _TABLES[table]
    put = insert(of).returning(of.c.id, sort_by_parameter_order=True)
    new = iter(session.connection().scalars(put, made).all())
    return [{row["id"]: next(new) for row in rows} for _ in range(count)]


def _serial() -> str:
    return secrets.token_hex(5).upper()
