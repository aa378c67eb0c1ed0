"""What is done without anyone waiting for it: each room names its duties, `ordi worker` does them.

@duty("messages")
def send(session: Session, settings: Settings, at: datetime) -> int:   # how many it did; the worker commits
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from sqlalchemy.orm import Session

from web import clock
from web.session import apart
from web.settings import Settings
from web.sign_in import attempts

Duty = Callable[[Session, Settings, datetime], int]
DUTIES: dict[str, Duty] = {}


def duty(name: str) -> Callable[[Duty], Duty]:
    """Name something the worker does."""

    def add(does: Duty) -> Duty:
        if DUTIES.setdefault(name, does) is not does:
            raise ValueError(f"two duties called {name}")
        return does

    return add


def run_all(app: Flask) -> dict[str, int]:
    """Do every duty once, each in a transaction of its own: one that fails is logged and tried again, alone."""
    done = {}
    for name, does in DUTIES.items():
        with app.app_context():
            settings: Settings = app.extensions["ordi-settings"]
            try:
                with apart() as session:
                    done[name] = does(session, settings, clock.now())
            except Exception:
                app.logger.exception("the duty %s failed", name)
                if app.testing:
                    raise
                done[name] = 0
    return done


@duty("sign-in counts")
def _forget_attempts(session: Session, _settings: Settings, at: datetime) -> int:
    before = attempts.counted(session)
    attempts.forget_old(session, at=at)
    return before - attempts.counted(session)
