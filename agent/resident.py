"""A machine in use: enrolled once, telling how it is once a day, and really silent when it is turned off."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent import __version__, readings
from agent.encoding import b64url, canonical, from_b64url, instant, new_uuid, read_name
from agent.files import remove, write_durably
from agent.outbox import Outbox, Report, deliver
from agent.parsers.reading import Unreadable, json_object, text, whole
from agent.server import Answer, Refused, Server
from agent.signing import DurableCounter, Signer, raw_private, raw_public


class NotEnrolled(Exception):
    """This machine has no key the server knows."""


@dataclass(frozen=True)
class Machine:
    """What the agent keeps of itself in its state directory. Nothing here names a person."""

    directory: Path

    @property
    def key_file(self) -> Path:
        """The seed of the machine's key, base64url, mode 0600."""
        return self.directory / "machine.key"

    @property
    def enrolment_file(self) -> Path:
        """The uuid of the enrolment, then what the server answered."""
        return self.directory / "enrolment.json"

    @property
    def off_file(self) -> Path:
        """There when check-ins were turned off, with when and by whom."""
        return self.directory / "off"

    @property
    def counter(self) -> DurableCounter:
        """The counter of the machine's key."""
        return DurableCounter(self.directory / "counter")

    @property
    def outbox(self) -> Outbox:
        """Check-ins waiting to be sent."""
        return Outbox(self.directory / "queue")

    def is_off(self) -> bool:
        """Whether check-ins were turned off here."""
        return self.off_file.exists()

    def enrolment(self) -> dict[str, Any]:
        """What is known of the enrolment; empty when there was none, or its file is damaged."""
        try:
            return json_object(self.enrolment_file.read_bytes())
        except (OSError, Unreadable):
            return {}

    def tag(self) -> str | None:
        """The machine's tag, once enrolled."""
        return text(self.enrolment().get("tag"))

    def signer(self) -> Signer:
        """The machine's own key. Raise NotEnrolled when there is none."""
        try:
            key = Ed25519PrivateKey.from_private_bytes(from_b64url(self.key_file.read_text("ascii").strip()))
        except (OSError, ValueError) as missing:
            raise NotEnrolled from missing
        return Signer(key, self.counter)

    def turn_off(self, by: str) -> None:
        """Stop for good: the marker first, then the waiting check-ins, the counter and the key are removed."""
        write_durably(self.off_file, canonical({"at": instant(), "by": by}) + b"\n", mode=0o644)
        for file in sorted((self.directory / "queue").glob("**/*")):
            if file.is_file():
                remove(file)
        for file in (self.key_file, self.counter.path, self.enrolment_file):
            remove(file)


def enrol(machine: Machine, base: str, token: str) -> str:
    """Make the machine's key and tell the server its public half under the one-time `token`. Return the tag.

    Key and uuid are kept before they are sent: telling again tells the same. Turning off is undone.
    Raise Refused or Unreachable.
    """
    known = machine.tag()
    if known:
        return known
    if not machine.key_file.exists():
        remove(machine.counter.path)
        seed = b64url(raw_private(Ed25519PrivateKey.generate()))
        write_durably(machine.key_file, seed.encode("ascii") + b"\n", mode=0o600)
    uuid = text(machine.enrolment().get("uuid")) or new_uuid()
    write_durably(machine.enrolment_file, canonical({"uuid": uuid}), mode=0o600)
    signer = machine.signer()
    told = {"uuid": uuid, "token": token, "public_key": b64url(raw_public(signer.key)), "agent": __version__}
    try:
        said = Server(base, signer=signer).post("/enrolments", canonical(told)).body
    except Refused:
        for file in (machine.key_file, machine.counter.path, machine.enrolment_file):
            remove(file)
        raise
    tag = text(said.get("tag")) or "?"
    kept = {"uuid": uuid, "tag": tag, "keyid": signer.keyid, "every_s": whole(said.get("every_s"))}
    write_durably(machine.enrolment_file, canonical(kept), mode=0o600)
    remove(machine.off_file)
    return tag


def queue(machine: Machine, gather: Callable[[], dict[str, Any]] = readings.gather) -> Report:
    """Gather a check-in and keep it. Needs no network, and no key."""
    return machine.outbox.put("/check-ins", canonical(gather()))


def send(machine: Machine, base: str) -> tuple[int, list[Refused], bool]:
    """Send the waiting check-ins, oldest first. Return how many arrived, final refusals, and whether to stop for good.

    Raise NotEnrolled, or Unreachable when some could not be sent now.
    """
    server = Server(base, signer=machine.signer())
    arrived = 0
    stop = False

    def on_answer(report: Report, answer: Answer) -> None:
        nonlocal arrived, stop
        arrived += 1
        stop = stop or answer.body.get("stop") is True
        every_s = whole(answer.body.get("every_s"))
        if every_s is not None and every_s != machine.enrolment().get("every_s"):
            write_durably(machine.enrolment_file, canonical({**machine.enrolment(), "every_s": every_s}))

    refusals = deliver(machine.outbox, server, on_answer)
    if stop:
        machine.turn_off("server")
    return arrived, refusals, stop


def next_payload(machine: Machine) -> bytes:
    """The very bytes the next check-in will send: the oldest that waits, or one gathered and kept now.

    A machine that sends nothing shows what it would send and keeps nothing.
    """
    waiting = machine.outbox.waiting()
    if waiting:
        return waiting[0].body
    if machine.is_off() or machine.tag() is None:
        return canonical(readings.gather())
    return queue(machine).body


def read_token(file: Path | None, environment: str | None, standard_input: Callable[[], str] | None) -> str | None:
    """The one-time enrolment token: from a file, the environment, or standard input; never from the command line."""
    told = read_name(file) if file else environment or (standard_input() if standard_input else None)
    return text(told)
