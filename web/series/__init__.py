"""Series at the bench: one action, then scan after scan; it opens without a network and sends later what was done."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("series", __name__)

from web.series import app, cards, pages, state, words  # noqa: E402, F401 - the views sign up on the blueprint
