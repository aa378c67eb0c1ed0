"""A database of the first release, with a row in every table, comes to this version and keeps its rows."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, func, select

from ordi.database import make_engine
from ordi.machines import triggers
from web import migrating

FIRST_RELEASE = "5191dffb45d4"
"""The version that was out on 2026-11-23: it may follow nothing and is never written again."""

WANTED: dict[str, Any] = {
    "policies.minimum_level": "clear",
    "policies.audit_percent": 5,
    "policies.donor_id": 1,
    "audits.how": "agent",
    "late_contradictions.told": 0,
}
"""What a CHECK of the first release asks of a column, where any value would not do."""


def _value(column: Column[Any], row: int) -> Any:
    """Something that this column takes, other in each row."""
    named = f"{column.table.name}.{column.name}"
    if named in WANTED:
        return WANTED[named]
    if column.name == "witness_id":
        return 2
    if column.nullable:
        return None
    for key in column.foreign_keys:
        return _value(key.column, 1)
    kind = column.type.python_type
    if kind is str:
        return f"{row}{column.name}"[: getattr(column.type, "length", None) or 20]
    whens: dict[type, Any] = {
        datetime: datetime(2026, 11, 23, tzinfo=UTC),
        date: date(2026, 11, 23),
        uuid.UUID: uuid.UUID(int=row),
        dict: {},
        bytes: bytes([row]) * 32,
        bool: False,
    }
    return whens[kind] if kind in whens else kind(row)


def _fill(connection: Connection) -> dict[str, int]:
    """Two rows in every table that takes two, one in the others; how many each has."""
    metadata = MetaData()
    metadata.reflect(connection)
    counts = {}
    for table in metadata.sorted_tables:
        if table.name == "alembic_version":
            continue
        for row in (1, 2) if _takes_two(table) else (1,):
            connection.execute(table.insert().values({column.name: _value(column, row) for column in table.columns}))
        counts[table.name] = connection.scalar(select(func.count()).select_from(table)) or 0
    return counts


def _takes_two(table: Table) -> bool:
    """Whether somebody is named by it: two people are asked for here and there."""
    return table.name == "people"


@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables")
def test_a_full_database_of_the_first_release_upgrades_and_loses_no_row(empty_database: str) -> None:
    migrating.upgrade(empty_database, FIRST_RELEASE)
    engine = make_engine(empty_database)
    with engine.begin() as connection:
        triggers.drop(connection)
        counts = _fill(connection)
    migrating.upgrade(empty_database)
    migrating.check(empty_database)
    assert migrating.triggers_missing(empty_database) == set()
    after = MetaData()
    with engine.connect() as connection:
        after.reflect(connection)
        kept = {name: connection.scalar(select(func.count()).select_from(after.tables[name])) for name in counts}
    engine.dispose()
    assert kept == counts
