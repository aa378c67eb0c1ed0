"""A stick for benches without network: signed jobs in one file, and beside it what was done, signed with the stick's own key.

FILE.json          the jobs, as the server wrote them; never changed
FILE-rapports.json the reports to bring back (docs/protocol.md, "Benches without network")
FILE.etat/         the ledger and the reports one by one, so that a power cut loses nothing and no job is done twice
"""

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.encoding import b64url, canonical, from_b64url
from agent.files import write_durably
from agent.outbox import Outbox, Report
from agent.parsers.reading import at

FORMAT = "ordi-offline/1"
REPORTS = "ordi-offline-reports/1"
LARGEST_FILE = 8 * 1024 * 1024
KEPT = 1000
SIGNED = b"ordi-offline-report/1\n"
"""Before the bytes of a report in what is signed: a signature of the stick's key means nothing else."""


class BadStick(ValueError):
    """A file that is not a stick's, or in which something was edited."""


@dataclass(frozen=True)
class Stick:
    """The jobs of one stick and its key."""

    file: Path
    uuid: str
    server: str
    key: Ed25519PrivateKey = field(repr=False)
    tokens: tuple[str, ...] = field(repr=False)

    @property
    def directory(self) -> Path:
        """Where it keeps what was done."""
        return self.file.with_name(f"{self.file.stem}.etat")

    @property
    def reports_file(self) -> Path:
        """What to bring back."""
        return self.file.with_name(f"{self.file.stem}-rapports.json")

    def write_reports(self, reports: list[Report]) -> None:
        """Put every wipe's report into the file to bring back. Raise OSError."""
        signed = [
            {
                "body": base64.b64encode(report.body).decode("ascii"),
                "signature": b64url(self.key.sign(SIGNED + report.body)),
            }
            for report in reports
            if report.path == "/sanitisations"
        ]
        told = {"format": REPORTS, "stick": self.uuid, "reports": signed}
        write_durably(self.reports_file, canonical(told) + b"\n")

    def reports(self) -> Iterator[bytes]:
        """The body of each report in that file. Raise BadStick when one is not what was signed."""
        told = read_file(self.reports_file, REPORTS)
        listed = told.get("reports")
        if told.get("stick") != self.uuid or not isinstance(listed, list):
            raise BadStick(self.reports_file.name)
        for report in listed:
            try:
                body = base64.b64decode(str(at(report, "body")), validate=True)
                self.key.public_key().verify(from_b64url(str(at(report, "signature"))), SIGNED + body)
            except (ValueError, InvalidSignature) as edited:
                raise BadStick(self.reports_file.name) from edited
            yield body


def read_stick(file: Path) -> Stick:
    """The stick behind a file of jobs. Raise BadStick; each job's own signature is checked when it is read."""
    told = read_file(file, FORMAT)
    uuid, server, jobs = told.get("stick"), told.get("server"), told.get("jobs")
    if not isinstance(uuid, str) or not isinstance(server, str) or not isinstance(jobs, list):
        raise BadStick(file.name)
    try:
        key = Ed25519PrivateKey.from_private_bytes(from_b64url(str(told.get("seed"))))
    except ValueError as bad:
        raise BadStick(file.name) from bad
    return Stick(file.absolute(), uuid, server, key, tuple(job for job in jobs if isinstance(job, str)))


def read_file(file: Path, form: str) -> dict[str, Any]:
    """A JSON object of this format. Raise BadStick."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise BadStick(file.name)
        told = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as broken:
        raise BadStick(file.name) from broken
    if not isinstance(told, dict) or told.get("format") != form:
        raise BadStick(file.name)
    return told


@dataclass
class StickOutbox(Outbox):
    """Reports kept on the stick: nothing leaves from here, and the file to bring back follows each one."""

    stick: Stick | None = None
    writing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def put(self, path: str, body: bytes) -> Report:
        """Save a report, durably, and put it into the file to bring back."""
        report = super().put(path, body)
        with self.writing:
            if self.stick is not None:
                self.stick.write_reports(super().waiting())
        return report

    def waiting(self) -> list[Report]:
        """Nothing waits to be sent while there is no network."""
        return []
