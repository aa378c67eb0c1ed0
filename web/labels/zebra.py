"""A label printer on the network: asked how it is before labels are given, and again afterwards, until it has none left.

Port 9100 is a plain line: what is written is printed, and `~HS` is answered with three lines between STX and ETX (paper,
pause, head, ribbon, labels left). Nothing of what it says is shown but as one of our codes.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

from web.calling import MayNotCall, allowed_address
from web.settings import Network

CONNECT_S = 4.0
ANSWER_S = 4.0
GIVE_S = 15.0
PRINTING_S = 10.0
"""How long somebody waits before the page for the last label: what still prints then is said to be so."""
_ASK_EVERY_S = 0.2
_ASK = b"~HS\r\n"
_STX, _ETX = b"\x02", b"\x03"
_LONGEST_ANSWER = 2048


class NotPrinted(Exception):
    """Nothing was given to the printer; `code` is one of `web.labels.words.TROUBLES`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PerhapsPrinted(Exception):
    """Labels were given, and nobody can know how many came out."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Status:
    """What a printer says of itself."""

    trouble: str
    """Why it does not print now; empty when it would."""
    left: int
    """Labels and formats it has not printed yet."""


def read_status(answer: bytes) -> Status:
    """The three lines of `~HS`. Raises `ValueError` for anything else."""
    lines = [part.partition(_ETX)[0].decode("ascii").split(",") for part in answer.split(_STX)[1:]]
    if len(lines) != 3 or len(lines[0]) < 12 or len(lines[1]) < 9:
        raise ValueError("not a status")
    one, two = lines[0], lines[1]
    flags = (
        ("head-open", two[2]),
        ("paper-out", one[1]),
        ("ribbon-out", two[3]),
        ("paused", one[2]),
        ("too-hot", one[11]),
        ("too-cold", one[10]),
        ("memory-lost", one[9]),
        ("buffer-full", one[5]),
    )
    trouble = next((code for code, flag in flags if int(flag)), "")
    return Status(trouble, int(one[4]) + int(one[7]) + int(two[8]))


def status_of(address: str, port: int, networks: Sequence[Network]) -> Status:
    """How the printer is. Raises `NotPrinted` when it cannot be asked."""
    with _line(address, port, networks) as line:
        return _before(line)


def print_on(address: str, port: int, networks: Sequence[Network], pages: Sequence[bytes]) -> None:
    """Give pages to a printer that says it can print, and wait until it has. Raises `NotPrinted`, `PerhapsPrinted`."""
    with _line(address, port, networks) as line:
        told = _before(line)
        if told.trouble:
            raise NotPrinted(told.trouble)
        try:
            line.settimeout(GIVE_S)
            for page in pages:
                line.sendall(page)
            _until_done(line)
        except (OSError, ValueError) as lost:
            raise PerhapsPrinted("dropped") from lost


def _line(name: str, port: int, networks: Sequence[Network]) -> socket.socket:
    try:
        place = allowed_address(name, port, networks)
    except MayNotCall as refused:
        raise NotPrinted(refused.code) from refused
    if not ipaddress.ip_address(place).is_private:
        raise NotPrinted("outside-networks")
    try:
        return socket.create_connection((place, port), timeout=CONNECT_S)
    except OSError as closed:
        raise NotPrinted("unreachable") from closed


def _before(line: socket.socket) -> Status:
    try:
        return _ask(line)
    except (OSError, ValueError) as silent:
        raise NotPrinted("no-answer") from silent


def _ask(line: socket.socket) -> Status:
    """Its status, now. Raises `OSError`, `ValueError`."""
    line.settimeout(ANSWER_S)
    line.sendall(_ASK)
    answer, end = b"", time.monotonic() + ANSWER_S
    while answer.count(_ETX) < 3:
        heard = line.recv(_LONGEST_ANSWER)
        answer += heard
        if not heard or len(answer) > _LONGEST_ANSWER or time.monotonic() > end:
            raise ValueError("no status")
    return read_status(answer)


def _until_done(line: socket.socket) -> None:
    end = time.monotonic() + PRINTING_S
    while True:
        told = _ask(line)
        if not told.left and not told.trouble:
            return
        if told.trouble and told.trouble != "buffer-full":
            raise PerhapsPrinted(told.trouble)
        if time.monotonic() > end:
            raise PerhapsPrinted("still-printing")
        time.sleep(_ASK_EVERY_S)
