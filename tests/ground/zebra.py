"""A label printer on the loopback: it speaks `~HS`, prints what lies between `^XA` and `^XZ`, and has every trouble of the trade."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ASK = b"~HS"
_LABEL = re.compile(rb"\^XA.*?\^XZ", re.DOTALL)


class Zebra:
    """Its flags may be set at any time; what it printed is in `labels`."""

    def __init__(self) -> None:
        """Ready, with paper, on a port the system chose."""
        self.paper_out = self.head_open = self.paused = self.mute = False
        self.breaks_after: int | None = None
        """How many labels until paper runs out for good, or None."""
        self.hangs_up_after: int | None = None
        """How many labels until the line is cut, or None."""
        self.labels: list[bytes] = []
        self.asked = 0
        self._waiting = 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Switch it off."""
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def status(self) -> bytes:
        """What it says of itself, as the makers describe it."""
        one = f"030,{self.paper_out:d},{self.paused:d},0245,{self._waiting:03d},0,0,0,000,0,0,0"
        two = f"000,0,{self.head_open:d},0,0,2,4,0,00000000,1,000"
        return b"".join(b"\x02" + line.encode() + b"\x03\r\n" for line in (one, two, "1234,0"))

    def _listen(self) -> None:
        while True:
            try:
                line, _address = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        heard = b""
        with contextlib.suppress(OSError), line:
            while data := line.recv(65536):
                heard = self._print(heard + data)
                if self.hangs_up_after is not None and len(self.labels) >= self.hangs_up_after:
                    return
                while _ASK in heard and b"^XA" not in heard.partition(_ASK)[0]:
                    heard = heard.partition(_ASK)[2]
                    self.asked += 1
                    if not self.mute:
                        line.sendall(self.status())

    def _print(self, heard: bytes) -> bytes:
        while found := _LABEL.search(heard):
            self.labels.append(found[0])
            heard = heard[: found.start()] + heard[found.end() :]
            if self.breaks_after is not None and len(self.labels) >= self.breaks_after:
                self.paper_out, self._waiting = True, 1
        return heard


@contextmanager
def a_zebra() -> Iterator[Zebra]:
    """A printer, until the end of the block."""
    printer = Zebra()
    try:
        yield printer
    finally:
        printer.close()
