"""Labels: a tag on a roll before any machine has it, claimed by one machine at intake, printed again on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from random import Random

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from ordi.parties.access import may, require
from ordi.parties.organisations import Organisation
from ordi.parties.people import Person
from ordi.tags import new_tag, read_tag

MOST = 480
"""The most free labels made in one go: twenty sheets of twenty-four."""


class Again(StrEnum):
    """Why a computer that carries its label gets another."""

    TORN = "torn"
    LOST = "lost"
    UNREADABLE = "unreadable"
    SECOND = "second"
    NEW_CASE = "new_case"
    NOT_PRINTED = "not_printed"


class LabelTaken(Refused):
    """This label is already on another machine."""

    code = "label-taken"


class CarriesOne(Refused):
    """This computer carries its label: why another?"""

    code = "carries-one"


class Label(Base):
    """A printed tag. Free until a machine claims it, once and for good."""

    __tablename__ = "labels"

    id: Mapped[int] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(String(8), unique=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    printed_at: Mapped[datetime] = mapped_column(index=True)
    printed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machines.id"), unique=True)
    claimed_at: Mapped[datetime | None]

    workshop: Mapped[Organisation] = relationship()
    machine: Mapped[Machine | None] = relationship()


def unused_tag(session: Session, random: Random | None = None) -> str:
    """A tag that neither a machine nor a label bears."""
    while True:
        tag = new_tag(random)
        on_label = select(Label.id).where(Label.tag == tag)
        on_machine = select(Machine.id).where(Machine.tag == tag)
        if session.scalar(on_label) is None and session.scalar(on_machine) is None:
            return tag


def print_free(
    session: Session, workshop: Organisation, count: int, *, by: Person, at: datetime, random: Random | None = None
) -> list[Label]:
    """Make `count` labels for machines not known yet. Raises `NotAllowed`, `Invalid`."""
    require(by, "labels.print", workshop, at=at)
    if not 1 <= count <= MOST:
        raise Invalid(field="count", why="out-of-range", least=1, most=MOST)
    labels = []
    for _ in range(count):
        label = Label(tag=unused_tag(session, random), workshop=workshop, printed_at=at, printed_by_id=by.id)
        session.add(label)
        session.flush()
        labels.append(label)
    return labels


def carried(session: Session, machines: Sequence[Machine]) -> set[int]:
    """The ids of those that carry a label: it was printed, and the computer is no longer only promised."""
    ids = [machine.id for machine in machines if machine.state != State.PROMISED]
    return set(session.scalars(select(Label.machine_id).where(Label.machine_id.in_(ids)))) if ids else set()


def label_machine(
    session: Session, machine: Machine, *, by: Person, at: datetime, why: Again | None = None, copies: int = 1
) -> str:
    """Write that the label of a computer that has its tag is printed: why again, or nothing the first time.

    Raises `NotAllowed`, `CarriesOne` when it carries one already and no reason is given.
    """
    require(by, "labels.print", machine.workshop, at=at)
    lock(session, machine)
    label = session.scalar(select(Label).where(Label.tag == machine.tag))
    again, reason = label is not None, ""
    if label is None:
        session.add(
            Label(
                tag=machine.tag,
                workshop=machine.workshop,
                printed_at=at,
                printed_by_id=by.id,
                machine=machine,
                claimed_at=at,
            )
        )
        session.flush()
    elif machine.id in carried(session, [machine]):
        if why is None:
            raise CarriesOne(tag=machine.tag)
        reason = str(why)
    record(
        session,
        machine,
        Note.LABELLED,
        by=by,
        at=at,
        again=again,
        why=reason or None,
        copies=copies if copies > 1 else None,
    )
    return reason


def free_label(session: Session, text: str, *, by: Person, at: datetime) -> Label:
    """The free label that was scanned, for intake. Raises `MistypedTag`, `NotFound`, `LabelTaken`.

    A label of a workshop where this person does no intake is not found.
    """
    tag = read_tag(text)
    label = session.scalar(select(Label).where(Label.tag == tag))
    taken = session.scalar(select(Machine).where(Machine.tag == tag))
    where = label.workshop if label else taken.workshop if taken else None
    if where is None or not may(by, "bench.intake", where, at=at):
        raise NotFound(tag=tag)
    if label is None or taken is not None or label.machine_id is not None:
        raise LabelTaken(tag=tag)
    return label


def hold_free(session: Session, label: Label) -> None:
    """Lock a label for whoever claims it. Raises `LabelTaken` when another was faster."""
    session.refresh(label, with_for_update=True)
    if label.machine_id is not None:
        raise LabelTaken(tag=label.tag)


def claim(session: Session, label: Label, machine: Machine, *, at: datetime) -> None:
    """Bind a free label to the machine born under its tag. Raises `LabelTaken`."""
    hold_free(session, label)
    if label.tag != machine.tag:
        raise LabelTaken(tag=label.tag)
    label.machine, label.claimed_at = machine, at
    session.flush()


def free_count(session: Session, workshop: Organisation) -> int:
    """How many labels of this workshop wait for a machine."""
    return free_counts(session, [workshop])[workshop.id]


def free_counts(session: Session, workshops: Sequence[Organisation]) -> dict[int, int]:
    """How many labels of each of these workshops wait for a machine, by the workshop's id."""
    rooms = [workshop.id for workshop in workshops]
    waiting = select(Label.workshop_id, func.count()).where(Label.workshop_id.in_(rooms), Label.machine_id.is_(None))
    return dict.fromkeys(rooms, 0) | dict(session.execute(waiting.group_by(Label.workshop_id)).all())


def printed_at_once(session: Session, workshop: Organisation, printed_at: datetime) -> list[Label]:
    """The labels of one printing, in order: to show the sheet again."""
    return list(
        session.scalars(
            select(Label).where(Label.workshop_id == workshop.id, Label.printed_at == printed_at).order_by(Label.id)
        )
    )
