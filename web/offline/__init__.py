"""Benches without network: prepare a stick, take back what it brings."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("offline", __name__, url_prefix="/offline")

from web.offline import pages, words  # noqa: E402, F401 - the views sign up on the blueprint
