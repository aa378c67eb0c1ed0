"""A whole day on real processes: what it leaves behind says nothing of a family, and little of those who work here.

`ordi serve`, gunicorn with an access log, the worker, a file in place of the gateway of text messages, a backup: a word is planted in every
personal column (`planted.py`), people sign in, read, correct, mistype and search, and then everything that was written is read.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from ordi.bench.certificates import issue
from ordi.database import make_engine, make_sessions
from ordi.giving.offers import offer
from ordi.keys import KeyRing
from ordi.log.readers import add_reader
from ordi.machines.drive import Medium
from ordi.machines.lifecycle import State
from ordi.machines.machine import Form
from ordi.messages import outbox
from ordi.parties.households import Contact, correct, open_file
from ordi.sharing import telling
from ordi.sharing.allocation import allocate
from ordi.sharing.consents import CURRENT_TEXT
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.hand_over import hand_over
from ordi.sharing.requests import Reach
from tests.access.test_traces import everything_in
from tests.bench.benches import wipe
from tests.cast import Cast, assemble
from tests.factories import a_drive, a_machine
from tests.fleet.news import enrolled, news, tell
from tests.ground.clock import NOW
from tests.ground.server import HOUSE, ORDI, free_port, run_ordi, serving, settings_for
from tests.ground.visitor import Page, Visitor
from tests.privacy.planted import CLASS, FAMILY_WORDS, OLD, PASSWORD, PLANTED, STAFF, TYPED
from tests.sharing import classes, families
from tests.sharing.classes import an_open_list
from tests.sharing.families import a_programme, a_signature
from web.settings import TEXTS
from web.sign_in import devices
from web.sign_in.accounts import open_account
from web.sign_in.second_factor import SecondFactor, secret_of

NUMBER = PLANTED["households", "phone_sealed"]
WORDS = [
    *(word for word in FAMILY_WORDS if word != PLANTED["households", "language_sealed"]),
    f"33{NUMBER[1:]}",
    PASSWORD,
]
"""Of a family, and what is typed at doors. (Its language is read by pages: that word is sought in test_backups.)"""
LASTING = (
    "events",
    "check_ins",
    "certificates",
    "labels",
    "printed_labels",
    "log_leaves",
    "log_heads",
    "alerts",
    "evidence",
)
"""What is kept for good, or goes outside."""


class Day:
    """What a day made: where to look for it."""

    request: str
    machine: str
    proven: str
    certificate: str


def _lived(session: Session, cast: Cast, ring: KeyRing, at: datetime) -> Day:
    """A word in every personal column, by the real verbs; a family from its first word to its computer's first news."""
    sealer, staff, made = ring.sealer(), STAFF, Day()
    cast.ines.name, cast.donor.name = staff["people", "name"], staff["organisations", "name"]
    for column in ("street", "phone", "email"):
        setattr(cast.donor, column, staff["organisations", column])
    home = (PLANTED["households", f"{name}_sealed"] for name in ("name", "phone", "email", "address"))
    family = open_file(session, cast.partner, Contact(OLD, NUMBER), sealer=sealer, by=cast.ines, at=at)
    correct(session, family, Contact(*home), sealer=sealer, by=cast.ines, at=at)
    filing = Filing(
        programme=a_programme(session, cast),
        needs=("paperwork",),
        household=family,
        consent=Reading(CURRENT_TEXT, "fr"),
        reach=Reach.SMS,
        note=PLANTED["request_notes", "text_sealed"],
    )
    asked = file_request(session, cast.partner, filing, by=cast.ines, at=at, sealer=sealer)
    promise = allocate(session, a_machine(session, cast, at=at), asked, by=cast.ada, at=at)
    hand_over(session, promise, a_signature(), by=cast.ines, at=at)
    tell(
        session,
        enrolled(session, cast, promise.machine, at=at),
        news(session, promise.machine, at=f"{at:%Y-%m-%dT%H:%M:%SZ}"),
        at=at,
    )
    said: dict[str, object] = {"begins": at.isoformat(), "place": cast.workshop.id}
    telling.tell(session, asked, telling.Telling.BOOKED, said, about="day", once="day", at=at)
    an_open_list(session, cast, CLASS)
    offer(session, cast.donor, {Form.LAPTOP: 1}, note=staff["offers", "note"], by=cast.bruno, at=at)
    add_reader(session, staff["head_readers", "name"], staff["head_readers", "address"], by=cast.zoe, at=at)
    attached = ("head.json", staff["messages", "attachment"].encode())
    told = (staff["messages", column] for column in ("recipient", "subject", "body"))
    outbox.put(session, "head", *told, at=at, attachment=attached)
    devices.register(session, cast.workshop, staff["bench_devices", "name"], by=cast.lou, at=at)
    machine = a_machine(session, cast, State.RECEIVED, at=at, triage="keep")
    drive = a_drive(session, machine, medium=Medium.HDD, size=64 * 1024)
    outcome = wipe(session, machine, drive, by=cast.sam, at=at)
    assert outcome.proof
    made.certificate = issue(session, outcome.proof, ring.signing("certificate", at), at=at).code
    made.request, made.machine, made.proven = asked.code, promise.machine.tag, machine.tag
    for person, username in (
        ("ines", staff["accounts", "username"]),
        ("ada", "ada"),
        ("vic", "vic"),
        ("bruno", "bruno"),
    ):
        open_account(session, getattr(cast, person), username, PASSWORD, at=at)
    session.commit()
    return made


