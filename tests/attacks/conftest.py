"""The application on a test's database, as tests/web has it, and somebody who signs what they like."""

from __future__ import annotations

from pathlib import Path

import pytest
from webtest import TestApp

from tests.web.conftest import *  # noqa: F403 - the same application
from tests.web.test_api import Speaker


@pytest.fixture
def speaker(visitor: TestApp, tmp_path: Path) -> Speaker:
    """A live system with a key of its own."""
    return Speaker(visitor, tmp_path)
