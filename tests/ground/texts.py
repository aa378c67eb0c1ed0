"""A real HTTP gateway for texts on the loopback, which keeps what it is given and can be told to behave badly."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class TextHouse:
    """What was posted to it. `answers` are the statuses to come, then 201; a status of 0 cuts the line after reading."""

    port: int = 0
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    silent: threading.Event | None = None
    """While set, nobody answers until it is set: for who does not wait so long."""

    @property
    def url(self) -> str:
        """As `ORDI_SMS_URL` names it."""
        return f"http://127.0.0.1:{self.port}/send"

    @property
    def keys(self) -> list[str]:
        """The keys it was given, in order."""
        return [one.get("Idempotency-Key", "") for one in self.headers]


class _Desk(BaseHTTPRequestHandler):
    house: TextHouse

    def do_POST(self) -> None:
        """One text."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.house.bodies.append(body)
        self.house.headers.append(dict(self.headers))
        if self.house.silent is not None:
            self.house.silent.wait(30)
            self.close_connection = True
            return
        status = self.house.answers.pop(0) if self.house.answers else 201
        if status == 0:
            self.close_connection = True
            return
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", f"http://127.0.0.1:{self.house.port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def text_house() -> Iterator[TextHouse]:
    """A gateway on a free port, until the end of the block."""
    house = TextHouse()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Desk", (_Desk,), {"house": house})) as listener:
        listener.daemon_threads = True
        house.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield house
        finally:
            if house.silent is not None:
                house.silent.set()
            listener.shutdown()
            thread.join(5)


@contextmanager
def dripping(begins: bytes) -> Iterator[int]:
    """A server that begins to answer and then says a letter at a time, for ever: the port it listens on."""

    def answer(door: socket.socket) -> None:
        with suppress(OSError):
            wire, _address = door.accept()
            with wire:
                wire.sendall(begins)
                while not done.wait(0.02):
                    wire.sendall(b"x")

    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as door:
        teller = threading.Thread(target=answer, args=(door,), daemon=True)
        teller.start()
        yield door.getsockname()[1]
        done.set()
        teller.join(5)
