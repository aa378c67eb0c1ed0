"""The bench in the browser: one thumb, arm's length, few words. The wipe has its own module, `wiping`."""

from __future__ import annotations

from flask import Blueprint

from web.bench import words

blueprint = Blueprint("bench", __name__, url_prefix="/bench")
blueprint.context_processor(lambda: {"words": words})

from web.bench import (  # noqa: E402, F401 - the views sign up on the blueprint
    audits,
    claims,
    clues,
    corrections,
    diagnosis,
    doubts,
    drives,
    endings,
    figures,
    inventories,
    pages,
    panels,
    photos,
    refurbishment,
    repairs,
    stock,
    tasks,
    triage,
    trials,
    uses,
    walls,
)
