"""The commands of a machine in use: `enrol`, `check-in`, `show`, `off`. Each returns the status the process ends with."""

import os
import sys
from argparse import Namespace

from agent import resident
from agent.config import Config
from agent.outbox import Patience
from agent.running import DONE, LATER, REFUSED, USAGE, alone, asked_to_stop, worth_waiting
from agent.server import Unreachable
from agent.wording import say


def enrol(config: Config, asked: Namespace) -> int:
    """Make this machine's key and enrol it with a one-time token."""
    base = config.base_url()
    machine = resident.Machine(config.directory)
    with alone(config.directory, "agent"):
        known = machine.tag()
        if known:
            say("already-enrolled", tag=known)
            return DONE
        piped = None if sys.stdin.isatty() else sys.stdin.readline
        token = resident.read_token(asked.token_file, os.environ.get("ORDI_ENROLMENT_TOKEN"), piped)
        if token is None:
            say("no-token")
            return USAGE
        try:
            tag = resident.enrol(machine, base, token)
        except Unreachable as lost:
            say("kept-for-later", why=lost)
            return LATER
    say("enrolled", tag=tag)
    return DONE


def check_in(config: Config, asked: Namespace) -> int:
    """Keep a check-in, send those that wait; either half alone for the two units of a machine in use."""
    machine = resident.Machine(config.directory)
    if machine.is_off():
        say("is-off")
        return DONE
    if machine.tag() is None:
        say("not-enrolled")
        return DONE
    if not asked.send_only:
        resident.queue(machine)
        say("queued")
    if asked.queue_only:
        return DONE
    with alone(config.directory, "agent"):
        try:
            return send_check_ins(config, machine)
        except resident.NotEnrolled:
            say("not-enrolled")
            return USAGE


def send_check_ins(config: Config, machine: resident.Machine) -> int:
    """Send the waiting check-ins, a few times over."""
    base, patience, stopping = config.base_url(), Patience(), asked_to_stop()
    while True:
        try:
            arrived, refusals, stop = resident.send(machine, base)
        except Unreachable as lost:
            wait = patience.after(lost)
            if not worth_waiting(patience, wait) or stopping.wait(wait):
                say("kept-for-later", why=lost)
                return LATER
            continue
        for refusal in refusals:
            say("refused-by-server", code=refusal.code)
        if stop:
            say("stopped-by-server")
        else:
            say("checked-in", count=arrived)
        return REFUSED if refusals else DONE


def show(config: Config, _asked: Namespace) -> int:
    """Print the next check-in, byte for byte as it will be sent, and nothing else."""
    sys.stdout.buffer.write(resident.next_payload(resident.Machine(config.directory)))
    sys.stdout.buffer.flush()
    return DONE


def off(config: Config, _asked: Namespace) -> int:
    """Turn check-ins off for good."""
    with alone(config.directory, "agent"):
        resident.Machine(config.directory).turn_off("here")
    say("turned-off")
    return DONE
