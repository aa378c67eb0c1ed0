"""Databases for tests, on both engines.

`session` is what a domain test wants: real tables and triggers, and nothing left behind. `fresh_database` is for a test
that needs several connections or its own commits. `migrated_database` is what an upgrade leaves.
"""

from __future__ import annotations

import importlib
import pkgutil
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from ordi.database import Base, make_engine
from ordi.machines import triggers
from tests.ground.postgres import Cluster, cluster_in, locked
from tests.ground.server import run_ordi, settings_for
from tests.ground.tiers import HOUSE

TEMPLATE = "ordi_template"


def know_every_table() -> None:
    """Import each module that declares a table, so that `Base.metadata` holds them all."""
    for room in ("ordi", "web"):
        if not (HOUSE / room / "__init__.py").exists():
            continue
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            path = HOUSE.joinpath(*module.name.split(".")).with_suffix(".py")
            if path.exists() and "__tablename__" in path.read_text():
                importlib.import_module(module.name)


def make_schema(url: str) -> None:
    """Every table, and the triggers that hold the gate."""
    engine = make_engine(url)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        triggers.install(connection)
    engine.dispose()


class Databases:
    """Makes databases of one kind for one worker, as copies of a template made once per run."""

    def __init__(self, kind: str, ground: Path, folder: Path, keeper: int) -> None:
        """`ground` is shared by all workers and goes with process `keeper`; `folder` is this worker's."""
        know_every_table()
        self.kind = kind
        self.folder = folder
        self.cluster: Cluster | None = cluster_in(ground, keeper) if kind == "postgresql" else None
        self._template = ground / f"{kind}-template.db"
        self._ground = ground
        self._made: list[str] = []

    def empty(self) -> str:
        """The URL of a database without any table."""
        return self._create("template0") if self.cluster else self._sqlite_url(self._name())

    def copy(self) -> str:
        """The URL of a database with every table and trigger, and no row."""
        self._make_template()
        if self.cluster:
            return self._create(TEMPLATE)
        name = self._name()
        shutil.copyfile(self._template, self.folder / f"{name}.db")
        return self._sqlite_url(name)

    def drop(self, url: str) -> None:
        """Remove a database made here."""
        where = make_url(url)
        assert where.database
        if self.cluster:
            self.cluster.drop(where.database)
        else:
            for file in self.folder.glob(Path(where.database).name + "*"):
                file.unlink()

    def _name(self) -> str:
        return f"t{uuid4().hex[:12]}"

    def _sqlite_url(self, name: str) -> str:
        return f"sqlite:///{self.folder / name}.db"

    def _create(self, template: str) -> str:
        assert self.cluster
        with locked(self._ground / "create.lock"):  # a template is copied by one at a time
            return self.cluster.create(self._name(), template)

    def _make_template(self) -> None:
        with locked(self._ground / f"{self.kind}-template.lock"):
            if self._template.exists():
                return
            if self.cluster:
                make_schema(self.cluster.create(TEMPLATE))
                self._template.touch()
            else:
                draft = self._template.with_suffix(".draft")
                make_schema(f"sqlite:///{draft}")
                draft.rename(self._template)


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite`, then `postgresql`: a test that asks for a database runs on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def cluster(ground: Path, run_keeper: int) -> Cluster:
    """This run's PostgreSQL, for a test that is about PostgreSQL only (mark it `postgresql`)."""
    return cluster_in(ground, run_keeper)


@pytest.fixture(scope="session")
def databases(engine_kind: str, ground: Path, run_keeper: int, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """The maker of databases of this kind."""
    return Databases(engine_kind, ground, tmp_path_factory.mktemp(engine_kind), run_keeper)


@pytest.fixture(scope="session")
def database(databases: Databases) -> Iterator[Engine]:
    """An engine on this worker's database. Use `session` instead, unless the test cleans up after itself."""
    url = databases.copy()
    engine = make_engine(url)
    yield engine
    engine.dispose()
    databases.drop(url)


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """A session on real tables; whatever the test commits is rolled back at its end."""
    with database.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        outer.rollback()


@pytest.fixture
def fresh_database(databases: Databases) -> Iterator[str]:
    """The URL of a database of this test's own, with every table and no row: for several connections."""
    url = databases.copy()
    yield url
    databases.drop(url)


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[str]:
    """The URL of a database with no table at all."""
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def migrated_database(empty_database: str, upgrade: Callable[[str], None]) -> str:
    """The URL of a database that migrations made, as `ordi upgrade` leaves it."""
    upgrade(empty_database)
    return empty_database


@pytest.fixture
def upgrade(tmp_path: Path) -> Callable[[str], None]:
    """`upgrade(url)`: what `ordi upgrade` does to the database at `url`."""

    def run(url: str) -> None:
        run_ordi(settings_for(tmp_path, database_url=url), "upgrade")

    return run
