"""A small reader of ZPL, written from the makers' manual and sharing nothing with the writer: commands in order, graphics as dots."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from PIL import Image

_COMMAND = re.compile(r"[\^~]([A-Z@][A-Z0-9@]?)([^\^~]*)")
_RUNS = {letter: count for count, letter in enumerate("GHIJKLMNOPQRSTUVWXY", start=1)}
_LONG_RUNS = {letter: 20 * count for count, letter in enumerate("ghijklmnopqrstuvwxyz", start=1)}


@dataclass
class Read:
    """One label: its commands, its dots, the texts with where they begin and how high and wide their letters are."""

    commands: list[str] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)
    texts: list[tuple[int, int, int, int, str]] = field(default_factory=list)
    graphics: list[tuple[int, int, Image.Image]] = field(default_factory=list)

    def picture(self) -> Image.Image:
        """The label as printed, letters apart."""
        drawn = Image.new("L", self.size, 255)
        for x, y, dots in self.graphics:
            drawn.paste(0, (x, y), dots)
        return drawn


def read(zpl: bytes) -> list[Read]:
    """Every label of a file. Whatever a printer would act on is a command here, wherever it stands."""
    labels: list[Read] = []
    here, font, escape = (0, 0), (0, 0), ""
    for name, rest in _COMMAND.findall(zpl.decode("ascii")):
        rest = rest.strip("\n")
        if name == "XA":
            labels.append(Read())
        label = labels[-1]
        label.commands.append(name)
        if name == "PW":
            label.size = (int(rest), label.size[1])
        elif name == "LL":
            label.size = (label.size[0], int(rest))
        elif name == "FO":
            across, down = rest.split(",")[:2]
            here, escape = (int(across), int(down)), ""
        elif name == "A0":
            _turn, high, wide = rest.split(",")
            font = (int(high), int(wide))
        elif name == "FH":
            escape = rest or "_"
        elif name == "FD":
            label.texts.append((*here, *font, _unescaped(rest, escape)))
        elif name == "GF":
            kind, _sent, total, across_bytes, data = rest.split(",", 4)
            assert kind == "A"
            label.graphics.append((*here, _dots(data, int(total), int(across_bytes))))
    return labels


def _unescaped(text: str, escape: str) -> str:
    if not escape:
        return text
    raw = re.sub(re.escape(escape) + "([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), text)
    return raw.encode("latin-1").decode("utf-8")


def _dots(data: str, total: int, across: int) -> Image.Image:
    """A graphic field: hexadecimal rows, `G`-`Y` and `g`-`z` repeat the next digit, `,` ends a row white, `!` black, `:` repeats a row."""
    rows: list[str] = []
    row, times = "", 0
    for char in data:
        if char == ":":
            rows.append(rows[-1])
        elif char in ",!":
            rows.append(row.ljust(across * 2, "0" if char == "," else "F"))
            row = ""
        elif char in _RUNS or char in _LONG_RUNS:
            times += _RUNS.get(char, 0) + _LONG_RUNS.get(char, 0)
        else:
            row += char * max(times, 1)
            times = 0
        if len(row) == across * 2:
            rows.append(row)
            row = ""
    assert not row
    assert len(rows) * across == total
    return Image.frombytes("1", (across * 8, len(rows)), bytes.fromhex("".join(rows)))
