"""Small hands for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from ordi.parties.people import Person
from tests.races.meeting import Act, Flow

_Thing = TypeVar("_Thing")
Verb = Callable[[Session, _Thing, Person], object]


def flow(kind: type[_Thing], number: int, who: Person, verb: Verb[Any]) -> Flow:
    """A request that reads one thing and who asks, as a page does, then does `verb` with them."""
    person = who.id

    def look(session: Session) -> Act:
        thing, by = session.get_one(kind, number), session.get_one(Person, person)
        return lambda: verb(session, thing, by)

    return look
