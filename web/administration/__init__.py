"""The network's own upkeep: people, roles, tokens."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("administration", __name__, url_prefix="/administration")

from web.administration import log, pages, tokens  # noqa: E402, F401 - the views sign up on the blueprint
