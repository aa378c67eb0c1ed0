"""The label room: whatever carries a label is printed here, on any stock, through any printer of the workshop."""

from __future__ import annotations

from flask import Blueprint

from web.labels import words

blueprint = Blueprint("labels", __name__)
blueprint.context_processor(lambda: {"label_words": words})

from web.labels import carried, choosing, drives, free, papers, printers, room, sending, stocks  # noqa: E402, F401 - the views sign up on the blueprint
