"""The commands of the bench: `inventory` and `wipe`. Each returns the status the process ends with."""

import base64
import gzip
import json
import os
import sys
import threading
import time
from argparse import Namespace
from typing import Any

from agent import inventory as inventories
from agent import offline, qr
from agent.bench import Bench
from agent.config import Config
from agent.encoding import canonical, printable
from agent.outbox import BENCH_MOST_S, Outbox, Patience, Report
from agent.running import DONE, LATER, NOT_ALL_DONE, TRIES, USAGE, alone, asked_to_stop, send_waiting
from agent.sanitise.commit import Outcome
from agent.server import Answer, Server, Unreachable
from agent.session import WAITING, Session, open_session
from agent.wording import pictured, say


def inventory(config: Config, asked: Namespace) -> int:
    """Gather evidence and send it, or print it."""
    if asked.print:
        print(canonical(inventories.gather(config)).decode("utf-8"))
        return DONE
    if asked.json:
        print(json.dumps(unpacked(inventories.gather(config)), indent=1))
        return DONE
    base = config.base_url()
    stopping = asked_to_stop()
    with alone(config.bench_directory, "bench"):
        outbox = Outbox(config.bench_directory / "outbox")
        report = save_evidence(config, outbox)
        try:
            if config.token:
                server = Server(base, bearer=config.token)
            else:
                server = patiently_opened(config, stopping, tries=TRIES).server
        except Unreachable as lost:
            say("kept-for-later", why=lost)
            return LATER
        return send_waiting(outbox, server, stopping, show_tag, only=report if config.token else None)


def unpacked(envelope: dict[str, Any]) -> dict[str, Any]:
    """An evidence envelope with its raw parts readable, for a person."""

    def opened(part: str) -> str:
        return gzip.decompress(base64.b64decode(part)).decode("utf-8", "replace")

    return {**envelope, "raw": {source: opened(part) for source, part in envelope["raw"].items()}}


def save_evidence(config: Config, outbox: Outbox) -> Report:
    """Gather evidence and keep it in the outbox."""
    envelope = inventories.gather(config)
    say("evidence-saved", sources=len(envelope["raw"]), absences=len(envelope["absences"]))
    return outbox.put("/evidence", canonical(envelope))


def show_tag(report: Report, answer: Answer) -> None:
    """Tell which machine the server took this one for."""
    if report.path == "/evidence":
        say("evidence-sent", tag=answer.body.get("tag") or "?")


def wipe(config: Config, asked: Namespace) -> int:
    """Open a session, send the evidence, and do the server's jobs; or those of a stick, without a server."""
    if asked.jobs is not None:
        return offline.wipe(config, asked.jobs, offline.give_up_at(asked.give_up_after))
    config.base_url()
    if os.geteuid() != 0:
        say("not-root")
        return USAGE
    stopping = asked_to_stop()
    until = None if asked.give_up_after is None else time.monotonic() + asked.give_up_after
    with alone(config.bench_directory, "bench"):
        outbox = Outbox(config.bench_directory / "outbox")
        save_evidence(config, outbox)
        try:
            session = patiently_opened(config, stopping, until=until)
        except Unreachable as lost:
            say("kept-for-later", why=lost)
            return LATER
        bench = Bench(config, session, outbox, stopping)
        bench.work(once=asked.once, until=until)
        if stopping.is_set():
            say("stopping")
        return ended_with(bench.outcomes, outbox)


def ended_with(outcomes: list[Outcome], outbox: Outbox) -> int:
    """The status of a run that did these jobs."""
    if any(outcome != "completed" for outcome in outcomes):
        return NOT_ALL_DONE
    return LATER if outbox.waiting() else DONE


def patiently_opened(
    config: Config, stopping: threading.Event, *, tries: int | None = None, until: float | None = None
) -> Session:
    """Open the bench session and show how to adopt it, trying again while the server does not answer.

    Raise Refused; or Unreachable after so many `tries`, at `until` (monotonic), or when asked to stop.
    """
    patience = Patience(BENCH_MOST_S)
    while True:
        try:
            session = open_session(config)
        except Unreachable as lost:
            wait = patience.after(lost)
            late = until is not None and time.monotonic() + wait > until
            if late or (tries is not None and patience.failures >= tries):
                raise
            say("unreachable", why=lost, seconds=round(wait))
            if stopping.wait(wait):
                raise
        else:
            show_adoption(session, config)
            return session


def show_adoption(session: Session, config: Config) -> None:
    """Show what a technician needs to adopt this machine: the QR code and the three pictures."""
    if config.test:
        say("test")
    if session.state != WAITING:
        say("adopted", tag=session.tag or "?")
        return
    address = printable(session.adopt_url)
    drawing = qr.drawn(address)
    say("adopt") if drawing else say("no-qr")
    print(f"{drawing or ''}{address}", file=sys.stderr)
    say("pictograms", pictograms=pictured(session.pictograms))