@contextmanager
def _gunicorn(data: Path, database_url: str) -> Iterator[str]:
    """What a server runs (deploy/), and an access log beside it, which ours keeps closed."""
    port = free_port()
    words = ("--config", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}", "--workers", "1")
    words += ("--access-logfile", str(data / "access.log"), "--log-level", "debug", "web:create_app()")
    with (data / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *words],
            env=settings_for(data, database_url=database_url, port=port),
            cwd=HOUSE,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        Visitor(url).await_it(process)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _entered(url: str, username: str) -> tuple[Visitor, list[Page]]:
    """Somebody mistypes their name and password, then comes in, with a telephone's code where it is asked."""
    visitor = Visitor(url)
    door = visitor.get("/sign-in")
    wrong = visitor.submit(door, "/sign-in", username=TYPED, password=PASSWORD)
    inside = visitor.submit(visitor.get("/sign-in"), "/sign-in", username=username, password=PASSWORD)
    code = "le code est"
    if code in inside.text:
        digits = inside.text.partition(code)[2].split(".")[0].strip()
        inside = visitor.submit(inside, "/sign-in/code", code=digits, known="y")
    assert visitor.get("/").status == 200
    return visitor, [wrong, inside]


def _followed(visitor: Visitor, day: Day) -> None:
    """What a service does in a day: reads, searches, hands out, corrects, is refused, mistypes."""
    for page in ("", "/file", "/file/paper", "/file.json"):
        read = visitor.get(f"/sharing/requests/{day.request}{page}")
        assert (read.status, PLANTED["households", "name_sealed"] in read.text) == (200, True), page
    file = visitor.get(f"/sharing/requests/{day.request}/file")
    listed = visitor.get("/sharing")
    if "/sharing/find" in listed.text:
        found = visitor.submit(listed, "/sharing/find", name=PLANTED["households", "name_sealed"])
        assert day.request in found.text
        visitor.submit(listed, "/sharing/find", name=TYPED)
        assert visitor.submit(file, "/file", name=TYPED + "x" * 90).status == 422
        form = visitor.get("/sharing/new")
        visitor.submit(form, "/sharing/new", step="family", name=TYPED, phone=NUMBER, note=TYPED * 20)
    visitor.submit(visitor.get("/"), "/machines/search", q=TYPED)
    visitor.get(f"/machines/{day.machine}")
    visitor.get("/sharing/requests/D-1999-0001")


def _in(place: bytes, words: list[str]) -> list[str]:
    return [word for word in words if word.encode() in place]


def _cells(engine: Engine) -> dict[str, str]:
    """Every table, each value as it could be read: unpacked, decoded."""
    with engine.connect() as connection:
        return {
            table: "\n".join(
                everything_in(cell) for row in connection.execute(text(f'select * from "{table}"')) for cell in row
            )
            for table in inspect(connection).get_table_names()
        }


