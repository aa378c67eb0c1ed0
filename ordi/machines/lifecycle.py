"""The life of a machine, as one table. Buttons, permissions, the diagram in the README and the tests all read it.

What is not a row here cannot happen. `journal.record` walks it; the database's triggers hold its moves and its gate a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ordi.parties.access import BENCH, CASEWORK
from ordi.parties.people import Role


class State(StrEnum):
    """Where a machine is in its life. Late, overdue, out of contact are derived, never states."""

    PROMISED = "promised"
    COLLECTED = "collected"
    RECEIVED = "received"
    SANITISED = "sanitised"
    REINSTALLED = "reinstalled"
    READY = "ready"
    ALLOCATED = "allocated"
    HANDED_OVER = "handed_over"
    DISMANTLED = "dismantled"
    RECYCLED = "recycled"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    LOST = "lost"


class Action(StrEnum):
    """What can be done to a machine: moves, and notes that leave it where it is."""

    PROMISE = "promise"
    COLLECT = "collect"
    RECEIVE = "receive"
    ADMIT = "admit"
    CANCEL = "cancel"
    REFUSE = "refuse"
    SANITISE = "sanitise"
    REINSTALL = "reinstall"
    RELEASE_TO_STOCK = "release_to_stock"
    ALLOCATE = "allocate"
    RELEASE = "release"
    HAND_OVER = "hand_over"
    TAKE_BACK = "take_back"
    REOPEN = "reopen"
    DISMANTLE = "dismantle"
    RECYCLE = "recycle"
    LOSE = "lose"
    FIND = "find"


class Note(StrEnum):
    """What is written in a machine's history without moving it."""

    LABELLED = "labelled"
    TRIAGED = "triaged"
    INVENTORIED = "inventoried"
    DESCRIBED = "described"
    MERGED = "merged"
    ABSORBED = "absorbed"
    PARTED = "parted"
    DRIVE_SIGHTED = "drive_sighted"
    DRIVE_ELSEWHERE = "drive_elsewhere"
    DRIVE_REMOVED = "drive_removed"
    DRIVE_DESTROYED = "drive_destroyed"
    DRIVELESS = "driveless"
    WIPE_ORDERED = "wipe_ordered"
    WIPE_STOPPED = "wipe_stopped"
    WIPE_JUDGED = "wipe_judged"
    REMOTE_STARTED = "remote_started"
    COUNTER_CHECKED = "counter_checked"
    CERTIFIED = "certified"
    DIAGNOSED = "diagnosed"
    GRADED = "graded"
    CLEANED = "cleaned"
    PUT_ASIDE = "put_aside"
    RESUMED = "resumed"
    SHELVED = "shelved"
    CORRECTED = "corrected"
    CUSTODY = "custody"
    ENROLMENT_PREPARED = "enrolment_prepared"
    ENROLLED = "enrolled"
    HEALTH_CHANGED = "health_changed"
    CHECK_INS_STOPPED = "check_ins_stopped"
    HELP_ASKED = "help_asked"
    FOLLOW_UP_ENDED = "follow_up_ended"
    SWAP_REPORTED = "swap_reported"
    AUDIT_DRAWN = "audit_drawn"
    AUDITED = "audited"
    QUARANTINED = "quarantined"
    RELEASED = "quarantine_lifted"
    CLAIMED = "wipe_claimed"
    LATE_CONTRADICTION = "late_contradiction"
    TASK_OPENED = "task_opened"
    TASK_CLOSED = "task_closed"
    PART_TAKEN = "part_taken"
    PART_FITTED = "part_fitted"
    PART_PASSED_ON = "part_passed_on"
    PART_GIVEN = "part_given"
    PART_AWAITED = "part_awaited"
    PART_GIVEN_UP = "part_given_up"
    REPAIRED = "repaired"
    INCIDENT_STEP = "incident_step"
    INCIDENT_CLOSED = "incident_closed"
    PHOTOGRAPHED = "photographed"
    PHOTO_REMOVED = "photo_removed"
    AREA_REVEALED = "area_revealed"
    CERTIFICATE_ANNULLED = "certificate_annulled"


class Need(StrEnum):
    """What must hold before a step, checked on the spot."""

    CLEAN_DRIVES = "clean_drives"
    AS_IT_CAME = "as_it_came"
    """With its donor's own data at the most; else clean."""
    KEPT = "kept"
    TESTED = "tested"
    CLEANED = "cleaned"
    NOT_HELD = "not_held"
    AS_ASKED = "as_asked"
    """Each drive at the level, and looked at by as many people, as the donor asks."""
    AUDITED = "audited"
    """No drive that was drawn for an audit still waits for it."""
    NOT_QUARANTINED = "not_quarantined"


