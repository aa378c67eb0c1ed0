"""A workshop with a real server, for the journeys at the bench."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.workshop import Workshop, open_workshop


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """One for each worker: tests make machines of their own."""
    with open_workshop(tmp_path_factory.mktemp("workshop")) as workshop:
        yield workshop


@pytest.fixture
def own_workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """One for this test: what it counts, and whose telephone it holds, is nobody else's."""
    with open_workshop(tmp_path_factory.mktemp("own")) as workshop:
        yield workshop
