"""Starting over SSH: the list of bench hosts, and a start shown step by step. The line itself is in `line` and `launching`."""

from __future__ import annotations

from flask import Blueprint

from web.remote import words
from web.remote.errands import in_a_thread

blueprint = Blueprint("remote", __name__)
blueprint.record_once(lambda state: state.app.extensions.setdefault("ordi-errands", in_a_thread))
blueprint.context_processor(lambda: {"remote": words})

from web.remote import hosts, starting  # noqa: E402, F401 - the views sign up on the blueprint
