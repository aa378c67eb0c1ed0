"""A page shows a machine as it was; a button pressed on it says which moment it saw."""

from __future__ import annotations

from flask import request

from ordi.errors import SomeoneJustDidThis
from ordi.machines.machine import Machine


def fresh(machine: Machine) -> None:
    """Raise `SomeoneJustDidThis` when the form was made before the machine's last event.

    Forms carry `head_seq` (`{'head_seq': machine.head_seq}` among the hidden fields); one without it is let through.
    """
    said = request.form.get("head_seq", "")
    if said and said != str(machine.head_seq):
        raise SomeoneJustDidThis(tag=machine.tag)
