"""Computers: the list, the page of each, labels. Rooms add panels and actions through `panels`."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("machines", __name__, url_prefix="/machines")

from web.machines import merging, pages  # noqa: E402, F401 - the views sign up on the blueprint
