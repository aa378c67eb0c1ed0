"""What is installed from the wheel needs neither Node nor the checkout: page libraries and translations are inside."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.ground.tiers import HOUSE


def test_the_wheel_holds_the_pages_their_libraries_and_their_words(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(HOUSE)],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = tmp_path.glob("ordi-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "web/static/ordi.css",
        "web/static/vendor/sprite.svg",
        "web/translations/en/LC_MESSAGES/messages.mo",
        "web/templates/base.html",
        "web/papers/paper.css",
        "migrations/env.py",
        "agent/__main__.py",
    ):
        assert needed in names
    assert any(name.startswith("web/static/vendor/") and name.endswith(".wasm") for name in names)
    assert not any(name.startswith(("tests/", "node_modules/")) for name in names)
