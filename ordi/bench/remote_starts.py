"""Starts over the network: the agent is brought to a machine that runs something already, and started there, detached.

What is kept here says how far a start has come, whatever becomes of the line: once the agent runs, it is followed by its own
session, as on a machine that booted the live image.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ordi.bench.hosts import BenchHost
from ordi.bench.sessions import BenchSession
from ordi.database import Base
from ordi.errors import NotFound, Refused
from ordi.machines.inventory import AT_BENCH, OutOfBench
from ordi.machines.journal import lock, record
from ordi.machines.lifecycle import Note
from ordi.machines.machine import Machine
from ordi.parties.access import require
from ordi.parties.people import Person

SILENT_AFTER = timedelta(minutes=3)
"""A start nobody heard of for so long was cut off with the program that led it."""


class Step(StrEnum):
    """How far a start has come. The last two end it."""

    ASKED = "asked"
    CONNECTING = "connecting"
    CHECKING = "checking"
    COPYING = "copying"
    STARTING = "starting"
    WAITING = "waiting"
    STARTED = "started"
    FAILED = "failed"


UNDER_WAY = tuple(step for step in Step if step not in (Step.STARTED, Step.FAILED))
_UNDER_WAY = f"step IN ({', '.join(repr(str(step)) for step in UNDER_WAY)})"


class StartUnderWay(Refused):
    """A start is under way for this machine, or at this host."""

    code = "start-under-way"


class RemoteStart(Base):
    """One start of the agent over SSH."""

    __tablename__ = "remote_starts"
    __table_args__ = (
        Index(
            "uq_remote_starts_machine",
            "machine_id",
            unique=True,
            sqlite_where=text(_UNDER_WAY),
            postgresql_where=text(_UNDER_WAY),
        ),
        Index(
            "uq_remote_starts_host",
            "host_id",
            unique=True,
            sqlite_where=text(_UNDER_WAY),
            postgresql_where=text(_UNDER_WAY),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machines.id"), index=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("bench_hosts.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    step: Mapped[str] = mapped_column(String(12), default=Step.ASKED)
    failed_at: Mapped[str] = mapped_column(String(12), default="")
    """The step it failed in."""
    reason: Mapped[str] = mapped_column(String(40), default="")
    detail: Mapped[str] = mapped_column(String(200), default="")
    """What the machine said, made inert."""
    session_uuid: Mapped[str | None] = mapped_column(String(36))
    """The bench session of the agent that runs there."""
    key_fingerprint: Mapped[str] = mapped_column(String(20), default="")
    """Of that session's boot key, as read over the pinned line."""
    asked_at: Mapped[datetime]
    heard_at: Mapped[datetime]

    machine: Mapped[Machine] = relationship()
    host: Mapped[BenchHost] = relationship()

    @property
    def under_way(self) -> bool:
        """Whether something more is to come of it by itself."""
        return self.step in UNDER_WAY


def ask_start(session: Session, machine: Machine, host: BenchHost, *, by: Person, at: datetime) -> RemoteStart:
    """Ask for the agent to be started at `host`, for `machine`.

    Raises `NotAllowed`, `NotFound` (a host of another workshop, or retired), `OutOfBench`, `StartUnderWay`.
    """
    require(by, "bench.remote", machine.workshop, at=at)
    if host.workshop_id != machine.workshop_id or host.retired_at is not None:
        raise NotFound(host=host.id)
    lock(session, machine)
    if machine.state not in AT_BENCH:
        raise OutOfBench(tag=machine.tag, state=machine.state)
    give_up_silent(session, at=at)
    busy = select(RemoteStart.id).where(
        RemoteStart.step.in_(UNDER_WAY), (RemoteStart.machine_id == machine.id) | (RemoteStart.host_id == host.id)
    )
    if session.scalar(busy.limit(1)):
        raise StartUnderWay()
    start = RemoteStart(
        uuid=str(uuid4()), machine=machine, host=host, by_id=by.id, step=Step.ASKED, asked_at=at, heard_at=at
    )
    session.add(start)
    session.flush()
    record(session, machine, Note.REMOTE_STARTED, by=by, at=at, host=host.name)
    return start


def step_to(session: Session, uuid: str, step: Step, *, at: datetime) -> RemoteStart | None:
    """Note that a start has come to `step`; nothing when it ended meanwhile."""
    start = session.scalar(select(RemoteStart).where(RemoteStart.uuid == uuid).with_for_update())
    if start is None or not start.under_way:
        return None
    start.step, start.heard_at = step, at
    session.flush()
    return start


def fail(session: Session, uuid: str, reason: str, detail: str, *, at: datetime) -> None:
    """Note that a start ended badly, why, and what the machine said."""
    start = session.scalar(select(RemoteStart).where(RemoteStart.uuid == uuid).with_for_update())
    if start is not None and start.under_way:
        start.failed_at, start.step, start.heard_at = start.step, Step.FAILED, at
        start.reason, start.detail = reason[:40], detail[:200]
        session.flush()


def started(session: Session, uuid: str, session_uuid: str, key_fingerprint: str, *, at: datetime) -> None:
    """Note that the agent runs, and under which session it speaks."""
    start = step_to(session, uuid, Step.STARTED, at=at)
    if start is not None:
        start.session_uuid, start.key_fingerprint = session_uuid, key_fingerprint
        session.flush()


def give_up_silent(session: Session, *, at: datetime) -> int:
    """End the starts whose leader went away; return how many. The agent itself may well run: starting again finds it."""
    silent = select(RemoteStart).where(RemoteStart.step.in_(UNDER_WAY), RemoteStart.heard_at < at - SILENT_AFTER)
    lost = session.scalars(silent).all()
    for start in lost:
        start.failed_at, start.step, start.reason = start.step, Step.FAILED, "interrupted"
    session.flush()
    return len(lost)


def latest_start(session: Session, machine: Machine) -> RemoteStart | None:
    """The last start asked for a machine."""
    query = select(RemoteStart).where(RemoteStart.machine_id == machine.id).options(joinedload(RemoteStart.host))
    return session.scalar(query.order_by(RemoteStart.id.desc()).limit(1))


def session_of(session: Session, start: RemoteStart) -> BenchSession | None:
    """The bench session of the agent that was started, once it said hello under the key that was read over the line."""
    if start.session_uuid is None:
        return None
    bench = session.scalar(select(BenchSession).where(BenchSession.uuid == start.session_uuid))
    return bench if bench is not None and bench.fingerprint == start.key_fingerprint else None


def host_key_for(session: Session, start: RemoteStart, *, at: datetime) -> str:
    """The one key that may answer: the host's own, else the one that the machine's adopted live system posted. May be empty."""
    if start.host.host_key:
        return start.host.host_key
    booted = select(BenchSession).where(
        BenchSession.machine_id == start.machine_id, BenchSession.host_key.is_not(None), BenchSession.ended_at.is_(None)
    )
    last = session.scalar(booted.order_by(BenchSession.id.desc()).limit(1))
    return last.host_key or "" if last is not None and last.adopted(at) else ""
