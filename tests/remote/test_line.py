"""An SSH line goes to one pinned host by one key, and whatever goes wrong is told by its name. Against a real OpenSSH server."""

from __future__ import annotations

import ipaddress
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ordi.bench.remote_starts import Step
from tests.ground.openssh import OpenSsh
from tests.ground.server import free_port
from web.remote import words
from web.remote.launching import Package, launch
from web.remote.line import Line, LineFailed, Target, open_line
from web.remote.package import agent_archive

pytestmark = pytest.mark.ssh

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
KEY = Ed25519PrivateKey.generate()
ServeSsh = Callable[..., OpenSsh]


def public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def target(server: OpenSsh, **other: object) -> Target:
    told: dict[str, object] = {
        "address": "127.0.0.1",
        "port": server.port,
        "login": "root",
        "host_key": server.host_key,
    }
    return Target(**{**told, **other})  # type: ignore[arg-type]


@pytest.fixture
def server(openssh: ServeSsh) -> OpenSsh:
    served = openssh()
    served.authorise(public(KEY))
    return served


@pytest.fixture
def line(server: OpenSsh) -> Iterator[Line]:
    with open_line(target(server), KEY, LOOPBACK) as opened:
        yield opened


def refusal(wanted: Target, key: Ed25519PrivateKey = KEY) -> str:
    with pytest.raises(LineFailed) as failed, open_line(wanted, key, LOOPBACK):
        pass
    assert failed.value.code in words.FAILURES
    return failed.value.code


def test_a_command_is_heard_to_its_end(line: Line) -> None:
    done = line.run("cat; echo bad >&2; exit 3", b"x" * 300_000)
    assert (done.status, done.said) == (3, "bad")
    assert set(done.out) == {ord("x")}
    assert line.run("true").status == 0


def test_another_computer_at_the_same_address_is_refused(server: OpenSsh, openssh: ServeSsh) -> None:
    other = openssh()
    other.authorise(public(KEY))
    assert refusal(target(other, host_key=server.host_key)) == "wrong-host-key"
    assert "Accepted" not in other.log


