"""Two requests on two connections, in the order that goes wrong: both have looked, the first has acted and not committed, the second acts.

SQLite queues writers before they look, so these meetings happen on PostgreSQL only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from ordi.database import make_engine, make_sessions
from ordi.errors import Refused
from ordi.machines.journal import verify
from tests.cast import Cast, assemble
from tests.ground.clock import NOW

Act = Callable[[], object]
Flow = Callable[[Session], Act]
"""What a request reads at its start; and, given back, what it does then."""

PATIENCE_S = 30
_WAITS = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid AND wait_event_type = 'Lock'")
_PID = text("SELECT pg_backend_pid()")


class Meeting:
    """A database that requests share."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self.sessions = make_sessions(self.engine)
        self.session = self.sessions()
        self.cast: Cast = assemble(self.session, NOW)

    def meet(self, first: Flow, second: Flow) -> tuple[str, str]:
        """Let both look, then the first act, then the second until it waits or is done, then end them in that order.

        How each ended: `done`, the code of its refusal, or `collided` when the database refused it.
        """
        self.session.commit()
        with self.sessions() as one, self.sessions() as two:
            acts = first(one), second(two)
            pid = two.execute(_PID).scalar_one()
            earlier = _try(acts[0])
            told: list[str] = []
            later = threading.Thread(target=lambda: told.append(_ended(two, _try(acts[1]))))
            later.start()
            self._until_it_waits(later, pid)
            ended = _ended(one, earlier)
            later.join(PATIENCE_S)
            assert told, "the second request waits for ever"
        self.session.expire_all()
        assert list(verify(self.session)) == []
        return ended, told[0]

    def _until_it_waits(self, thread: threading.Thread, pid: int) -> None:
        until = time.monotonic() + PATIENCE_S
        with self.engine.connect() as watch:
            while thread.is_alive() and time.monotonic() < until:
                if watch.execute(_WAITS, {"pid": pid}).scalar_one():
                    return
                watch.rollback()
                time.sleep(0.01)

    def close(self) -> None:
        """Leave nothing open."""
        self.session.close()
        self.engine.dispose()


def _try(act: Act) -> str:
    try:
        act()
    except Refused as refusal:
        return refusal.code
    except (IntegrityError, StaleDataError) as error:
        return _collided(error)
    return "done"


def _ended(session: Session, how: str) -> str:
    """Commit what was done, or roll back what was refused."""
    if how != "done":
        session.rollback()
        return how
    try:
        session.commit()
    except (IntegrityError, StaleDataError) as error:
        session.rollback()
        return _collided(error)
    return how


def _collided(error: IntegrityError | StaleDataError) -> str:
    """What the edge answers `someone-just-did-this` to (web/refusals.py); anything else is a bug."""
    if isinstance(error, IntegrityError):
        said = str(error.orig)
        assert "ordi:" in said or "unique" in said.casefold(), said
    return "collided"
