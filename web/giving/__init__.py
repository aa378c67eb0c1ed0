"""Gifts: offers and their answers, rounds and their slips, lots and their reception."""

from __future__ import annotations

from flask import Blueprint

from ordi.machines.audit import LEAST_PERCENT
from ordi.machines.policy import Demand
from web.giving import words

blueprint = Blueprint("giving", __name__, url_prefix="/giving")
blueprint.context_processor(lambda: {"words": words, "least": LEAST_PERCENT, "nothing_asked": Demand()})

from web.giving import intake, lots, offers, policies, reception, rounds  # noqa: E402, F401 - the views sign up on the blueprint
