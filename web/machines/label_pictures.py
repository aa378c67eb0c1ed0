"""The QR of a tag, drawn into the page: no picture to fetch, and it prints."""

from __future__ import annotations

from flask import current_app
from markupsafe import Markup

from web.papers.label_faces import tag_url
from web.papers.qr import QUIET, matrix, runs


def qr_of(tag: str) -> Markup:
    """The symbol of a label as inline SVG."""
    return drawn(tag_url(current_app.extensions["ordi-settings"].base_url, tag))


def drawn(text: str) -> Markup:
    """Any text as a symbol with its quiet zone; its colours come from the stylesheet."""
    modules = matrix(text)
    side = len(modules) + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z" for x, y, length in runs(modules))
    # Only numbers go in: nothing of anybody's text.
    return Markup(  # noqa: S704
        f'<svg class="qr" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" focusable="false">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#10131f" d="{path}"/></svg>'
    )
