"""Losses and thefts: each has a file that says what was in it, what is to be done, and until when."""

from __future__ import annotations

from flask import Blueprint

from web.incidents import words

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")
blueprint.context_processor(lambda: {"words": words})

from web.incidents import pages, panels  # noqa: E402, F401 - the views sign up on the blueprint
