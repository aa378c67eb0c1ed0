"""One database session per request, opened when first asked for, rolled back and closed at the end.

The view commits: `db().commit()`. A GET only looks (on SQLite it takes no write lock); one that must write, such as
reading a household's file, which keeps the reading, says so with `@writes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from flask import Flask, current_app, g, has_request_context, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ordi.database import make_sessions

Sessions = Callable[[bool], Session]
"""`sessions(reads)`: a new session, for looking only or for writing."""

_View = TypeVar("_View", bound=Callable[..., object])
_LOOKING = ("GET", "HEAD", "OPTIONS")


def sessions_on(engine: Engine) -> Sessions:
    """Sessions of a real database."""
    writing, reading = make_sessions(engine), make_sessions(engine.execution_options(reads=True))
    return lambda reads: reading() if reads else writing()


def install(app: Flask, sessions: Sessions) -> None:
    """Give `app` its sessions and close each at the end of its request."""
    app.extensions["ordi-sessions"] = sessions
    app.teardown_appcontext(_close)


def writes(view: _View) -> _View:
    """Mark a GET view that writes (a reading is kept, a draft is made)."""
    view.__dict__["writes"] = True
    return view


def db() -> Session:
    """This request's session."""
    if "db" not in g:
        g.db = _sessions()(looks_only())
    session: Session = g.db
    return session


def looks_only() -> bool:
    """Whether this request only reads."""
    if not has_request_context() or request.method not in _LOOKING:
        return False
    view = current_app.view_functions.get(request.endpoint or "")
    return not getattr(view, "writes", False)


@contextmanager
def apart() -> Iterator[Session]:
    """A short transaction of its own, committed at the end: for what must stay even when the request is refused.

    Not while this request's own session holds the database's write lock (SQLite has one).
    """
    with _sessions()(False) as session, session.begin():
        yield session


def _sessions() -> Sessions:
    sessions: Sessions = current_app.extensions["ordi-sessions"]
    return sessions


def _close(_error: BaseException | None) -> None:
    session: Session | None = g.pop("db", None)
    if session is not None:
        session.close()
