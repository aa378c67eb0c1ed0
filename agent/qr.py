"""A QR code in a terminal, by whatever is there: the qrcode library, the qrencode program, or nothing."""

import importlib
import io

from agent.programs import ProgramFailed, run


def drawn(text: str) -> str | None:
    """`text` as a QR code of block characters, dark on light whatever the terminal; None when nothing here can draw one."""
    return drawn_by_library(text) or drawn_by_program(text)


def drawn_by_library(text: str) -> str | None:
    """With python3-qrcode."""
    try:
        qrcode = importlib.import_module("qrcode")
    except ImportError:
        return None
    code = qrcode.QRCode(border=2)
    code.add_data(text)
    out = io.StringIO()
    code.print_ascii(out=out, invert=True)
    return out.getvalue()


def drawn_by_program(text: str) -> str | None:
    """With qrencode."""
    try:
        return run(("qrencode", "-t", "UTF8", "-m", "2", text)).out.decode("utf-8", "replace")
    except ProgramFailed:
        return None
