"""The workshops a person works in, under a permission."""

from __future__ import annotations

from flask import request
from sqlalchemy import or_, select

from ordi.errors import NotFound
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from web.clock import now
from web.guards import me
from web.session import db


def my_workshops(permission: str) -> list[Organisation]:
    """Every workshop where this person holds a permission."""
    held = [
        Organisation.path.startswith(one.organisation.path, autoescape=True) for one in grounds(me(), permission, now())
    ]
    query = select(Organisation).where(Organisation.kind == Kind.WORKSHOP, or_(*held))
    return list(db().scalars(query.order_by(Organisation.name))) if held else []


def my_workshop(permission: str) -> Organisation:
    """The workshop asked for in the form or the address, or the first. Raises `NotFound`."""
    asked = request.values.get("workshop", "")
    found = [room for room in my_workshops(permission) if not asked or str(room.id) == asked]
    if not found:
        raise NotFound(workshop=asked[:20])
    return found[0]
