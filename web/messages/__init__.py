"""Messages to families and associations: what waits, what needs a person, the letters to print."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("messages", __name__, url_prefix="/messages")

from web.messages import pages, sending, translations  # noqa: E402, F401 - views and duties sign up
