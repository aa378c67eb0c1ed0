"""What is known of people, how long, who read it, and a family's rights over its own file."""

from __future__ import annotations

from flask import Blueprint

from web.privacy import words

blueprint = Blueprint("privacy", __name__)
blueprint.context_processor(lambda: {"privacy": words})

from web.privacy import duties, family, pages  # noqa: E402, F401 - views and duties sign up
