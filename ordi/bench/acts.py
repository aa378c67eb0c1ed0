"""Acts that a device at the bench sends, with a network or after it came back: each is answered once, for good.

The device invents the uuid and says when it happened, by its own clock. Sent again, an act gets the answer it got; a
refusal is an answer too, and one that came from a queue waits until its person has seen it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from ordi.canonical import canonical
from ordi.database import Base
from ordi.errors import NotFound, Refused, SomeoneJustDidThis
from ordi.machines.journal import Event
from ordi.machines.machine import Machine
from ordi.parties.people import Person

UNSEEN_AT_MOST = 200
"""How many refusals a person is shown at once."""


class NotYourAct(Refused):
    """Somebody else did this: only they can send it."""

    code = "not-your-act"


class ChangedMeanwhile(Refused):
    """Somebody acted on the machine after this device last heard of it."""

    code = "changed-meanwhile"


class BenchAct(Base):
    """One act as a device sent it, and what it was answered."""

    __tablename__ = "bench_acts"
    __table_args__ = (Index("ix_bench_acts_unseen", "person_id", "tone", "seen_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    device: Mapped[str] = mapped_column(String(36))
    """A number the browser drew for itself: it tells two phones apart, not whose they are."""
    verb: Mapped[str] = mapped_column(String(12))
    tag: Mapped[str] = mapped_column(String(8), default="")
    value: Mapped[str] = mapped_column(String(40), default="")
    queued: Mapped[bool] = mapped_column(default=False)
    happened_at: Mapped[datetime]
    """As the device's clock said."""
    recorded_at: Mapped[datetime]

    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machines.id"), index=True)
    before_seq: Mapped[int] = mapped_column(default=0)
    after_seq: Mapped[int] = mapped_column(default=0)
    """The events it wrote in its machine's history: after `before_seq`, up to `after_seq`."""

    tone: Mapped[str] = mapped_column(String(8), default="")
    """`ok`, `repeat` (it was so already), `stop` (refused)."""
    code: Mapped[str] = mapped_column(String(40), default="")
    facts: Mapped[str] = mapped_column(Text, default="{}")
    seen_at: Mapped[datetime | None]
    """When its person said they saw this refusal."""

    @property
    def told(self) -> dict[str, Any]:
        """The facts of its answer."""
        told: dict[str, Any] = json.loads(self.facts)
        return told


@dataclass(frozen=True)
class Sent:
    """What a device says was done."""

    uuid: str
    person: str
    """The `OP-…` of whoever did it."""
    device: str
    verb: str
    happened_at: datetime
    tag: str = ""
    value: str = ""
    form: str = ""
    queued: bool = False
    known_seq: int | None = None
    """Up to which event of its machine the device had heard, when it did not ask the server first."""


@dataclass(frozen=True)
class Outcome:
    """What came of an act that no rule refused."""

    tone: str
    code: str
    machine: Machine | None = None
    before_seq: int = 0
    facts: dict[str, Any] = field(default_factory=dict)


CarryOut = Callable[[Session, Sent, Person, datetime], Outcome]


def answer_once(
    session: Session, sent: Sent, carry_out: CarryOut, *, by: Person, at: datetime
) -> tuple[BenchAct, bool]:
    """Carry out an act the first time it comes; its answer, and whether it had been given before.

    What a rule refuses changes nothing but the answer kept. Raises `NotYourAct` when it is not `by`'s own: nothing is
    kept then, and its person can still send it.
    """
    if sent.person != by.op_code:
        raise NotYourAct(uuid=sent.uuid)
    known = _known(session, sent, by)
    if known:
        return known, True
    act = BenchAct(
        uuid=sent.uuid,
        person_id=by.id,
        device=sent.device,
        verb=sent.verb,
        tag=sent.tag[:8],
        value=sent.value,
        queued=sent.queued,
        happened_at=sent.happened_at,
        recorded_at=at,
    )
    try:
        with session.begin_nested():
            session.add(act)
            session.flush()
    except IntegrityError:  # the same act at the same moment, over two connections
        twin = _known(session, sent, by)
        if twin is None:
            raise
        return twin, True
    act.tone, act.code, told = "stop", "", {}
    try:
        with session.begin_nested():
            outcome = carry_out(session, sent, by, at)
            session.flush()
    except Refused as refusal:
        act.code, told = refusal.code, refusal.facts
    except (IntegrityError, StaleDataError) as clash:
        if isinstance(clash, IntegrityError) and not _a_guard(clash):
            raise
        act.code = SomeoneJustDidThis.code
    else:
        act.tone, act.code, told = outcome.tone, outcome.code, outcome.facts
        if outcome.machine is not None:
            act.machine_id = outcome.machine.id
            act.before_seq, act.after_seq = outcome.before_seq, outcome.machine.head_seq
    act.facts = canonical(told)
    session.flush()
    return act, False


def unchanged(session: Session, machine: Machine, sent: Sent, by: Person) -> None:
    """Raise `ChangedMeanwhile` when a person acted on `machine` since this device last heard of it.

    What this same device sent for this same person does not count, nor what Ordi did as a consequence.
    """
    if sent.known_seq is None or machine.head_seq <= sent.known_seq:
        return
    own = session.execute(
        select(BenchAct.before_seq, BenchAct.after_seq).where(
            BenchAct.machine_id == machine.id,
            BenchAct.device == sent.device,
            BenchAct.person_id == by.id,
            BenchAct.after_seq > sent.known_seq,
        )
    ).all()
    later = session.scalars(
        select(Event)
        .where(Event.machine_id == machine.id, Event.seq > sent.known_seq, Event.person_id.is_not(None))
        .order_by(Event.seq)
    )
    for event in later:
        if not any(before < event.seq <= after for before, after in own):
            raise ChangedMeanwhile(
                tag=machine.tag, action=event.action, state=machine.state, shelf=machine.shelf or "?"
            )


def act_of(session: Session, uuid: str, by: Person) -> BenchAct:
    """An act this person sent. Raises `NotFound`."""
    act = session.scalar(select(BenchAct).where(BenchAct.uuid == uuid, BenchAct.person_id == by.id))
    if act is None:
        raise NotFound(uuid=uuid)
    return act


def unseen(session: Session, person: Person) -> list[BenchAct]:
    """What was refused when this person's queues came back, and they have not said they saw."""
    return list(
        session.scalars(
            select(BenchAct)
            .where(
                BenchAct.person_id == person.id, BenchAct.tone == "stop", BenchAct.queued, BenchAct.seen_at.is_(None)
            )
            .order_by(BenchAct.id)
            .limit(UNSEEN_AT_MOST)
        )
    )


def saw(session: Session, uuid: str, *, by: Person, at: datetime) -> None:
    """This person saw that an act of theirs was refused. Raises `NotFound`."""
    act = act_of(session, uuid, by)
    act.seen_at = act.seen_at or at
    session.flush()


def _known(session: Session, sent: Sent, by: Person) -> BenchAct | None:
    known = session.scalar(select(BenchAct).where(BenchAct.uuid == sent.uuid))
    if known is not None and known.person_id != by.id:
        raise NotYourAct(uuid=sent.uuid)
    return known


def _a_guard(clash: IntegrityError) -> bool:
    """Whether the database's own gate refused, or two acts met: anything else is a bug."""
    return "ordi:" in str(clash.orig) or "unique" in str(clash.orig).casefold()
