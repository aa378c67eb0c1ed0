"""A code opens once: of two sign-ins that show the same one at once, one stays outside."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ordi.errors import Refused
from ordi.parties.people import Person
from ordi.sealing import Sealer
from tests.ground.clock import NOW
from tests.races.hands import flow
from tests.races.meeting import Flow, Meeting
from tests.sharing.families import SEALER
from web.sign_in.second_factor import codes_left, confirm, next_code, opens, prepare

pytestmark = pytest.mark.postgresql

sealer: Sealer = SEALER


class StaysOutside(Refused):
    """What the door makes of a code that opens nothing."""

    code = "stays-outside"


def shows(meeting: Meeting, said: str) -> Flow:
    """Inès at the door with a code."""

    def enter(session: Session, ines: Person, _by: Person) -> None:
        if not opens(session, ines, said, sealer=sealer, at=NOW):
            raise StaysOutside

    return flow(Person, meeting.cast.ines.id, meeting.cast.ines, enter)


def test_a_telephones_code_shown_twice_at_once_opens_once(meeting: Meeting) -> None:
    factor = prepare(meeting.session, meeting.cast.ines, sealer=sealer, at=NOW)
    confirm(meeting.session, meeting.cast.ines, at=NOW)
    said = next_code(factor, sealer, at=NOW)
    assert meeting.meet(shows(meeting, said), shows(meeting, said)) == ("done", "stays-outside")


def test_a_recovery_code_shown_twice_at_once_opens_once(meeting: Meeting) -> None:
    prepare(meeting.session, meeting.cast.ines, sealer=sealer, at=NOW)
    said, other, *_rest = confirm(meeting.session, meeting.cast.ines, at=NOW)
    assert meeting.meet(shows(meeting, said), shows(meeting, said)) == ("done", "stays-outside")
    assert codes_left(meeting.session, meeting.cast.ines) == 7
    assert meeting.meet(shows(meeting, other), shows(meeting, said)) == ("done", "stays-outside")
