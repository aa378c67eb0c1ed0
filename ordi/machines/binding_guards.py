"""What the database itself holds of a donor's policy, of audits and of quarantines: the same as `gate.py`, in SQL."""

from __future__ import annotations

from ordi.machines.guard import Guard
from ordi.machines.lifecycle import GATED
from ordi.machines.merge_guards import family

BINDING_APPEND_ONLY = ("policies", "audit_seeds", "audit_draws", "audits", "wipe_claims")


def _clean_inside(machine: str) -> str:
    """The beginning of a look at the wiped drives a machine holds: `d`."""
    return f"""EXISTS (SELECT 1 FROM sightings s JOIN drives d ON d.id = s.drive_id WHERE s.machine_id IN {family(machine)}
 AND d.standing = 'sanitised' AND NOT EXISTS (SELECT 1 FROM removals r WHERE r.sighting_id = s.id) AND """


_PROVED = "p.drive_id = d.id AND p.generation = d.generation AND p.verdict = 'PASS'"


def _not_as_asked(machine: str) -> str:
    return f"""{_clean_inside(machine)} EXISTS (
 SELECT 1 FROM sightings o JOIN machines h ON h.id = o.machine_id JOIN machines m ON m.id = COALESCE(h.merged_into_id, h.id)
 JOIN policies q ON q.donor_id = m.donor_id OR q.lot_id = m.lot_id
 WHERE o.drive_id = d.id AND NOT EXISTS (SELECT 1 FROM policies z WHERE z.id > q.id AND (z.donor_id = q.donor_id OR z.lot_id = q.lot_id))
 AND ((q.minimum_level <> 'none' AND NOT EXISTS (SELECT 1 FROM sanitisations p WHERE {_PROVED}
   AND (p.level = 'purge' OR p.level = q.minimum_level)))
  OR (q.counter_check AND NOT EXISTS (SELECT 1 FROM sanitisations p WHERE {_PROVED} AND (
   EXISTS (SELECT 1 FROM counter_checks c WHERE c.sanitisation_id = p.id AND c.matched = c.sectors)
   OR EXISTS (SELECT 1 FROM audits a WHERE a.sanitisation_id = p.id AND a.how = 'agent' AND a.matched)))))))"""


def _audit_due(machine: str) -> str:
    return f"""{_clean_inside(machine)} EXISTS (SELECT 1 FROM sanitisations p JOIN audit_draws w ON w.sanitisation_id = p.id
 WHERE {_PROVED} AND w.drawn AND NOT EXISTS (SELECT 1 FROM audits a JOIN sanitisations b ON b.id = a.sanitisation_id
  WHERE b.drive_id = d.id AND b.generation = d.generation AND b.id >= p.id)))"""


def _quarantined(machine: str) -> str:
    return f"""EXISTS (SELECT 1 FROM quarantines q WHERE q.lifted_at IS NULL AND (
 q.lot_id = (SELECT m.lot_id FROM machines m WHERE m.id = {machine}) OR {_clean_inside(machine)} EXISTS (
 SELECT 1 FROM sanitisations p WHERE {_PROVED} AND p.wiper_id = q.technician_id AND p.judged_at >= q.since AND p.judged_at <= q.until
 AND NOT EXISTS (SELECT 1 FROM sanitisations l WHERE l.drive_id = d.id AND l.generation = d.generation AND l.verdict = 'PASS'
  AND l.id > p.id)))))"""


_NEARER = (
    f"NEW.state <> OLD.state AND NEW.state IN ({', '.join(repr(str(state)) for state in GATED)})"
    " AND NOT (OLD.state = 'allocated' AND NEW.state = 'ready')"
)
"""Towards somebody, or away for good; back to the shelf is neither."""

_CORRECTED = """(NEW.state IN ('received', 'sanitised', 'reinstalled', 'dismantled') AND EXISTS (
 SELECT 1 FROM events e JOIN lots l ON l.id = NEW.lot_id WHERE e.machine_id = NEW.id AND e.seq = NEW.head_seq
 AND e.action = 'corrected' AND e.facts LIKE '%"what":"lot"%' AND e.facts LIKE '%"now":"' || l.code || '"%' AND l.donor_id = NEW.donor_id))"""
"""Before the gate, the lot that the history's last line says, and its donor: a correction (ordi/bench/corrections.py)."""

BINDING_RULES = (
    Guard("machines", "UPDATE", "as_asked", f"{_NEARER} AND {_not_as_asked('NEW.id')}"),
    Guard("machines", "UPDATE", "audited", f"{_NEARER} AND {_audit_due('NEW.id')}"),
    Guard("machines", "UPDATE", "quarantine", f"{_NEARER} AND {_quarantined('NEW.id')}"),
    Guard(
        "machines",
        "UPDATE",
        "given",
        "((OLD.donor_id IS NOT NULL AND (NEW.donor_id IS NULL OR NEW.donor_id <> OLD.donor_id))"
        " OR (OLD.lot_id IS NOT NULL AND (NEW.lot_id IS NULL OR NEW.lot_id <> OLD.lot_id)))"
        f" AND NOT {_CORRECTED}",
    ),
    Guard(
        "audits",
        "INSERT",
        "other",
        """EXISTS (SELECT 1 FROM sanitisations p WHERE p.id = NEW.sanitisation_id AND p.wiper_id = NEW.auditor_id)
 OR (NEW.how <> 'waived' AND EXISTS (SELECT 1 FROM counter_checks c
  WHERE c.sanitisation_id = NEW.sanitisation_id AND c.checker_id = NEW.auditor_id))""",
    ),
    Guard("quarantines", "INSERT", "birth", "NEW.lifted_at IS NOT NULL"),
    Guard(
        "certificates",
        "UPDATE",
        "annulled",
        "OLD.annulment_id IS NOT NULL AND COALESCE(NEW.annulment_id, 0) <> OLD.annulment_id",
    ),
    Guard(
        "quarantines",
        "UPDATE",
        "lift",
        """OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL OR NEW.lifted_by_id IS NULL OR NEW.reason = ''
 OR NEW.id <> OLD.id OR NEW.sanitisation_id <> OLD.sanitisation_id OR NEW.since <> OLD.since OR NEW.until <> OLD.until
 OR NEW.opened_at <> OLD.opened_at OR COALESCE(NEW.lot_id, 0) <> COALESCE(OLD.lot_id, 0)
 OR COALESCE(NEW.technician_id, 0) <> COALESCE(OLD.technician_id, 0)""",
    ),
)
