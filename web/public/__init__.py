"""What anyone may read: a label found in the street, a certificate, what a computer sends, accessibility."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("public", __name__)

from web.public import certificates, pages, trials  # noqa: E402, F401 - the views sign up on the blueprint
