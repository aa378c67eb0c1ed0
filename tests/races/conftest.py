"""A PostgreSQL database of each test's own, where two requests can meet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ground.databases import Databases
from tests.races.meeting import Meeting


@pytest.fixture(scope="session")
def on_postgresql(ground: Path, run_keeper: int, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """The maker of PostgreSQL databases."""
    return Databases("postgresql", ground, tmp_path_factory.mktemp("races"), run_keeper)


@pytest.fixture
def meeting(on_postgresql: Databases) -> Iterator[Meeting]:
    """Two requests can meet here."""
    url = on_postgresql.copy()
    made = Meeting(url)
    yield made
    made.close()
    on_postgresql.drop(url)
