"""French pages, read as one types: tests say « Prêt ? » with an ordinary space. tests/web/test_typography.py looks at the real one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask

NO_BREAK = "\u00a0".encode()


class Spaced:
    """The application, its pages with ordinary spaces."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def __getattr__(self, name: str) -> Any:
        return getattr(self.app, name)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        begun: list[Any] = []
        body = self.app(environ, lambda status, headers, *more: begun.extend((status, headers, *more)))
        status, headers, *more = begun
        if not dict(headers).get("Content-Type", "").startswith("text/html"):
            start(status, headers, *more)
            return body
        page = b"".join(body).replace(NO_BREAK, b" ")
        if hasattr(body, "close"):
            body.close()
        start(
            status, [one for one in headers if one[0] != "Content-Length"] + [("Content-Length", str(len(page)))], *more
        )
        return [page]
