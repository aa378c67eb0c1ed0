"""The application on a test's database, as tests/web has it, and somebody who signs what they like."""

from __future__ import annotations

from pathlib import Path

import pytest
from webtest import TestApp

from tests.attacks.shell import Shell
from tests.web.conftest import *  # noqa: F403 - the same application


@pytest.fixture
def speaker(visitor: TestApp, tmp_path: Path) -> Shell:
    """A live system with a key of its own."""
    return Shell(visitor, tmp_path)
