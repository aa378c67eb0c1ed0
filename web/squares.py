"""What the squares we print say: an address of this server, in upper case, that opens a page."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from flask import current_app

from web.papers.label_faces import address
from web.settings import Settings

_OURS = re.compile(r"/[A-Z](/[^/?#]{1,60}){1,2}")
_COMPUTERS = "/M/"
"""A computer's own square: the scan box reads it however it is spelt."""


def our_address(letter: str, code: str) -> str:
    """What the square of a thing says: this server, and the page `/LETTER/CODE` that opens it."""
    return address(_settings().base_url, letter, code)


def page_of(text: str) -> str | None:
    """The page of this server that a scanned square names (`HTTPS://HOST/D/3F7-K`), computers' own squares apart."""
    try:
        told, ours = urlsplit(text.strip()), urlsplit(_settings().base_url)
    except ValueError:
        return None
    if told.scheme.lower() not in ("http", "https") or told.netloc.lower() != ours.netloc.lower():
        return None
    path = told.path.upper()
    opens = _OURS.fullmatch(path) is not None and not path.startswith(_COMPUTERS)
    return path if opens and path.isascii() and unquote(path).isprintable() else None


def _settings() -> Settings:
    found: Settings = current_app.extensions["ordi-settings"]
    return found
