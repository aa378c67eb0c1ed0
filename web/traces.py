"""What a bug leaves in the log: where it happened and of what kind, never what it was about.

The words of an exception quote what was typed or what a row holds (PostgreSQL tells the whole row that it refused): a family's name would
stay in a log that many read and that nothing erases.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator


def trace(error: BaseException) -> str:
    """The kinds of the exceptions, the last one first, and the lines of our code and others' that led there."""
    return "\n".join(_told(error))


def _told(error: BaseException) -> Iterator[str]:
    seen: set[int] = set()
    here: BaseException | None = error
    while here is not None and id(here) not in seen:
        seen.add(id(here))
        state = getattr(getattr(here, "orig", None), "sqlstate", None)
        yield f"{type(here).__module__}.{type(here).__qualname__}" + (f" ({state})" if state else "")
        for frame in traceback.extract_tb(here.__traceback__):
            yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
        here = here.__cause__ or (None if here.__suppress_context__ else here.__context__)
