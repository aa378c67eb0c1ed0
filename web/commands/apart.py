"""Work that goes on after the command that began it has ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.orm import Session


def in_a_process_of_its_own(session: Session, work: Callable[[], None]) -> None:
    """Fork a child that does `work` with this session, and return at once; the session must have been committed.

    The child has a process group of its own, so that a Ctrl-C meant for the server does not cut it short, and holds
    neither its input nor its output; where the command's errors go, its own go.
    """
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    session.commit()
    engine.dispose()  # no connection is shared by two processes
    sys.stdout.flush()
    if os.fork():
        return
    status = 1
    try:
        os.setsid()
        silence = os.open(os.devnull, os.O_RDWR)
        os.dup2(silence, 0)
        os.dup2(silence, 1)
        work()
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)
