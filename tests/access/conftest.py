"""The stage, built once per worker: three worlds, every person signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from ordi.database import make_engine
from ordi.keys import KeyRing
from tests.access.canaries import canaries
from tests.access.players import WORLDS
from tests.access.stage import Stage
from tests.access.world import build
from tests.cast import LONG_AGO, assemble
from tests.ground.clock import NOW
from tests.ground.databases import Databases
from web import create_app
from web.papers.pdf import render
from web.settings import Settings


@contextmanager
def staged(databases: Databases, folder: Path) -> Iterator[Stage]:
    """The application on a database of its own; the three worlds are kept by one transaction that ends with it."""
    ring = KeyRing.open(folder / "keys", at=NOW - 2 * LONG_AGO)
    settings = Settings(
        data_dir=folder,
        database_url="sqlite://",
        keys_dir=folder / "keys",
        base_url="http://localhost",
        listen="localhost:80",
        phone="02 61 91 04 17",
    )
    url = databases.copy()
    engine = make_engine(url)
    with engine.connect() as connection:
        outer = connection.begin()

        def sessions(_reads: bool) -> Session:
            return Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)

        with sessions(False) as session:
            worlds = build(session, assemble(session, NOW), ring)
            session.commit()
        app = create_app(settings, sessions=sessions, ring=ring)
        app.extensions["ordi-clock"] = lambda: NOW
        app.extensions["ordi-errands"] = lambda _errand: None  # nobody is called from here
        stage = Stage(app, connection, worlds)
        with stage.session() as session:
            for world in WORLDS:
                stage.canaries |= {(world, kind): words for kind, words in canaries(session, stage, world).items()}
        yield stage
        outer.rollback()
    engine.dispose()
    databases.drop(url)


@pytest.fixture(scope="session", autouse=True)
def papers_drawn_once() -> Iterator[None]:
    """What takes most of a second for each PDF is done once: drawing the same paper again."""
    drawn: dict[str, bytes] = {}

    def render_once(*page: Any, **how: Any) -> bytes:
        key = repr((page, how))
        if key not in drawn:
            drawn[key] = render(*page, **how)
        return drawn[key]

    with pytest.MonkeyPatch.context() as patch:
        for paper in ("certificate_pdf", "kept"):
            patch.setattr(f"web.papers.{paper}.render", render_once)
        yield


@pytest.fixture(scope="session")
def stage(ground: Path, run_keeper: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage on SQLite."""
    folder = tmp_path_factory.mktemp("access")
    with staged(Databases("sqlite", ground, folder, run_keeper), folder) as stage:
        yield stage


@pytest.fixture(scope="session")
def stage_on_postgresql(ground: Path, run_keeper: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The same stage on PostgreSQL."""
    folder = tmp_path_factory.mktemp("access-pg")
    with staged(Databases("postgresql", ground, folder, run_keeper), folder) as stage:
        yield stage
