"""What this project promises about its own files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.ground.tiers import HOUSE

OURS = ("ordi", "web", "agent")
LONGEST = 300
REGISTRIES = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.",
    "deb." + "debian.org",
    "security." + "debian.org",
]
MACHINE_PATH = re.compile(r"(?<![\w.~}$-])/(?:work|root)(?=/|\b(?![-\w]))")


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository, committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(path for name in listed.stdout.split("\0") if name and (path := HOUSE / name).is_file())


def _texts() -> list[tuple[str, str]]:
    found = []
    for path in files():
        held = path.read_bytes()
        if b"\0" not in held[:8192]:
            found.append((str(path.relative_to(HOUSE)), held.decode("utf-8", "replace")))
    return found


def _python(*rooms: str) -> list[Path]:
    return [path for path in files() if path.suffix == ".py" and path.relative_to(HOUSE).parts[0] in rooms]


def test_no_file_names_a_registry() -> None:
    named = [(name, host) for name, text in _texts() for host in REGISTRIES if host in text]
    assert not named


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    named = [
        f"{name}:{number}: {line.strip()}"
        for name, text in _texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE_PATH.search(line) and name != "tests/upkeep/test_tree.py"
    ]
    assert not named


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(HOUSE)) for path in _python(*OURS) if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_a_file_fits_in_the_head() -> None:
    """A catalogue of sentences is one idea, however long."""
    code = [path for path in _python(*OURS) if not path.stem.endswith("words")]
    lengths = {str(path.relative_to(HOUSE)): len(path.read_text().splitlines()) for path in code}
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST}


def test_imports_point_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=HOUSE, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("target", ["run", "install", "test", "bench", "lint"])
def test_make_knows(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=HOUSE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _scripts() -> list[str]:
    return [name for name, text in _texts() if re.match(r"#!.*\b(?:ba)?sh\b", text)]


def test_every_shell_script_can_be_read_by_its_shell() -> None:
    scripts = _scripts()
    assert ".ci/run" in scripts
    for name in scripts:
        shell = "bash" if "bash" in (HOUSE / name).read_text().splitlines()[0] else "sh"
        done = subprocess.run([shell, "-n", HOUSE / name], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_what_a_person_runs_can_be_run() -> None:
    assert (HOUSE / ".ci" / "run").stat().st_mode & 0o111