def _files(data: Path, database_url: str) -> Iterator[tuple[str, bytes]]:
    """All that was written on the disk, a backup opened, a dump of PostgreSQL."""
    for path in sorted(one for one in data.rglob("*") if one.is_file() and one.name != TEXTS):
        yield path.name, path.read_bytes()
        if path.name.endswith(".tar.gz"):
            with tarfile.open(path) as archive:
                for member in archive.getmembers():
                    file = archive.extractfile(member)
                    yield f"{path.name}: {member.name}", file.read() if file else b""
    where = make_url(database_url)
    if where.get_backend_name() == "postgresql":
        plain = where.set(drivername="postgresql").render_as_string(hide_password=False)
        yield "pg_dump", subprocess.run(["pg_dump", plain], capture_output=True, check=True).stdout


@pytest.mark.usefixtures("upgrade")
def test_a_whole_day_leaves_no_word_of_a_family_behind(
    migrated_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, at = tmp_path, datetime.now(UTC)
    environment = settings_for(data, database_url=migrated_database)
    (data / "demonstration").touch()  # texts go to a file, and the door says a telephone's code
    ring = KeyRing.open(data / "keys", at=at)
    for hands in (families, classes):
        monkeypatch.setattr(hands, "SEALER", ring.sealer())
    engine = make_engine(migrated_database)
    with make_sessions(engine)() as session:
        cast = assemble(session, NOW)
        day = _lived(session, cast, ring, at)
        readers = [cast.ines.id, cast.ada.id]
    asked: list[str] = []
    pages: dict[str, str] = {}
    with serving(data, database_url=migrated_database) as server:
        ines, _ = _entered(server.url, STAFF["accounts", "username"])
        _followed(ines, day)
        asked += ines.asked
    with _gunicorn(data, migrated_database) as url:
        ada, _ = _entered(url, "ada")
        _followed(ada, day)
        asked += ada.asked
        for name, paths in (
            (
                "vic",
                ("/", f"/machines/{day.machine}", f"/M/{day.machine}", "/sharing", f"/sharing/requests/{day.request}"),
            ),
            ("bruno", ("/", "/machines", f"/machines/{day.proven}", "/giving", f"/sharing/requests/{day.request}")),
        ):
            visitor, _ = _entered(url, name)
            asked += visitor.asked
            pages |= {f"{name} {path}": visitor.get(path).text for path in paths}
        nobody = Visitor(url)
        for path in (f"/M/{day.machine}", f"/C/{day.certificate}", "/what-a-computer-sends", "/api/v1/log/head"):
            pages[f"nobody {path}"] = nobody.get(path).text
        labels = ada.get(f"/labels/for/machine/{day.machine}")
        pages["a label"] = labels.text
    worked = subprocess.run([*ORDI, "worker", "--once"], env=environment, cwd=HOUSE, capture_output=True, check=True)
    (data / "worker.log").write_bytes(worked.stdout + worked.stderr)
    run_ordi(environment, "backup", str(data / "backups"))

    with make_sessions(engine)() as session:
        factors = [session.get_one(SecondFactor, number) for number in readers]
        secrets = [secret_of(one, ring.sealer()) for one in factors]
    cells, files = _cells(engine), dict(_files(data, migrated_database))
    engine.dispose()
    gone = (data / TEXTS).read_bytes()

    # each place was really written to, and each word of staff really is where it is kept
    assert labels.status == 200
    assert b"Ordi:" in files["server.log"]
    assert f"GET /sharing/requests/{day.request}".encode() in files["access.log"]
    assert b"messages: " in files["worker.log"]
    assert NUMBER[1:].encode() in gone
    assert not [where for where, word in STAFF.items() if word not in cells[where[0]]]

    of_families = [*WORDS, *secrets]
    assert {name: found for name, held in files.items() if (found := _in(held, of_families))} == {}
    assert {name: found for name, held in cells.items() if (found := _in(held.encode(), of_families))} == {}
    assert {name: found for name, told in pages.items() if (found := _in(told.encode(), WORDS))} == {}
    assert _in("\n".join(asked).encode(), [*of_families, *STAFF.values()]) == []
    assert _in(gone, [word for word in of_families if NUMBER[1:] not in word]) == []
    assert _in(gone, list(STAFF.values())) == []
    logs = {name: held for name, held in files.items() if name.endswith(".log")}
    assert {"server.log", "gunicorn.log", "access.log", "worker.log"} <= logs.keys()
    assert {name: found for name, held in logs.items() if (found := _in(held, list(STAFF.values())))} == {}
    assert {name: found for name in LASTING if (found := _in(cells[name].encode(), list(STAFF.values())))} == {}