def test_a_server_without_a_key_of_the_pinned_kind_is_refused(server: OpenSsh, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", tmp_path / "other"], check=True)
    pinned = " ".join((tmp_path / "other.pub").read_text().split()[:2])
    assert refusal(target(server, host_key=pinned)) == "wrong-host-key"


def test_a_key_nobody_wrote_down_is_refused(server: OpenSsh) -> None:
    assert refusal(target(server, host_key="")) == "unknown-host-key"


def test_a_key_the_host_does_not_know_is_refused(server: OpenSsh) -> None:
    assert refusal(target(server), Ed25519PrivateKey.generate()) == "key-refused"


def test_where_nobody_listens_it_is_said(server: OpenSsh) -> None:
    assert refusal(target(server, port=free_port())) == "unreachable"


def test_what_listens_and_says_nothing_is_given_up(server: OpenSsh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.remote.line.CONNECT_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        assert refusal(target(server, port=mute.getsockname()[1])) in ("timed-out", "no-ssh")


@pytest.mark.parametrize(
    ("address", "networks", "code"),
    [
        ("127.0.0.1", (), "no-networks"),
        ("127.0.0.1", (ipaddress.ip_network("192.168.4.0/24"),), "outside-networks"),
        ("localhost", (ipaddress.ip_network("192.168.4.0/24"),), "outside-networks"),
        ("::ffff:10.0.0.1", LOOPBACK, "outside-networks"),
        ("no-such-host.invalid", LOOPBACK, "unknown-name"),
    ],
)
def test_a_line_stays_within_the_networks_of_the_bench(address: str, networks: tuple[object, ...], code: str) -> None:
    with pytest.raises(LineFailed) as failed, open_line(Target(address, 22, "root", ""), KEY, networks):  # type: ignore[arg-type]
        pass
    assert failed.value.code == code


def test_a_command_that_floods_its_errors_does_not_stall_the_line(line: Line) -> None:
    begun = time.monotonic()
    done = line.run("head -c 30000000 /dev/zero | tr '\\0' e >&2; cat >/dev/null; echo heard", b"y" * 200_000)
    assert (done.status, bytes(done.out)) == (0, b"heard\n")
    assert len(done.err) == 64 * 1024
    assert time.monotonic() - begun < 50


def test_a_command_that_never_ends_is_left(line: Line) -> None:
    with pytest.raises(LineFailed) as failed:
        line.run("sleep 20", seconds=0.5)
    assert failed.value.code == "timed-out"


def test_a_line_cut_in_the_middle_is_told(server: OpenSsh, line: Line) -> None:
    threading.Timer(1.0, server.drop_lines).start()
    with pytest.raises(LineFailed) as failed:
        line.run("sleep 20")
    assert failed.value.code == "dropped"


def _launch(line: Line, folder: Path, steps: list[Step] | None = None, server: str = "http://127.0.0.1:9") -> str:
    """Why a launch does not come to its end."""
    package = Package(agent_archive(), {"server": server}, str(folder))
    with pytest.raises(LineFailed) as failed:
        launch(line, package, (steps if steps is not None else []).append)
    assert failed.value.code in words.FAILURES
    return failed.value.code


def test_a_full_disk_is_told_and_leaves_nothing_half_copied(line: Line, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "ordi-test", small], check=True)
    try:
        steps: list[Step] = []
        assert _launch(line, small / "work", steps) == "disk-full"
        assert steps == [Step.CHECKING, Step.COPYING]
        assert list((small / "work").iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=True)


def _path_with(folder: Path, *programs: str, **scripts: str) -> str:
    """A folder of these programs and nothing else, for PATH."""
    folder.mkdir()
    for name in programs:
        (folder / name).symlink_to(f"/usr/bin/{name}")
    for name, text in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("scripts", "code"),
    [
        ({}, "no-python"),
        ({"python3": "exit 1"}, "old-python"),
        ({"python3": 'case "$2" in *cryptography*) exit 1;; esac'}, "no-modules"),
        ({"id": "echo 1000"}, "no-root"),
        ({"id": "echo 1000", "sudo": "echo 'sudo: a password is required' >&2; exit 1"}, "no-root"),
    ],
)
def test_a_computer_that_lacks_something_is_told_what(
    openssh: ServeSsh, tmp_path: Path, scripts: dict[str, str], code: str
) -> None:
    wanted = [] if "id" in scripts else ["id"]
    lacking = openssh(PATH=_path_with(tmp_path / "bin", "sh", "env", *wanted, **scripts))
    lacking.authorise(public(KEY))
    with open_line(target(lacking), KEY, LOOPBACK) as opened:
        assert _launch(opened, tmp_path / "work") == code


def test_a_copy_that_differs_is_never_run(openssh: ServeSsh, tmp_path: Path) -> None:
    path = _path_with(
        tmp_path / "bin", "sh", "env", "id", "cat", "mkdir", "rm", "tail", "tr", "grep", python3="echo 0000"
    )
    served = openssh(PATH=path)
    served.authorise(public(KEY))
    steps: list[Step] = []
    with open_line(target(served), KEY, LOOPBACK) as opened:
        assert _launch(opened, tmp_path / "work", steps) == "copy-differs"
    assert Step.STARTING not in steps


def test_a_folder_of_somebody_else_is_not_used(line: Line, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (tmp_path / "link").symlink_to(theirs)
    assert _launch(line, tmp_path / "link") == "no-folder"
    assert list(theirs.iterdir()) == []


def test_an_agent_that_ends_at_once_says_why(line: Line, tmp_path: Path) -> None:
    package = Package(agent_archive(), {"server": "ftp://nowhere"}, str(tmp_path / "work"))
    with pytest.raises(LineFailed) as failed:
        launch(line, package, lambda _step: None)
    assert failed.value.code == "agent-ended"
    assert "ORDI_SERVER" in failed.value.detail
