"""Home: what waits for this person."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("home", __name__)

from web.home import pages, trades  # noqa: E402, F401 - the views sign up on the blueprint, the trades on `waits`
