"""One application on one database for the whole run: each visit is undone, so that every visit finds the same world."""

from __future__ import annotations

import io
import logging
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from pypdf import PdfReader
from sqlalchemy import Connection, Table, text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from ordi.database import Base
from tests.access.players import ELSEWHERE, Player
from tests.access.world import Worlds

Dump = dict[str, frozenset[tuple[Any, ...]]]
"""Every row of every table."""

_RANDOM = re.compile(r"[A-Za-z0-9_.\-]{50,}")
"""Page tokens, which differ from one page to the next."""


@dataclass(frozen=True)
class Answer:
    """What came back from one visit, and what it did to the database."""

    status: int
    said: str
    """The body, as text also where it is a PDF, and every header."""
    location: str
    kind: str
    wrote: bool
    changed: Dump
    """Rows that are there or gone since, by table; filled in when something was written."""
    log: str
    """What the server logged meanwhile, tracebacks too."""

    @cached_property
    def squeezed(self) -> str:
        """All it says without white space: a PDF may break a word."""
        return "".join(self.said.split())


@dataclass
class Stage:
    """The application, its database, who plays and with what."""

    app: Flask
    connection: Connection
    worlds: Worlds
    pristine: Dump = field(default_factory=dict)
    theirs: dict[str, set[Any]] = field(default_factory=dict)
    """The other pole's rows, by table."""
    canaries: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """Words by world and kind (tests/access/canaries.py)."""

    def __post_init__(self) -> None:
        self.client: FlaskClient = self.app.test_client(use_cookies=False)
        self.signer: Any = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        page = URLSafeTimedSerializer(self.app.secret_key or "", salt="wtf-csrf-token")
        self.page_token: Any = page.dumps("ab" * 20)
        self.records = _Records()
        self.tables: list[Table] = list(Base.metadata.sorted_tables)
        self.sqlite = self.connection.dialect.name == "sqlite"
        self.pristine = self.dump()
        self.theirs = _bound_to(
            self.tables,
            self.pristine,
            {"organisations": set(self.worlds.organisations[ELSEWHERE]), "people": set(self.worlds.people[ELSEWHERE])},
        )
        place = [column.name for column in Base.metadata.tables["sightings"].columns].index("drive_id")
        seen = (row for row in self.pristine["sightings"] if row[0] in self.theirs["sightings"])
        self.theirs["drives"] = {row[place] for row in seen}

    def rules(self) -> Iterator[tuple[Rule, str]]:
        """Every rule of the application with every method it takes."""
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda one: (one.endpoint, one.rule)):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method

    def address(self, rule: Rule, values: Mapping[str, str]) -> str:
        """The address of a rule."""
        adapter = self.app.url_map.bind("localhost")
        typed: dict[str, Any] = {
            name: int(value) if rule._converters[name].__class__.__name__ == "IntegerConverter" else value
            for name, value in values.items()
        }
        built = rule.build(typed, append_unknown=False)
        assert built is not None, (rule.endpoint, values)
        return adapter.script_name.rstrip("/") + built[1]

    def visit(
        self,
        player: Player | None,
        method: str,
        address: str,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        page_token: bool = True,
        **more: Any,
    ) -> Answer:
        """Go there, look what happened, and undo it."""
        sent = {"Accept-Language": "fr", **(headers or {})}
        kept = {"csrf_token": "ab" * 20} if page_token else {}
        if player is not None and player.name in self.worlds.cookies:
            kept["token"] = self.worlds.cookies[player.name]
        sent["Cookie"] = f"{self.app.config['SESSION_COOKIE_NAME']}={self.signer.dumps(kept)}"
        undone = self.connection.begin_nested()
        before = self._writes()
        try:
            if form is not None:
                more["data"] = {**form, "csrf_token": self.page_token} if page_token else dict(form)
            with self.records.kept() as logged:
                answer = self.client.open(address, method=method, headers=sent, **more)
            kind, body = answer.mimetype, answer.get_data()
            wrote = self._writes() != before if self.sqlite else method != "GET"
            changed = self._changed() if wrote else {}
        finally:
            undone.rollback()
        told = _text(body) if kind == "application/pdf" else body.decode("utf-8", "replace")
        heads = "\n".join(f"{name}: {value}" for name, value in answer.headers if name != "Set-Cookie")
        where = answer.headers.get("Location", "")
        said = f"{heads}\n\n{told}"
        return Answer(answer.status_code, said, where, str(kind), bool(changed), changed, "\n".join(logged))

    def dump(self) -> Dump:
        """Every row of every table."""
        return {
            table.name: frozenset(
                tuple(_hashable(cell) for cell in row) for row in self.connection.execute(table.select())
            )
            for table in self.tables
        }

    def touched(self, changed: Dump) -> list[str]:
        """The tables in which a row bound to the other pole appeared, went or became another."""
        if not changed:
            return []
        return sorted(name for name, keys in _bound_to(self.tables, changed, self.theirs, grow=False).items() if keys)

    def session(self) -> Session:
        """A session of the test's own."""
        return Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)

    def _changed(self) -> Dump:
        now = self.dump()
        return {name: rows ^ self.pristine[name] for name, rows in now.items() if rows != self.pristine[name]}

    def _writes(self) -> int:
        if not self.sqlite:
            return 0
        return int(self.connection.execute(text("SELECT total_changes()")).scalar_one())


