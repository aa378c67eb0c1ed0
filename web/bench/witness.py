"""The second person: who shows their own badge and pictures, or types their own password, and is then truly there."""

from __future__ import annotations

from flask import request

from ordi.errors import Refused
from ordi.parties.people import Person
from web.clock import now
from web.session import db
from web.sign_in import attempts, badges, devices
from web.sign_in.accounts import account_of


class WitnessUnknown(Refused):
    """Name and password are not those of anybody here."""

    code = "witness-unknown"


class WitnessBadgeUnknown(Refused):
    """Badge and pictures are not those of anybody here, or this is no device of the workshop."""

    code = "witness-badge-unknown"


class WitnessWaits(Refused):
    """Too many wrong passwords or pictures for this person."""

    code = "witness-waits"


def witness() -> Person:
    """The person whose badge and pictures, or whose name and password, are in the form.

    Raises `WitnessUnknown`, `WitnessBadgeUnknown`, `WitnessWaits`. A wrong answer is counted as at the door; the count
    is committed before anything else is done.
    """
    badge = request.form.get("witness_badge", "")[:60]
    name = badges.counted_as(badge) if badge else request.form.get("witness", "")[:60]
    left = attempts.wait(db(), name, request.remote_addr or "", at=now()).total_seconds()
    if left > 0:
        raise WitnessWaits(seconds=int(left) + 1)
    person = _of_badge(badge) if badge else _of_password(name)
    if person is None:
        attempts.failed(db(), name, request.remote_addr or "", at=now())
        db().commit()
        raise WitnessBadgeUnknown() if badge else WitnessUnknown()
    attempts.succeeded(db(), name, request.remote_addr or "")
    return person


def _of_badge(badge: str) -> Person | None:
    if devices.device_here() is None:
        return None
    return badges.opened(db(), badge, request.form.get("witness_pictures", "")[:80].split(), at=now())


def _of_password(name: str) -> Person | None:
    account = account_of(db(), name, request.form.get("witness_password", ""))
    return account.person if account and any(account.person.current(now())) else None
