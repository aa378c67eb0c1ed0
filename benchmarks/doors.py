"""What machines send: bench inventories and daily news, through the whole application.

The floor is a bare view of the same application that keeps the same bytes in one row. Nothing here waits for a
network, and one request follows another: what several workers take in together is theirs to multiply.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import cast
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session
from werkzeug.test import Client

from agent.signing import DurableCounter, Signer, raw_public
from benchmarks.figures import Pair, several
from benchmarks.ground import Town, on_both
from ordi.fleet.enrolment import enrol, prepare
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.machines.reports import pack
from ordi.parties.organisations import Organisation
from ordi.parties.tokens import make_token
from tests.evidence import outputs
from tests.ground.clock import NOW

SIZE = 130_000
"""Bytes of a bench inventory as a laptop with one drive sends it."""
ACTS = 20
JSON = {"Content-Type": "application/json"}


@on_both("evidence: inventories of 130 kB", floor="the same bytes kept in one row")
def inventories(town: Town) -> Iterator[Pair]:
    """Machines at the bench, inventoried again: kept, expanded, read, recognised, written in the history."""
    random = Random(7)
    machines = town.some(State.RECEIVED, ACTS)
    with Session(town.engine) as session:
        workshop = session.get_one(Organisation, town.cast.workshop.id)
        _, secret = make_token(
            session, "bench", ["evidence:write"], workshop, by=None, at=NOW, answers=session.merge(town.cast.sam)
        )
        session.commit()
    client, turn = Client(town.app), iter(range(10**9))
    headers = JSON | {"Authorization": f"Bearer {secret}"}
    bodies = [_inventory(machine, random) for machine in machines]

    def ours() -> None:
        number = next(turn)
        body = json.dumps(bodies[number % len(bodies)] | {"uuid": str(uuid4())}).encode()
        answer = client.post("/api/v1/evidence", data=body, headers=headers)
        assert answer.status_code == 201, answer.text
        assert answer.get_json()["tag"] == machines[number % len(bodies)].tag, answer.text

    bare = json.dumps(bodies[0]).encode()
    yield Pair(several(ACTS, ours), several(ACTS, lambda: client.post("/api/floor", data=bare, headers=JSON)))


@on_both("evidence: files of another tool, 130 kB", floor="the same bytes kept in one row")
def files(town: Town) -> Iterator[Pair]:
    """A tree of lshw as large as a real one, of a machine known: sifted, read, recognised, written in the history."""
    (machine,) = town.some(State.RECEIVED, 1)
    with Session(town.engine) as session:
        workshop = session.get_one(Organisation, town.cast.workshop.id)
        _, secret = make_token(
            session, "bench", ["evidence:write"], workshop, by=None, at=NOW, answers=session.merge(town.cast.sam)
        )
        session.commit()
    tree = outputs.tree(machine.serial or "", "")
    leaf = {"id": "usb", "class": "input", "description": "Keyboard", "product": "Keyboard", "version": "1.11"}
    leaf |= {"capabilities": {"usb-2.00": "USB 2.0"}, "configuration": {"driver": "usbhid", "speed": "12Mbit/s"}}
    tree["children"] += [leaf] * ((SIZE - len(json.dumps(tree))) // len(json.dumps(leaf)))
    text, client, turn = json.dumps(tree), Client(town.app), iter(range(10**9))
    headers = {"Authorization": f"Bearer {secret}"}

    def ours() -> None:
        body = f"{text}{' ' * next(turn)}".encode()
        answer = client.post(f"/api/v1/evidence?format=lshw&tag={machine.tag}", data=body, headers=headers)
        assert answer.status_code == 201, answer.text
        assert answer.get_json()["tag"] == machine.tag, answer.text

    bare = text.encode()
    yield Pair(several(ACTS, ours), several(ACTS, lambda: client.post("/api/floor", data=bare, headers=JSON)))


@on_both("check-ins", floor="the same bytes kept in one row")
def news(town: Town) -> Iterator[Pair]:
    """Machines in use give their daily news, each signed by its own key; signing is counted, a tenth of a millisecond."""
    voices = [_voice(town, machine) for machine in town.some(State.HANDED_OVER, ACTS)]
    client, turn = Client(town.app), iter(range(10**9))
    url = "http://localhost/api/v1/check-ins"

    def ours() -> None:
        body = json.dumps(_news()).encode()
        headers = voices[next(turn) % len(voices)].headers("POST", url, body)
        answer = client.post("/api/v1/check-ins", data=body, headers=headers)
        assert answer.status_code == 201, answer.text

    bare = json.dumps(_news()).encode()
    yield Pair(several(ACTS, ours), several(ACTS, lambda: client.post("/api/floor", data=bare, headers=JSON)))


def _inventory(machine: Machine, random: Random) -> dict[str, object]:
    """An envelope as large as a real one: what a drive logs of itself hardly compresses."""
    dmi = (
        f"# dmidecode 3.4\nHandle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: {machine.manufacturer}\n"
        f"\tProduct Name: {machine.model}\n\tSerial Number: {machine.serial}\n\nHandle 0x0003, DMI type 3, 22 bytes\n"
        "Chassis Information\n\tType: Notebook\n"
    )
    drive = {"name": "sda", "type": "disk", "size": 256 * 10**9, "serial": f"DRV{machine.serial}", "rota": False}
    blocks = {"blockdevices": [drive | {"tran": "sata", "model": "Crucial MX500 256GB", "rm": False}]}
    log = {"model_name": "Crucial MX500 256GB", "serial_number": f"DRV{machine.serial}"}
    raw = {
        "dmidecode": pack(dmi.encode()),
        "lsblk": pack(json.dumps(blocks).encode()),
        "psutil": pack(b'{"cpu_model": "Intel(R) Core(TM) i5-8350U", "memory_bytes": 8589934592}'),
    }
    room = SIZE - len(json.dumps(raw)) - 300
    raw["smartctl:sda"] = pack(json.dumps(log | {"log": random.randbytes(room * 3 // 8).hex()}).encode())
    return {"uuid": "", "format": "ordi-inventory/1", "agent": "0.1.0", "raw": raw, "absences": []}


class _Counter:
    """The machine's counter without its disk: a family's disk is not what is measured."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        """The next number."""
        self.last += 1
        return self.last


def _voice(town: Town, machine: Machine) -> Signer:
    key = Ed25519PrivateKey.generate()
    with Session(town.engine) as session:
        own = session.get_one(Machine, machine.id)
        token = prepare(session, own, by=session.merge(town.cast.lou), at=NOW)
        enrol(session, token=token, public_key=raw_public(key), uuid=str(uuid4()), at=NOW)
        session.commit()
    return Signer(key, cast(DurableCounter, _Counter()), clock=lambda: NOW.timestamp())


def _news() -> dict[str, object]:
    drive = {"name": "sda", "model": "Crucial MX500", "passed": True, "power_on_hours": 9000, "reallocated": 0}
    return {
        "uuid": str(uuid4()),
        "agent": "0.1.0",
        "at": "2026-11-16T09:30:00Z",
        "uptime_s": 600,
        "disk_percent": 40,
        "battery": {"percent": 80, "full": 45, "full_design": 50, "cycles": 120},
        "drives": [drive | {"pending": 0, "offline_uncorrect": 0}],
        "absences": [],
    }
