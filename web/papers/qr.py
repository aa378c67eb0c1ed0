"""QR codes as vectors, from one library, for the page and for the label."""

from __future__ import annotations

import qrcode
from qrcode.constants import ERROR_CORRECT_M

from web.papers.pdf import DataUrl, data_url

QUIET = 4
"""White modules around a symbol, as the standard asks."""


def matrix(text: str) -> list[list[bool]]:
    """The modules of `text` at level M, without its quiet zone; upper case gives the smaller symbol."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def runs(modules: list[list[bool]]) -> list[tuple[int, int, int]]:
    """The dark modules as horizontal runs (column, row, length): fewer shapes, and no hairlines between."""
    found = []
    for y, row in enumerate(modules):
        start = None
        for x, dark in enumerate([*row, False]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                found.append((start, y, x - start))
                start = None
    return found


def picture(text: str) -> DataUrl:
    """The symbol of `text` with its quiet zone, as an SVG picture in a `data:` address."""
    modules = matrix(text)
    side = len(modules) + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z" for x, y, length in runs(modules))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#10131f" d="{path}"/></svg>'
    )
    return data_url(svg.encode(), "image/svg+xml")
