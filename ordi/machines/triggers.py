"""The gate a third time, inside the database, on both engines: raw SQL that tries to hand out data is refused.

Every trigger is one `Guard`: on a table, before an operation, when a condition holds, refuse with a code. The two
engines differ only in the frame put around it. A refusal is an `IntegrityError` whose text carries `ordi:<code>`.
What remains open is what a table's owner can always do (`DROP`, `DISABLE TRIGGER`): on PostgreSQL the application's role
owns no table; on SQLite whoever holds the file holds everything (docs/security.md).
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, UniqueConstraint, text

from ordi.database import Base
from ordi.machines.binding_guards import BINDING_APPEND_ONLY, BINDING_RULES
from ordi.machines.guard import Guard
from ordi.machines.lifecycle import BIRTHS, GATED, NEW_STAY, STEPS, moves
from ordi.machines.log_guards import LOG_APPEND_ONLY, LOG_RULES, TICKETS, ticketing
from ordi.machines.merge_guards import MERGE_RULES, family

APPEND_ONLY = (
    "events",
    "sightings",
    "removals",
    "destructions",
    "driveless_records",
    "sanitisations",
    "counter_checks",
    "late_contradictions",
    *BINDING_APPEND_ONLY,
)
UNDELETED = (*APPEND_ONLY, "machines", "drives", "evidence", "quarantines")
_KEPT = (*UNDELETED, *LOG_APPEND_ONLY)
_UNTRUNCATED = (*_KEPT, "log_waiting")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_CLEAN = "('sanitised', 'destroyed')"


def _dirty(machine: str, stay: str) -> str:
    return f"""(
 NOT (EXISTS (SELECT 1 FROM evidence e WHERE e.machine_id = {machine} AND e.bench AND e.stay = {stay})
  OR EXISTS (SELECT 1 FROM driveless_records w WHERE w.machine_id = {machine} AND w.stay = {stay}))
 OR EXISTS (SELECT 1 FROM sightings s JOIN drives d ON d.id = s.drive_id WHERE s.machine_id IN {family(machine)}
  AND d.standing NOT IN {_CLEAN} AND NOT EXISTS (SELECT 1 FROM removals r WHERE r.sighting_id = s.id)))"""


def _machine_with(drive: str, states: tuple[str, ...]) -> str:
    return f"""EXISTS (SELECT 1 FROM sightings s JOIN machines h ON h.id = s.machine_id
 JOIN machines m ON m.id = COALESCE(h.merged_into_id, h.id) WHERE s.drive_id = {drive}
 AND m.state IN ({_listed(states)}) AND NOT EXISTS (SELECT 1 FROM removals r WHERE r.sighting_id = s.id))"""


_MOVED = "NEW.state <> OLD.state"
_MOVES = " OR ".join(f"(OLD.state = '{a}' AND NEW.state = '{b}')" for a, b in moves())
_AFRESH = f"OLD.state IN ({_listed(tuple(state for action in sorted(NEW_STAY) for state in STEPS[action].sources))}) AND NEW.state = 'received'"
_OUT = tuple(state for state in GATED if state != "handed_over")

_RULES: tuple[Guard, ...] = (
    Guard("machines", "INSERT", "birth", f"NEW.state NOT IN ({_listed(BIRTHS)}) OR NEW.head_seq <> 0"),
    Guard("machines", "UPDATE", "identity", "NEW.tag <> OLD.tag OR NEW.id <> OLD.id"),
    Guard("machines", "UPDATE", "move", f"{_MOVED} AND NOT ({_MOVES})"),
    Guard(
        "machines",
        "UPDATE",
        "stay",
        f"NEW.stay < OLD.stay OR ({_AFRESH} AND NEW.stay = OLD.stay)",
    ),
    Guard(
        "machines",
        "UPDATE",
        "head",
        "NEW.head_seq < OLD.head_seq OR (NEW.head_seq = OLD.head_seq AND NEW.head_hash <> OLD.head_hash)",
    ),
    Guard(
        "machines",
        "UPDATE",
        "unrecorded",
        f"""{_MOVED} AND NOT EXISTS (SELECT 1 FROM events e WHERE e.machine_id = NEW.id AND e.seq = NEW.head_seq
 AND e.seq = OLD.head_seq + 1 AND e.from_state = OLD.state AND e.to_state = NEW.state)""",
    ),
    Guard(
        "machines",
        "UPDATE",
        "gate",
        f"{_MOVED} AND NEW.state IN ({_listed(GATED)}) AND {_dirty('NEW.id', 'NEW.stay')}",
    ),
    Guard(
        "machines",
        "UPDATE",
        "returned",
        f"""{_MOVED} AND NEW.state = 'refused' AND {_dirty("NEW.id", "NEW.stay")} AND (NEW.stay > 1 OR EXISTS (
 SELECT 1 FROM sightings s JOIN drives d ON d.id = s.drive_id JOIN sightings o ON o.drive_id = d.id
 WHERE s.machine_id IN {family("NEW.id")} AND o.machine_id NOT IN {family("NEW.id")} AND d.standing NOT IN {_CLEAN}
 AND NOT EXISTS (SELECT 1 FROM removals r WHERE r.sighting_id = s.id)))""",
    ),
    Guard(
        "events",
        "INSERT",
        "chain",
        "NOT EXISTS (SELECT 1 FROM machines m WHERE m.id = NEW.machine_id AND m.head_seq + 1 = NEW.seq AND m.head_hash = NEW.prev_hash)",
        lock="NEW.machine_id",
    ),
    Guard(
        "sightings",
        "INSERT",
        "out",
        f"EXISTS (SELECT 1 FROM machines m WHERE m.id = NEW.machine_id AND m.state IN ({_listed(GATED)}))",
        lock="NEW.machine_id",
    ),
    Guard(
        "sightings",
        "INSERT",
        "destroyed",
        "EXISTS (SELECT 1 FROM drives d WHERE d.id = NEW.drive_id AND d.standing = 'destroyed')",
    ),
    Guard("drives", "INSERT", "birth", "NEW.standing <> 'holds_data'"),
    Guard("drives", "UPDATE", "standing", f"NEW.standing <> 'holds_data' AND NEW.standing NOT IN {_CLEAN}"),
    Guard(
        "drives",
        "UPDATE",
        "identity",
        """NEW.serial <> OLD.serial OR NEW.id <> OLD.id OR (NEW.bytes <> OLD.bytes AND (
 NEW.bytes < OLD.bytes OR NEW.bytes <> COALESCE(OLD.whole_bytes, 0) OR OLD.standing <> 'holds_data'))""",
    ),
    Guard("drives", "UPDATE", "generation", "NEW.generation < OLD.generation"),
    Guard(
        "drives",
        "UPDATE",
        "proof",
        """NEW.standing = 'sanitised' AND (OLD.standing = 'holds_data' OR NEW.generation <> OLD.generation) AND NOT EXISTS (
 SELECT 1 FROM sanitisations p WHERE p.drive_id = NEW.id AND p.verdict = 'PASS' AND p.generation = NEW.generation)""",
    ),
    Guard(
        "drives",
        "UPDATE",
        "destruction",
        """(NEW.standing = 'destroyed' AND NOT EXISTS (SELECT 1 FROM destructions x WHERE x.drive_id = NEW.id))
 OR (OLD.standing = 'destroyed' AND NEW.standing <> 'destroyed')""",
    ),
    Guard(
        "drives",
        "UPDATE",
        "out",
        f"NEW.standing = 'holds_data' AND OLD.standing <> 'holds_data' AND {_machine_with('NEW.id', _OUT)}",
    ),
    Guard(
        "sanitisations",
        "INSERT",
        "pass",
        "NEW.verdict = 'PASS' AND (NEW.job_uuid IS NULL OR NEW.wiper_id IS NULL)",
    ),
    Guard(
        "counter_checks",
        "INSERT",
        "other",
        "EXISTS (SELECT 1 FROM sanitisations p WHERE p.id = NEW.sanitisation_id AND p.wiper_id = NEW.checker_id)",
    ),
    Guard(
        "evidence",
        "UPDATE",
        "content",
        "NEW.content <> OLD.content OR NEW.sha256 <> OLD.sha256 OR NEW.uuid <> OLD.uuid OR NEW.id <> OLD.id",
    ),
    Guard(
        "evidence",
        "UPDATE",
        "bench",
        "OLD.bench AND (NOT NEW.bench OR NEW.stay <> OLD.stay OR NEW.machine_id IS NULL OR NEW.machine_id <> OLD.machine_id)",
    ),
    *LOG_RULES,
    *MERGE_RULES,
    *BINDING_RULES,
    *(Guard(table, "UPDATE", "append_only") for table in (*APPEND_ONLY, *LOG_APPEND_ONLY)),
    *(Guard(table, "DELETE", "undeleted") for table in _KEPT),
)


def guards() -> tuple[Guard, ...]:
    """Every guard, with those that stop `INSERT OR REPLACE` from overwriting a row past the triggers above."""
    return (*_RULES, *(_unreplaced(Base.metadata.tables[table]) for table in _KEPT))


def _unreplaced(table: Table) -> Guard:
    keys = [tuple(c.name for c in table.primary_key)]
    keys += [tuple(c.name for c in k.columns) for k in table.constraints if isinstance(k, UniqueConstraint)]
    keys += [(c.name,) for c in table.columns if c.unique]
    same = " OR ".join("(" + " AND ".join(f"t.{c} = NEW.{c}" for c in key) + ")" for key in sorted(set(keys)))
    return Guard(table.name, "INSERT", "unreplaced", f"EXISTS (SELECT 1 FROM {table.name} t WHERE {same})")


def _sqlite(guard: Guard) -> list[str]:
    return [
        f"CREATE TRIGGER {guard.name} BEFORE {guard.operation} ON {guard.table} FOR EACH ROW WHEN {guard.condition} "
        f"BEGIN SELECT RAISE(ABORT, 'ordi:{guard.table}_{guard.code}'); END"
    ]


def _postgresql(guard: Guard, schema: str) -> list[str]:
    # without a search path of its own, temporary tables of the same names would stand before the real ones
    row = "OLD" if guard.operation == "DELETE" else "NEW"
    lock = f"PERFORM 1 FROM machines WHERE id = {guard.lock} FOR UPDATE;" if guard.lock else ""
    return [
        f"""CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$ BEGIN {lock}
 IF {guard.condition} THEN RAISE EXCEPTION 'ordi:{guard.table}_{guard.code}' USING ERRCODE = '23514'; END IF;
 RETURN {row}; END $$""",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.operation} ON {guard.table} FOR EACH ROW EXECUTE FUNCTION {guard.name}()",
    ]


_NO_TRUNCATE = """CREATE FUNCTION ordi_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
 RAISE EXCEPTION 'ordi:truncate' USING ERRCODE = '23514'; END $$"""


def install(connection: Connection) -> None:
    """Put every guard in place. The tables must exist and the guards must not."""
    sqlite = connection.dialect.name == "sqlite"
    schema = "" if sqlite else str(connection.scalar(text("SELECT quote_ident(current_schema())")))
    for guard in guards():
        if not sqlite and guard.code == "unreplaced":
            continue  # PostgreSQL has no REPLACE; its ON CONFLICT DO UPDATE meets the update guards
        for statement in _sqlite(guard) if sqlite else _postgresql(guard, schema):
            connection.execute(text(statement.replace(":", "\\:")))
    for statement in ticketing(sqlite=sqlite, schema=schema):
        connection.execute(text(statement))
    if not sqlite:
        connection.execute(text(_NO_TRUNCATE.replace(":", "\\:")))
        for table in _UNTRUNCATED:
            connection.execute(
                text(
                    f"CREATE TRIGGER ordi_{table}_truncate BEFORE TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION ordi_no_truncate()"
                )
            )


def drop(connection: Connection) -> None:
    """Take every guard away: for a migration alone, inside its transaction."""
    for name, table in installed(connection).items():
        if connection.dialect.name == "sqlite":
            connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text(f"DROP TRIGGER {name} ON {table}"))
    if connection.dialect.name != "sqlite":
        functions = connection.scalars(
            text(
                "SELECT proname FROM pg_proc WHERE proname LIKE 'ordi\\_%' AND pronamespace = current_schema()\\:\\:regnamespace"
            )
        )
        for function in functions.all():
            connection.execute(text(f"DROP FUNCTION {function}()"))


def installed(connection: Connection) -> dict[str, str]:
    """The guards now in the database: name → table."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ordi_%'"
    else:
        query = """SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE NOT t.tgisinternal AND t.tgname LIKE 'ordi_%' AND c.relnamespace = current_schema()\\:\\:regnamespace"""
    return {str(name): str(table) for name, table in connection.execute(text(query))}


def declared(connection: Connection) -> set[str]:
    """The names that must be installed on this engine."""
    if connection.dialect.name == "sqlite":
        return {guard.name for guard in guards()} | {TICKETS}
    named = {guard.name for guard in guards() if guard.code != "unreplaced"} | {TICKETS}
    return named | {f"ordi_{table}_truncate" for table in _UNTRUNCATED}
