"""Class lists: a school's children, brought as a file, and the afternoon when each goes home with a computer."""

from __future__ import annotations

from flask import Blueprint

from web.classes import words

blueprint = Blueprint("classes", __name__, url_prefix="/classes")
blueprint.context_processor(lambda: {"words": words})

from web.classes import desk, importing, loans, pages, papers  # noqa: E402, F401 - the views sign up on the blueprint
