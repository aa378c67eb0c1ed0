"""Communes, postcodes and priority districts: offered where somebody types a postcode, brought in from the official files."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("places", __name__, url_prefix="/places")

from web.places import pages  # noqa: E402, F401 - the views sign up on the blueprint
