"""The directory: where a family can be sent for help, and the national file it comes from and goes to."""

from __future__ import annotations

from flask import Blueprint

from web.directory import words

blueprint = Blueprint("directory", __name__, url_prefix="/directory")
blueprint.context_processor(lambda: {"words": words})

from web.directory import pages  # noqa: E402, F401 - the views sign up on the blueprint
