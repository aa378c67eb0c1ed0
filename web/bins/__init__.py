"""Bins and parts in the browser: scan a bin, scan a machine, one thumb."""

from __future__ import annotations

from flask import Blueprint

from web.bins import words
from web.wording import parts

blueprint = Blueprint("bins", __name__)
blueprint.context_processor(lambda: {"words": words, "parts": parts})

from web.bins import carriers, counting, machines, pages, panels, wanted  # noqa: E402, F401 - the views sign up on the blueprint
