"""Computers in use: the park and its alerts, help tickets, and the family's own page."""

from __future__ import annotations

from flask import Blueprint

from web.fleet import words

blueprint = Blueprint("fleet", __name__)
blueprint.context_processor(lambda: {"words": words})

from web.fleet import duties, enrolments, family, leaflets, panel, park  # noqa: E402, F401 - the views sign up on the blueprint
