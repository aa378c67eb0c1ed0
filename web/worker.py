"""What is done without anyone waiting for it: each room names its duties, `ordi worker` does them.

@duty("messages")
def send(session: Session, settings: Settings, at: datetime) -> int:   # how many it did; the worker commits
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ordi.database import Base
from web import clock
from web.session import apart
from web.settings import Settings
from web.sign_in import attempts, second_factor
from web.traces import trace

Duty = Callable[[Session, Settings, datetime], int]
DUTIES: dict[str, Duty] = {}
SENDERS: set[str] = set()
"""Duties that send what the others write: done after them, so that nothing waits for the next round."""


def duty(name: str, *, sends: bool = False) -> Callable[[Duty], Duty]:
    """Name something the worker does; one that `sends` is done after those that write."""

    def add(does: Duty) -> Duty:
        if sends:
            SENDERS.add(name)
        if DUTIES.setdefault(name, does) is not does:
            raise ValueError(f"two duties called {name}")
        return does

    return add


NOTED_EVERY = timedelta(minutes=10)


class DutyRun(Base):
    """How a duty went last: what `ordi doctor` and the administration show when one fails."""

    __tablename__ = "duty_runs"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    last_at: Mapped[datetime]
    good_at: Mapped[datetime | None]
    """When it last went well."""
    failure: Mapped[str] = mapped_column(String(80), default="")
    """The kind of the last error, when it failed since; its words are in the log, for they may name anything."""


def failing(session: Session) -> list[DutyRun]:
    """The duties that failed the last time."""
    return list(session.scalars(select(DutyRun).where(DutyRun.failure != "").order_by(DutyRun.name)))


def run_all(app: Flask) -> dict[str, int]:
    """Do every duty once, each in a transaction of its own: one that fails is logged, told and tried again, alone."""
    done = {}
    for name, does in sorted(DUTIES.items(), key=lambda one: one[0] in SENDERS):
        with app.app_context():
            settings: Settings = app.extensions["ordi-settings"]
            failure = ""
            try:
                with apart() as session:
                    done[name] = does(session, settings, clock.now())
            except Exception as error:
                app.logger.error("the duty %s failed\n%s", name, trace(error))
                done[name], failure = 0, type(error).__name__
            _note(app, name, failure, clock.now())
    return done


def _note(app: Flask, name: str, failure: str, at: datetime) -> None:
    """Write how it went: at once when that changed, else now and then, for the worker looks every few seconds."""
    noted: dict[str, tuple[str, datetime]] = app.extensions.setdefault("ordi-duties-noted", {})
    before = noted.get(name)
    if before is not None and before[0] == failure and at < before[1] + NOTED_EVERY:
        return
    with suppress(IntegrityError), apart() as session:  # another worker may note it in the same second
        run = session.get(DutyRun, name) or DutyRun(name=name)
        run.last_at, run.failure = at, failure[:80]
        if not failure:
            run.good_at = at
        session.add(run)
    noted[name] = failure, at


@duty("sign-in counts")
def _forget_attempts(session: Session, _settings: Settings, at: datetime) -> int:
    before = attempts.counted(session)
    attempts.forget_old(session, at=at)
    second_factor.forget_old(session, at=at)
    return before - attempts.counted(session)
