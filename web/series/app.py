"""What makes series an app that opens without a network: its manifest, and the worker that keeps the page's own files."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from flask import current_app, jsonify, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from web.guards import permission
from web.series import blueprint

_STATIC = Path(__file__).resolve().parents[1] / "static"
_VENDOR = "vendor/barcode-detector"

FILES = (
    "ordi.css",
    "theme.js",
    "page.js",
    "print.js",
    "answer.js",
    "camera.js",
    "tags.js",
    "wedge.js",
    "viewfinder.js",
    "kept.js",
    "unlocking.js",
    "pictures.js",
    "queue.js",
    "leaving.js",
    "desk-store.js",
    "idle.js",
    "aloud.js",
    "forgetting.js",
    "series.js",
    "series-lock.js",
    "series-stock.js",
    "series-view.js",
    "icon.svg",
    "icon-192.png",
    "vendor/sprite.svg",
    "vendor/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2",
    f"{_VENDOR}/ponyfill.js",
    f"{_VENDOR}/zxing-exported.js",
    f"{_VENDOR}/zxing_reader.wasm",
)
"""Everything the page asks for."""


@blueprint.get("/bench/series/worker.js")
@permission("public")
def worker() -> Response:
    """The worker, told what to keep. It changes when one of those files does, and then keeps all of them anew."""
    there = [name for name in FILES if (_STATIC / name).exists()]
    kept = [url_for("static", filename=name) for name in there]
    source = (_STATIC / "series-worker.js").read_text(encoding="utf-8")
    told = {"version": fingerprint(tuple(there)), "page": url_for("series.index"), "files": kept}
    answer = Response(f"const KEPT = {json.dumps(told)};\n{source}", mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = url_for("series.index")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/bench/series/app.webmanifest")
@permission("public")
def manifest() -> Response:
    """How a phone installs it."""
    told = {
        "name": _("Ordi à l’établi"),
        "short_name": _("Établi"),
        "lang": str(get_locale() or "fr"),
        "start_url": url_for("series.index"),
        "scope": url_for("series.index"),
        "id": url_for("series.index"),
        "display": "standalone",
        "background_color": "#f1f1ed",
        "theme_color": "#27408b",
        "icons": [
            {"src": url_for("static", filename=name), "sizes": sizes, "type": kind, "purpose": purpose}
            for name, sizes, kind, purpose in (
                ("icon-192.png", "192x192", "image/png", "any"),
                ("icon-512.png", "512x512", "image/png", "any"),
                ("icon-512.png", "512x512", "image/png", "maskable"),
                ("icon.svg", "any", "image/svg+xml", "any"),
            )
        ],
    }
    answer = jsonify(told)
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def fingerprint(names: tuple[str, ...]) -> str:
    """What these files are now; read once, but while developing."""
    return _now(names) if current_app.debug or current_app.testing else _once(names)


@lru_cache
def _once(names: tuple[str, ...]) -> str:
    return _now(names)


def _now(names: tuple[str, ...]) -> str:
    held = hashlib.sha256()
    for path in (*(_STATIC / name for name in names), _STATIC / "series-worker.js", _PAGE):
        held.update(path.read_bytes())
    return held.hexdigest()[:16]


_PAGE = Path(__file__).resolve().parents[1] / "templates/series/index.html"
