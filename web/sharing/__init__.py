"""Requests, allocation, hand-over and take-back: what social workers, coordinators and associations do."""

from __future__ import annotations

from flask import Blueprint

from web.sharing import living_words, words

blueprint = Blueprint("sharing", __name__, url_prefix="/sharing")
blueprint.context_processor(lambda: {"words": words, "living_words": living_words})

from web.sharing import (  # noqa: E402, F401 - the views sign up on the blueprint
    absences,
    allocations,
    applying,
    appointments,
    association,
    attendance_papers,
    attending,
    calls,
    committees,
    confirming,
    desks,
    duties,
    exchanges,
    filing,
    followers,
    following,
    hand_over_sheets,
    hand_overs,
    inviting,
    judging,
    learners,
    loans,
    needs,
    packing,
    panel,
    programmes,
    repairs,
    requests,
    returns,
    service,
    tenants,
    training,
    visits,
    which,
)
