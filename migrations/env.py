"""How a version is applied: one transaction, the triggers taken away around it and put back as they are declared now.

SQLite's batch mode silently loses the triggers of a table it rebuilds, and cannot alter one that a trigger names or
that foreign keys point to: hence the order below (docs/decisions.md).
"""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, inspect, text

from ordi.database import UtcDateTime, make_engine
from ordi.machines import triggers
from web.migrating import know_every_table
from web.settings import Settings

ONE_AT_A_TIME = 7_313_466
"""PostgreSQL's advisory lock of upgrades: two started together run one after the other."""


def render(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """Our own types are written as SQLAlchemy's, so that a version reads alike in ten years."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def prepare(connection: Connection) -> None:
    """Before the transaction begins: SQLite forgets foreign keys for its length; they are checked at its end."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]


def migrate(connection: Connection) -> None:
    """All of it, in the transaction that the caller opened."""
    context.configure(
        connection=connection,
        target_metadata=know_every_table(),
        render_as_batch=True,
        transactional_ddl=True,
        compare_type=True,
        render_item=render,
    )
    if context.config.attributes.get("looks"):
        context.run_migrations()
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
    triggers.drop(connection)
    context.run_migrations()
    if inspect(connection).has_table("machines"):
        triggers.install(connection)
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise RuntimeError(f"this version would leave rows that point nowhere: {broken[:5]}")


engine = make_engine(context.config.attributes.get("url") or Settings.from_environment().database_url)
try:
    with engine.connect() as connection:
        prepare(connection)
        with connection.begin():
            migrate(connection)
finally:
    engine.dispose()
