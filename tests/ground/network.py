"""A wire between a browser and a server that can be cut, mended, or lose every answer on its way back."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Wire:
    """Relays the loopback port `url` to a server. Cut, it refuses connections as a dead access point does."""

    def __init__(self, server: str) -> None:
        """Whole at first."""
        self._target = ("127.0.0.1", urlsplit(server).port or 80)
        self._door: socket.socket | None = None
        self._live: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.deaf = False
        """Requests arrive, answers do not come back."""
        self.mend(0)
        self.url = f"http://127.0.0.1:{self._port}"

    def mend(self, port: int | None = None) -> None:
        """Carry again, at the same address."""
        if self._door is not None:
            return
        self._door = socket.create_server(("127.0.0.1", self._port if port is None else port))
        self._port = self._door.getsockname()[1]
        threading.Thread(target=self._listen, args=(self._door,), daemon=True).start()

    def cut(self) -> None:
        """Carry nothing more; what was on its way is lost."""
        door, self._door = self._door, None
        if door is not None:
            with contextlib.suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)
            door.close()
        with self._lock:
            live, self._live = self._live, set()
        for one in live:
            _drop(one)

    def _listen(self, door: socket.socket) -> None:
        while True:
            try:
                here, _address = door.accept()
                there = socket.create_connection(self._target)
            except OSError:
                return
            with self._lock:
                self._live |= {here, there}
            for one, other, back in ((here, there, False), (there, here, True)):
                threading.Thread(target=self._pump, args=(one, other, back), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket, back: bool) -> None:
        with contextlib.suppress(OSError):
            while (data := one.recv(65536)) and not (back and self.deaf):
                other.sendall(data)
        _drop(one)
        _drop(other)


@contextmanager
def wired(server: str) -> Iterator[Wire]:
    """A wire to a server, until the end of the block."""
    wire = Wire(server)
    try:
        yield wire
    finally:
        wire.cut()


def _drop(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
