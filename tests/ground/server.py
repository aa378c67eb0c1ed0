"""The real application in a process of its own, on a free port of the loopback, with data of its own."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ground.postgres import locked
from tests.ground.tiers import HOUSE

ORDI = [sys.executable, "-c", "from web.commands import cli; cli()"]


def settings_for(data: Path, *, database_url: str | None = None, port: int = 8000) -> dict[str, str]:
    """The environment of an `ordi` command whose data is in `data`."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("ORDI_")}
    return others | {
        "ORDI_DATA_DIR": str(data),
        "ORDI_DATABASE_URL": database_url or f"sqlite:///{data / 'ordi.db'}",
        "ORDI_LISTEN": f"127.0.0.1:{port}",
        "PYTHONUNBUFFERED": "1",
    }


@dataclass
class Server:
    """A running Ordi."""

    url: str
    data: Path
    environment: dict[str, str]

    @property
    def log(self) -> str:
        """What the server said so far."""
        return (self.data / "server.log").read_text(errors="replace")

    def ordi(self, *words: str, timeout: int = 300) -> str:
        """Run `ordi …` on this server's data; what it printed."""
        return run_ordi(self.environment, *words, timeout=timeout)


def run_ordi(environment: dict[str, str], *words: str, timeout: int = 300) -> str:
    """`ordi …` in this environment; what it printed. It must succeed."""
    done = subprocess.run(
        [*ORDI, *words],
        env=environment,
        cwd=HOUSE,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, f"ordi {' '.join(words)}:\n{done.stdout}{done.stderr}"
    return done.stdout


def free_port() -> int:
    """A port of the loopback that nobody listens on just now."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def serving(data: Path, *words: str, database_url: str | None = None) -> Iterator[Server]:
    """`ordi serve`, or what else serves, on the data in `data`, until the end of the block."""
    port = free_port()
    environment = settings_for(data, database_url=database_url, port=port)
    with (data / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*ORDI, *(words or ("serve",))],
            env=environment,
            cwd=HOUSE,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", data, environment)
    try:
        _await(server, port, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _await(server: Server, port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            door = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            door.request("GET", "/")
            door.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the server did not start:\n{server.log}")


@pytest.fixture(scope="session")
def demonstration_data(ground: Path) -> Path:
    """The data folder of the demonstration network, made once per run: copy it, never change it."""
    data = ground / "demonstration"
    with locked(ground / "demonstration.lock"):
        if not data.exists():
            draft = ground / "demonstration.draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            run_ordi(settings_for(draft), "upgrade")
            run_ordi(settings_for(draft), "demo", "--if-empty")
            draft.rename(data)
    return data


@pytest.fixture(scope="module")
def live_server(demonstration_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real application with the demonstration network, one per test module."""
    data = tmp_path_factory.mktemp("live")
    shutil.copytree(demonstration_data, data, dirs_exist_ok=True)
    with serving(data) as server:
        yield server


@pytest.fixture
def bare_server(tmp_path: Path) -> Iterator[Server]:
    """The real application with a schema and nobody in it, for one test."""
    run_ordi(settings_for(tmp_path), "upgrade")
    with serving(tmp_path) as server:
        yield server
