"""What the worker forgets by itself: files and readings whose time is over, looked at once a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from ordi.papers import PARIS
from ordi.privacy import marks
from ordi.privacy.erasing import Remember, erase_due
from web.settings import Settings
from web.worker import duty


def remembering(settings: Settings, at: datetime) -> Remember:
    """Writes marks into this installation's data folder."""

    def write(told: Sequence[str]) -> None:
        marks.remember(settings.data_dir, told, at=at)

    return write


@duty("files past their time")
def _forget_households(session: Session, settings: Settings, at: datetime) -> int:
    day, looked = at.astimezone(PARIS).date(), current_app.extensions
    if looked.get("ordi-files-looked-at") == day:
        return 0
    done = erase_due(session, at=at, remember=remembering(settings, at))
    looked["ordi-files-looked-at"] = day
    return done.households + done.readings if done else 0