HANDERS = frozenset(CASEWORK | {Role.COORDINATOR, Role.ANIMATOR, Role.SIGNATORY})
"""Who may sign a machine over to its beneficiary."""

MANAGERS = frozenset({Role.LEAD, Role.COORDINATOR})


@dataclass(frozen=True)
class Step:
    """One row: an action takes a machine from any of `sources` to `target`, by these roles, when these needs hold.

    No source means that a machine is born by it. `automatic` steps are also taken by Ordi itself, as a consequence.
    """

    action: Action
    sources: tuple[State, ...]
    target: State
    roles: frozenset[Role]
    needs: tuple[Need, ...] = ()
    automatic: bool = False


S, A, N = State, Action, Need

BINDING = (N.AS_ASKED, N.AUDITED, N.NOT_QUARANTINED)
"""What makes a wipe binding beyond its proof: asked before each step that brings a machine nearer to leaving."""

LIFECYCLE: tuple[Step, ...] = (
    Step(A.PROMISE, (), S.PROMISED, frozenset({Role.DONOR_CONTACT, Role.COORDINATOR})),
    Step(A.ADMIT, (), S.RECEIVED, BENCH),
    Step(A.COLLECT, (S.PROMISED,), S.COLLECTED, frozenset({Role.DRIVER, Role.COORDINATOR})),
    Step(A.CANCEL, (S.PROMISED,), S.CANCELLED, frozenset({Role.DRIVER, Role.COORDINATOR, Role.DONOR_CONTACT})),
    Step(A.RECEIVE, (S.PROMISED, S.COLLECTED), S.RECEIVED, BENCH),
    Step(A.REFUSE, (S.COLLECTED, S.RECEIVED), S.REFUSED, BENCH, (N.AS_IT_CAME,)),
    Step(A.SANITISE, (S.RECEIVED,), S.SANITISED, BENCH, (N.KEPT, N.CLEAN_DRIVES), automatic=True),
    Step(A.REINSTALL, (S.SANITISED,), S.REINSTALLED, BENCH, (N.CLEAN_DRIVES, N.AS_ASKED, N.AUDITED)),
    Step(
        A.RELEASE_TO_STOCK,
        (S.REINSTALLED,),
        S.READY,
        BENCH,
        (N.CLEAN_DRIVES, *BINDING, N.TESTED, N.CLEANED, N.NOT_HELD),
    ),
    Step(A.ALLOCATE, (S.READY,), S.ALLOCATED, frozenset({Role.COORDINATOR}), (N.CLEAN_DRIVES, *BINDING, N.NOT_HELD)),
    Step(A.RELEASE, (S.ALLOCATED,), S.READY, frozenset({Role.COORDINATOR}), (N.CLEAN_DRIVES,), automatic=True),
    Step(A.HAND_OVER, (S.ALLOCATED,), S.HANDED_OVER, HANDERS, (N.CLEAN_DRIVES, *BINDING, N.NOT_HELD)),
    Step(A.TAKE_BACK, (S.HANDED_OVER,), S.RECEIVED, BENCH | {Role.COORDINATOR}),
    Step(A.REOPEN, (S.SANITISED, S.REINSTALLED, S.READY, S.ALLOCATED), S.RECEIVED, BENCH, automatic=True),
    Step(A.DISMANTLE, (S.RECEIVED, S.SANITISED, S.REINSTALLED, S.READY), S.DISMANTLED, BENCH),
    Step(A.RECYCLE, (S.DISMANTLED,), S.RECYCLED, frozenset({Role.LEAD}), (N.CLEAN_DRIVES, *BINDING)),
    Step(
        A.LOSE,
        (S.COLLECTED, S.RECEIVED, S.SANITISED, S.REINSTALLED, S.READY, S.ALLOCATED, S.DISMANTLED),
        S.LOST,
        MANAGERS,
    ),
    Step(A.FIND, (S.LOST,), S.RECEIVED, MANAGERS | BENCH),
)

STEPS: dict[Action, Step] = {step.action: step for step in LIFECYCLE}
BIRTHS = tuple(step.target for step in LIFECYCLE if not step.sources)
GATED = (State.READY, State.ALLOCATED, State.HANDED_OVER, State.RECYCLED)
"""Where no machine stands with a drive that is not proven clean: the triggers hold this too."""

NEW_STAY = frozenset({Action.TAKE_BACK, Action.FIND, Action.REOPEN})
"""After these, a machine is looked at afresh: earlier inventories no longer speak for it."""


def moves() -> Iterator[tuple[State, State]]:
    """Every pair of states the table allows, for the triggers."""
    for step in LIFECYCLE:
        for source in step.sources:
            yield source, step.target
