"""One process for a first look: the pages, and the worker's part with them."""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.ground.server import serving


def looked(data: Path) -> set[str]:
    """The duties that were done there, and went well."""
    with closing(sqlite3.connect(data / "ordi.db")) as held:
        return {name for (name,) in held.execute("SELECT name FROM duty_runs WHERE good_at IS NOT NULL")}


@pytest.mark.parametrize("words", ["serve --and-work", "demo --if-empty --and-serve"])
def test_a_first_look_needs_no_second_process_for_what_pages_leave_to_do(
    demonstration_data: Path, tmp_path: Path, words: str
) -> None:
    shutil.copytree(demonstration_data, tmp_path, dirs_exist_ok=True)
    before = looked(tmp_path)
    assert "log" not in before
    with serving(tmp_path, *words.split()) as server:
        for _ in range(600):
            if "log" in looked(tmp_path):
                break
            time.sleep(0.1)
        assert "log" in looked(tmp_path), server.log
