"""What the database itself holds of the public log (ordi/log): its order, its heads, and that no event is left out."""

from __future__ import annotations

from ordi.machines.guard import Guard

LOG_APPEND_ONLY = ("logs", "log_leaves", "log_heads")
TICKETS = "ordi_events_tickets"
"""An event waits for the log from the moment it is written: the one trigger that does something."""

_SIZE = "(SELECT COALESCE(MAX(l.position), -1) + 1 FROM log_leaves l)"
_SIGNED = "(SELECT COALESCE(MAX(h.size), 0) FROM log_heads h)"

LOG_RULES = (
    Guard("log_leaves", "INSERT", "order", f"NEW.position <> {_SIZE}"),
    Guard(
        "log_leaves",
        "INSERT",
        "event",
        "NOT EXISTS (SELECT 1 FROM events e WHERE e.id = NEW.event_id AND e.hash = NEW.hash)",
    ),
    Guard(
        "log_heads",
        "INSERT",
        "size",
        f"NEW.size > {_SIZE} OR NEW.size < {_SIGNED}",
    ),
    Guard("log_waiting", "UPDATE", "moved"),
    Guard(
        "log_waiting",
        "DELETE",
        "unsealed",
        "NOT EXISTS (SELECT 1 FROM log_leaves l WHERE l.event_id = OLD.event_id)",
    ),
)


def ticketing(*, sqlite: bool, schema: str) -> list[str]:
    """The statements that make the database give each event its ticket."""
    does = "INSERT INTO log_waiting (event_id) VALUES (NEW.id);"
    if sqlite:
        return [f"CREATE TRIGGER {TICKETS} AFTER INSERT ON events FOR EACH ROW BEGIN {does} END"]
    return [
        f"""CREATE FUNCTION {TICKETS}() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
 BEGIN {does} RETURN NULL; END $$""",
        f"CREATE TRIGGER {TICKETS} AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION {TICKETS}()",
    ]