def plain(said: str, values: Iterable[str]) -> str:
    """A page without what was asked for and without what is drawn at random: to compare two refusals."""
    for value in sorted(values, key=len, reverse=True):
        if value.isdigit():
            said = re.sub(rf"(?<=/){value}(?=[/\".?]|%2F)|(?<=%2F){value}\b", "…", said)
            continue
        for spelling in (value, value.lower(), value.upper(), value.replace("-", "")):
            said = said.replace(spelling, "…")
    return re.sub(r"Content-Length: \d+\n", "", _RANDOM.sub("…", said))


def _bound_to(
    tables: list[Table], rows: Dump, known: Mapping[str, set[Any]], *, grow: bool = True
) -> dict[str, set[Any]]:
    """The primary keys of rows that point, through any foreign key and however far, to rows already known."""
    found: dict[str, set[Any]] = {name: set(keys) for name, keys in known.items()} if grow else {}
    against = found if grow else {name: set(keys) for name, keys in known.items()}
    more = True
    while more:
        more = False
        for table in tables:
            names = [column.name for column in table.columns]
            key = names.index(next(iter(table.primary_key.columns)).name)
            points = [(names.index(foreign.parent.name), foreign.column.table.name) for foreign in table.foreign_keys]
            for row in rows.get(table.name, ()):
                if row[key] in found.get(table.name, ()):
                    continue
                bound = not grow and row[key] in against.get(table.name, ())
                if bound or any(
                    row[place] in against.get(name, ()) for place, name in points if row[place] is not None
                ):
                    found.setdefault(table.name, set()).add(row[key])
                    more = grow
    return found


def _text(pdf: bytes) -> str:
    reader = PdfReader(io.BytesIO(pdf))
    told = [page.extract_text() for page in reader.pages]
    return "\n".join([*told, str(reader.metadata)])


def _hashable(cell: Any) -> Any:
    return bytes(cell) if isinstance(cell, bytearray | memoryview) else cell


class _Records(logging.Handler):
    """Keeps what is logged, with tracebacks."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(record.getMessage())
        if record.exc_info and record.exc_info[1]:
            self.lines.append("".join(traceback.format_exception(record.exc_info[1])))

    @contextmanager
    def kept(self) -> Iterator[list[str]]:
        """What is logged meanwhile, by anyone."""
        root = logging.getLogger()
        level = root.level
        self.lines = []
        root.addHandler(self)
        root.setLevel(logging.INFO)
        try:
            yield self.lines
        finally:
            root.removeHandler(self)
            root.setLevel(level)
