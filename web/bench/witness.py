"""The second person: who types their own name and password on this screen, and is then truly there."""

from __future__ import annotations

from flask import request

from ordi.errors import Refused
from ordi.parties.people import Person
from web.clock import now
from web.session import db
from web.sign_in import attempts
from web.sign_in.accounts import account_of


class WitnessUnknown(Refused):
    """Name and password are not those of anybody here."""

    code = "witness-unknown"


class WitnessWaits(Refused):
    """Too many wrong passwords for this name."""

    code = "witness-waits"


def witness() -> Person:
    """The person whose `witness` name and `witness_password` are in the form. Raises `WitnessUnknown`, `WitnessWaits`.

    A wrong password is counted as at the door; the count is committed before anything else is done.
    """
    name, address = request.form.get("witness", "")[:60], request.remote_addr or ""
    left = attempts.wait(db(), name, address, at=now()).total_seconds()
    if left > 0:
        raise WitnessWaits(seconds=int(left) + 1)
    account = account_of(db(), name, request.form.get("witness_password", ""))
    if account is None or not any(account.person.current(now())):
        attempts.failed(db(), name, address, at=now())
        db().commit()
        raise WitnessUnknown()
    attempts.succeeded(db(), name, address)
    return account.person
