"""What the agent may load, and how Debian runs it."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

AGENT = Path(__file__).resolve().parents[2] / "agent"
UNITS = [*sorted((AGENT / "debian").glob("*.service")), *sorted((AGENT / "debian").glob("*.timer"))]

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze: install systemd")


def imported(file: Path) -> set[str]:
    """First names of what a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_the_agent_loads_nothing_debian_does_not_ship() -> None:
    allowed = {*sys.stdlib_module_names, "agent", "cryptography", "psutil"}
    assert {file.name: imported(file) - allowed for file in AGENT.rglob("*.py") if imported(file) - allowed} == {}


def test_a_machine_in_use_never_loads_the_code_that_wipes() -> None:
    program = "import sys, agent.__main__, agent.resident_commands; print(*[m for m in sys.modules if 'sanitise' in m])"
    ran = subprocess.run([sys.executable, "-c", program], cwd=AGENT.parent, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def test_every_sentence_is_said_in_both_languages_with_the_same_facts() -> None:
    from agent.wording import SENTENCES

    for name, (french, english) in SENTENCES.items():
        assert set(re.findall(r"{(\w+)}", french)) == set(re.findall(r"{(\w+)}", english)), name


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units, with a program that is installed in place of the agent."""
    copies = []
    for unit in UNITS:
        copy = tmp_path / unit.name
        copy.write_text(unit.read_text("utf-8").replace("/usr/bin/ordi-agent", "/bin/true"), "utf-8")
        copies.append(copy)
    return copies


@needs_systemd
def test_systemd_finds_nothing_to_say_about_the_units(units: list[Path]) -> None:
    ran = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize(("name", "most"), [("send", 1.5), ("collect", 2.5), ("enrol", 1.5)])
def test_what_runs_at_a_familys_is_little_exposed(units: list[Path], name: str, most: float) -> None:
    unit = next(unit for unit in units if unit.name == f"ordi-agent-{name}.service")
    ran = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", f"--threshold={most * 10:.0f}", str(unit)],
        capture_output=True, text=True, check=False, env={**os.environ, "SYSTEMD_PAGER": ""},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-200:]


def test_the_collector_has_no_network_and_the_sender_no_device() -> None:
    collect = (AGENT / "debian/ordi-agent-collect.service").read_text("utf-8")
    send = (AGENT / "debian/ordi-agent-send.service").read_text("utf-8")
    assert "PrivateNetwork=yes" in collect
    assert "--queue-only" in collect
    assert {"DynamicUser=yes", "PrivateDevices=yes", "ProtectSystem=strict", "NoNewPrivileges=yes"} <= set(send.split())


def test_the_timer_spreads_machines_over_the_day() -> None:
    timer = (AGENT / "debian/ordi-agent.timer").read_text("utf-8").split()
    assert {"OnCalendar=daily", "RandomizedDelaySec=6h", "FixedRandomDelay=true", "Persistent=true"} <= set(timer)


def test_what_root_gathers_belongs_to_the_sender(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    from agent.outbox import Outbox

    tmp_path.chmod(0o755)
    os.chown(tmp_path, 12345, 12345)
    report = Outbox(tmp_path / "queue").put("/check-ins", b"{}")
    assert {report.file.stat().st_uid, report.file.parent.stat().st_uid} == {12345}
