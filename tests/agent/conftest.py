"""The agent as a person runs it, a server that speaks its protocol, and disks nobody needs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.agent.disks import MIB, LoopDisk, attach, attach_file, detach
from tests.agent.fake_server import FakeServer

HOUSE = Path(__file__).resolve().parents[2]
PLUGIN = Path(__file__).with_name("faulty_disk.py")
FAULTY_BYTES = 8 * MIB

Faulty = Callable[..., LoopDisk]


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A server of our own."""
    fake = FakeServer()
    yield fake
    fake.close()


@dataclass
class Agent:
    """Runs `python -m agent` with its own state directory."""

    directory: Path
    server: FakeServer
    disks: list[LoopDisk] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *words: str, stdin: str = "") -> subprocess.Popen[str]:
        """Start it and do not wait."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("ORDI_")}
        environ |= {
            "ORDI_SERVER": self.server.url,
            "ORDI_AGENT_DIR": str(self.directory),
            "ORDI_AGENT_CONFIG": str(self.directory.parent / "config.json"),
            "ORDI_TEST_DISKS": ",".join(disk.named for disk in self.disks),
            "LANG": "fr_FR.UTF-8",
            **self.environment,
        }
        (self.directory.parent / "config.json").write_text("{}")
        process = subprocess.Popen(
            [sys.executable, "-m", "agent", *words],
            cwd=HOUSE,
            env=environ,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def run(self, *words: str, stdin: str = "", timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        process = self.start(*words)
        out, err = process.communicate(stdin, timeout=timeout)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def wipe(self, *words: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run `wipe --once`."""
        return self.run("wipe", "--once", "--give-up-after", "50", *words, timeout=timeout)


@pytest.fixture
def agent(tmp_path: Path, server: FakeServer) -> Iterator[Agent]:
    """An agent that knows `server`."""
    runner = Agent(tmp_path / "state", server)
    yield runner
    for process in runner.started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def disk(tmp_path: Path, agent: Agent) -> Iterator[Callable[..., LoopDisk]]:
    """Make loop devices, named to the agent as test disks, gone when the test is over."""
    made: list[LoopDisk] = []

    def make(
        serial: str = "WD-WCC4N0", size: int = 16 * 1024 * 1024, *, file: Path | None = None, **how: Any
    ) -> LoopDisk:
        new = attach_file(file, serial, size, **how) if file else attach(tmp_path, serial, size, **how)
        made.append(new)
        agent.disks.append(new)
        return new

    yield make
    for process in agent.started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    for old in made:
        detach(old)


@pytest.fixture
def faulty(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Faulty]:
    """Make a loop device over a disk with a fault, named to the agent."""
    served: list[tuple[subprocess.Popen[bytes], Path]] = []

    def serve(*fault: str) -> LoopDisk:
        backing, shown = tmp_path / "backing.img", tmp_path / "faulty.img"
        backing.write_bytes(b"family photographs.............."[:32] * (FAULTY_BYTES // 32))
        shown.touch()
        command = ["nbdfuse", str(shown), "--command", "nbdkit", "-s", "python", str(PLUGIN), f"file={backing}", *fault]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        served.append((server, shown))
        for _ in range(200):
            if shown.stat().st_size == FAULTY_BYTES:
                break
            time.sleep(0.05)
        disk: Callable[..., LoopDisk] = request.getfixturevalue("disk")
        return disk("FAULTY", FAULTY_BYTES, file=shown)

    request.getfixturevalue("disk")
    yield serve
    for loop in request.getfixturevalue("agent").disks:
        detach(loop)
    for server, shown in served:
        subprocess.run(["fusermount3", "-u", shown], check=False, capture_output=True)
        server.terminate()
        server.wait(10)
