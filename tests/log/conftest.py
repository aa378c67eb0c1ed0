"""Keys and logs for these tests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ordi.keys import KeyRing
from tests.cast import LONG_AGO
from tests.ground.clock import NOW


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """Our keys."""
    return KeyRing.open(tmp_path_factory.mktemp("log-keys") / "keys", at=NOW - 2 * LONG_AGO)


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """The keys of someone who calls himself us."""
    return KeyRing.open(tmp_path_factory.mktemp("foreign-keys") / "keys", at=NOW - timedelta(days=900))
