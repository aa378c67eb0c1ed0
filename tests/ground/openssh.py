"""A real OpenSSH server on a free port of the loopback, with a host key and authorized keys of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ground.tiers import sshd as program

PRIVILEGE_SEPARATION = Path("/run/sshd")
"""Debian's sshd will not start as root without it; its package's service makes it, and no service runs here."""


@dataclass
class OpenSsh:
    """A running server: where it listens, the key it answers with, whom it lets in."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def host_key(self) -> str:
        """Its public key, `kind base64`."""
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])

    @property
    def log(self) -> str:
        """What it said so far."""
        return (self.folder / "log").read_text(errors="replace")

    def authorise(self, public_key: str) -> None:
        """Let in whoever holds the private half."""
        with (self.folder / "authorized_keys").open("a") as keys:
            keys.write(f"{public_key}\n")

    def drop_lines(self) -> int:
        """Cut every open line at once, as a pulled cable would; the server goes on listening."""
        cut = 0
        for child in _children(self.process.pid):
            for one in (*_children(child), child):
                name = Path(f"/proc/{one}/comm")
                if name.exists() and name.read_text().startswith("sshd"):
                    os.kill(one, signal.SIGKILL)
                    cut += 1
        return cut

    def close(self) -> None:
        """Stop listening and cut what is open."""
        self.drop_lines()
        self.process.terminate()
        self.process.wait(10)


def _children(process: int) -> list[int]:
    """The processes started by one."""
    try:
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def serve(folder: Path, **environment: str) -> OpenSsh:
    """Start a server; its sessions get `environment`, and the Python of these tests as `python3`."""
    folder.mkdir()
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "host_key"], check=True, capture_output=True
    )
    (folder / "authorized_keys").touch(0o600)
    PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    # HOME: the .bashrc of whoever runs these tests says nothing here.
    path = f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin"
    told = {"HOME": str(folder), "PATH": path, **environment}
    locked = Path("/etc/shadow").read_text().startswith("root:!")
    (folder / "config").write_text(
        "\n".join(
            [
                f"Port {port}",
                "ListenAddress 127.0.0.1",
                f"HostKey {folder / 'host_key'}",
                f"AuthorizedKeysFile {folder / 'authorized_keys'}",
                f"PidFile {folder / 'pid'}",
                "PermitRootLogin prohibit-password",
                "PasswordAuthentication no",
                "KbdInteractiveAuthentication no",
                "StrictModes no",  # the tests' own folder is under /tmp, which anybody may write to
                f"UsePAM {'yes' if locked else 'no'}",  # without PAM, a locked root has no way in, not even by key
                "UseDNS no",
                "SetEnv " + " ".join(f'"{name}={value}"' for name, value in told.items()),
            ]
        )
        + "\n"
    )
    name = program()
    assert name
    process = subprocess.Popen(
        [name, "-D", "-f", folder / "config", "-E", folder / "log"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    server = OpenSsh(port, folder, process)
    for _ in range(200):
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return server
        assert process.poll() is None, server.log
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"sshd does not listen:\n{server.log}")


@pytest.fixture
def openssh(tmp_path: Path) -> Iterator[Callable[..., OpenSsh]]:
    """`openssh(**environment)`: a server whose sessions have these variables."""
    with ExitStack() as stack:

        def start(**environment: str) -> OpenSsh:
            server = serve(tmp_path / f"sshd{len(list(tmp_path.glob('sshd*')))}", **environment)
            stack.callback(server.close)
            return server

        yield start
