"""What the database itself holds of two records of one computer: nothing is lent, nothing is hidden, each turn is written."""

from __future__ import annotations

from ordi.machines.guard import Guard

_TURNED = "COALESCE(NEW.merged_into_id, 0) <> COALESCE(OLD.merged_into_id, 0)"
_INTO = "SELECT 1 FROM machines k WHERE k.id = NEW.merged_into_id"

MERGE_RULES = (
    Guard("machines", "INSERT", "merged", "NEW.merged_into_id IS NOT NULL"),
    Guard(
        "machines",
        "UPDATE",
        "merge_unrecorded",
        f"""{_TURNED} AND NOT EXISTS (SELECT 1 FROM events e WHERE e.machine_id = NEW.id AND e.seq = NEW.head_seq
 AND e.action = CASE WHEN NEW.merged_into_id IS NULL THEN 'parted' ELSE 'merged' END)""",
    ),
    # the one that goes on stands where drives still count, holds the gift and the longer past, and goes on itself
    Guard(
        "machines",
        "UPDATE",
        "merge",
        f"""{_TURNED} AND NEW.merged_into_id IS NOT NULL AND (NEW.merged_into_id = NEW.id
 OR NEW.state NOT IN ('promised', 'collected', 'received')
 OR NOT EXISTS ({_INTO} AND k.state IN ('promised', 'collected', 'received') AND k.merged_into_id IS NULL AND k.stay >= NEW.stay
  AND (NEW.donor_id IS NULL OR k.donor_id = NEW.donor_id))
 OR EXISTS (SELECT 1 FROM machines g WHERE g.merged_into_id = NEW.id))""",
    ),
    Guard(
        "machines",
        "UPDATE",
        "parted",
        f"""{_TURNED} AND OLD.merged_into_id IS NOT NULL AND (NEW.merged_into_id IS NOT NULL
 OR NOT EXISTS (SELECT 1 FROM machines k WHERE k.id = OLD.merged_into_id AND k.state IN ('promised', 'collected', 'received')))""",
    ),
    Guard(
        "machines",
        "UPDATE",
        "merged_away",
        "NEW.merged_into_id IS NOT NULL AND OLD.merged_into_id IS NOT NULL AND NEW.state <> OLD.state",
    ),
    Guard(
        "sightings",
        "INSERT",
        "merged",
        "EXISTS (SELECT 1 FROM machines m WHERE m.id = NEW.machine_id AND m.merged_into_id IS NOT NULL)",
    ),
)


def family(machine: str) -> str:
    """A machine and the records merged into it, as a list in SQL."""
    return f"(SELECT f.id FROM machines f WHERE f.id = {machine} OR f.merged_into_id = {machine})"
