"""One SSH line to a bench host: to an allowed address, to the pinned host key and no other, with the workshop's own key.

Both streams of a command are drained while it runs, whatever it says, and its exit status is the answer. Nothing that the far
side says chooses where a line goes.
"""

from __future__ import annotations

import socket
import time
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from web.calling import MayNotCall, allowed_address
from web.settings import Network

CONNECT_S = 10.0
KEPT = 64 * 1024
"""Bytes kept of each stream of a command; the rest is read and dropped."""

_BLOCK = 32 * 1024
_REST_S = 0.01


class LineFailed(Exception):
    """A start cannot go on; `code` is one of `web.remote.words.FAILURES`, `detail` what the far side said."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Target:
    """Where a line goes and who must answer: all from the list of bench hosts."""

    address: str
    port: int
    login: str
    host_key: str


@dataclass
class Done:
    """How a command ended, and the first of what it said."""

    status: int
    out: bytearray = field(default_factory=bytearray)
    err: bytearray = field(default_factory=bytearray)

    @property
    def said(self) -> str:
        """Its last line of complaint, or of anything."""
        lines = (
            bytes(self.err).decode(errors="replace").strip() or bytes(self.out).decode(errors="replace").strip()
        ).splitlines()
        return inert(lines[-1]) if lines else ""


def inert(text: str) -> str:
    """What a machine said as one short printable line."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:200]


class Line:
    """An open line."""

    def __init__(self, transport: paramiko.Transport) -> None:
        """Over a transport that let us in."""
        self._transport = transport

    def run(self, command: str, given: bytes = b"", *, seconds: float = 60) -> Done:
        """Run a command, feed it `given`, drain what it says. Raises `LineFailed` (dropped, timed-out)."""
        end = time.monotonic() + seconds
        try:
            channel = self._transport.open_session(timeout=CONNECT_S)
            with channel:
                channel.settimeout(CONNECT_S)
                channel.exec_command(command)
                channel.setblocking(False)
                return self._exchange(channel, given, end)
        except TimeoutError as slow:
            raise LineFailed("timed-out") from slow
        except (paramiko.SSHException, EOFError, OSError) as lost:
            raise LineFailed("dropped", inert(str(lost))) from lost

    def _exchange(self, channel: paramiko.Channel, given: bytes, end: float) -> Done:
        done, left, open_for_more = Done(-1), memoryview(given), True
        while True:
            moved = _drain(channel, done)
            if left and channel.send_ready() and not channel.closed:
                sent = channel.send(bytes(left[:_BLOCK]))
                left, moved = left[sent:], True
                if sent == 0:
                    left = left[:0]
            elif open_for_more and not left:
                channel.shutdown_write()
                open_for_more = False
            if time.monotonic() > end:
                raise LineFailed("timed-out")
            if moved:
                continue
            if channel.closed or (channel.exit_status_ready() and channel.eof_received):
                _drain(channel, done)
                done.status = channel.recv_exit_status()
                if done.status == -1:  # it closed without saying how it ended
                    raise LineFailed("dropped")
                return done
            if not self._transport.is_active():
                raise LineFailed("dropped")
            time.sleep(_REST_S)


def _drain(channel: paramiko.Channel, done: Done) -> bool:
    """Take what waits in both streams; whether there was anything."""
    moved = False
    while channel.recv_ready():
        block = channel.recv(_BLOCK)
        done.out += block[: KEPT - len(done.out)]
        moved = True
    while channel.recv_stderr_ready():
        block = channel.recv_stderr(_BLOCK)
        done.err += block[: KEPT - len(done.err)]
        moved = True
    return moved


@contextmanager
def open_line(target: Target, key: Ed25519PrivateKey, networks: Sequence[Network]) -> Iterator[Line]:
    """A line to `target`, let in by `key`, closed at the end of the block. Raises `LineFailed`."""
    try:
        ip = allowed_address(target.address, target.port, networks)
    except MayNotCall as refused:
        raise LineFailed(refused.code) from refused
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    known = target.address if target.port == 22 else f"[{target.address}]:{target.port}"
    if target.host_key:
        kind, data = target.host_key.split()
        client.get_host_keys().add(known, kind, paramiko.PKey.from_type_string(kind, b64decode(data)))
    try:
        door = socket.create_connection((ip, target.port), timeout=CONNECT_S)
    except TimeoutError as slow:
        raise LineFailed("timed-out") from slow
    except OSError as closed:
        raise LineFailed("unreachable", inert(str(closed))) from closed
    try:
        _let_in(client, target, key, door)
        transport = client.get_transport()
        if transport is None:
            raise LineFailed("dropped")
        transport.set_keepalive(15)
        yield Line(transport)
    finally:
        client.close()
        door.close()


def _let_in(client: paramiko.SSHClient, target: Target, key: Ed25519PrivateKey, door: socket.socket) -> None:
    ours = StringIO(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode())
    try:
        client.connect(
            target.address,
            target.port,
            target.login,
            pkey=paramiko.Ed25519Key.from_private_key(ours),
            sock=door,
            allow_agent=False,
            look_for_keys=False,
            timeout=CONNECT_S,
            banner_timeout=CONNECT_S,
            auth_timeout=CONNECT_S,
            channel_timeout=CONNECT_S,
        )
    except paramiko.BadHostKeyException as other:
        raise LineFailed("wrong-host-key", inert(other.key.fingerprint)) from other
    except paramiko.AuthenticationException as refused:
        raise LineFailed("key-refused") from refused
    except TimeoutError as slow:
        raise LineFailed("timed-out") from slow
    except paramiko.SSHException as failed:
        if not target.host_key:
            raise LineFailed("unknown-host-key") from failed
        # A server that has no key of the pinned kind is not the pinned one.
        other_kind = "host key" in str(failed) or isinstance(failed, paramiko.ssh_exception.IncompatiblePeer)
        raise LineFailed("wrong-host-key" if other_kind else "no-ssh", inert(str(failed))) from failed
    except (EOFError, OSError) as lost:
        raise LineFailed("no-ssh", inert(str(lost))) from lost
