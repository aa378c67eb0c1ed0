"""From the pre-list to the sessions: who is written to, once, in what order, and who is spoken to instead."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import NotAllowed
from ordi.messages.outbox import Channel, Message, Posting
from ordi.privacy.silence import take_back
from ordi.sharing.inviting import NoMeeting, NoSessionAhead, invite, letters_of, set_meeting, write_letters
from ordi.sharing.requests import Reach
from ordi.sharing.seats import Leaving, enlist, leave
from ordi.sharing.telling import Telling
from ordi.sharing.training import Group, Place, Step, advance, open_group
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.test_thirteen import ask_for, put

MEETING = NOW + timedelta(days=7)


def a_group(session: Session, cast: Cast, count: int = 2, *, first: timedelta = timedelta(days=14)) -> Group:
    """A group of the workshops of programme 13, with people on its pre-list."""
    programme = put(session, cast, "ateliers")
    days = [NOW + first + timedelta(days=7 * n) for n in range(10)]
    group = open_group(session, cast.partner, programme, days, by=cast.awa, at=NOW)
    for n in range(count):
        enlist(session, group, ask_for(session, cast, programme, name=f"Learner {n}"), by=cast.awa, at=NOW)
    return group


def waiting(session: Session, telling: Telling) -> list[Message]:
    query = select(Message).where(Message.kind == telling, Message.state == Posting.WAITING)
    return list(session.scalars(query.order_by(Message.id)))


def steps(group: Group) -> list[str]:
    return [one.step for one in group.members]


def commit(session: Session, cast: Cast, place: Place) -> None:
    for step in (Step.INFORMED, Step.COMMITTED):
        advance(session, place, step, by=cast.awa, at=NOW)


def test_the_whole_way_from_the_pre_list_to_the_invitation_is_walked_by_letters(session: Session, cast: Cast) -> None:
    group = a_group(session, cast)
    with pytest.raises(NoMeeting):
        write_letters(session, group, by=cast.awa, at=NOW)
    assert set_meeting(session, group, MEETING, by=cast.awa, at=NOW).put == 0
    assert write_letters(session, group, by=cast.awa, at=NOW).put == 2
    assert steps(group) == [Step.WRITTEN_TO, Step.WRITTEN_TO]
    assert write_letters(session, group, by=cast.awa, at=NOW).put == 0, "nobody is written to twice"
    commit(session, cast, group.members[0])
    assert invite(session, group, by=cast.awa, at=NOW).put == 1
    assert invite(session, group, by=cast.awa, at=NOW).put == 0
    (invitation,) = waiting(session, Telling.TRAINING_BEGINS)
    facts = json.loads(invitation.facts)
    assert (invitation.request_id, facts["place"]) == (group.members[0].request_id, cast.partner.id)
    assert facts["days"] == [one.begins.isoformat() for one in group.sessions]
    told = {place.request.code: letter.kind for place in group.members for letter in [_of(session, place)]}
    assert list(told.values()) == [Telling.TRAINING_BEGINS, Telling.TRAINING_MEETING]


def _of(session: Session, place: Place) -> Message:
    return letters_of(session, [place])[place.id]


def test_each_is_told_by_the_way_they_asked_for(session: Session, cast: Cast) -> None:
    group = a_group(session, cast)
    first, second = group.members
    first.request.reach, second.request.reach = Reach.IN_PERSON, Reach.SMS
    assert second.request.household
    second.request.household.phone_sealed = b"sealed"
    set_meeting(session, group, MEETING, by=cast.awa, at=NOW)
    write_letters(session, group, by=cast.awa, at=NOW)
    assert [one.channel for one in waiting(session, Telling.TRAINING_MEETING)] == [Channel.SPOKEN, Channel.TEXT]


def test_another_day_for_the_meeting_replaces_what_has_not_left(session: Session, cast: Cast) -> None:
    group = a_group(session, cast, 1)
    set_meeting(session, group, MEETING, by=cast.awa, at=NOW)
    write_letters(session, group, by=cast.awa, at=NOW)
    later = MEETING + timedelta(days=1)
    assert set_meeting(session, group, later, by=cast.awa, at=NOW).put == 1
    assert set_meeting(session, group, later, by=cast.awa, at=NOW).put == 0, "said twice, it is one day"
    session.expire_all()
    (letter,) = waiting(session, Telling.TRAINING_MEETING)
    assert json.loads(letter.facts)["begins"] == later.isoformat()
    with pytest.raises(NoMeeting):
        set_meeting(session, group, NOW, by=cast.awa, at=NOW)


def test_a_meeting_put_back_to_its_first_day_is_told_again(session: Session, cast: Cast) -> None:
    group = a_group(session, cast, 1)
    set_meeting(session, group, MEETING, by=cast.awa, at=NOW)
    write_letters(session, group, by=cast.awa, at=NOW)
    for day in (MEETING + timedelta(days=1), MEETING):
        set_meeting(session, group, day, by=cast.awa, at=NOW + timedelta(minutes=1))
    session.expire_all()
    (letter,) = waiting(session, Telling.TRAINING_MEETING)
    assert json.loads(letter.facts)["begins"] == MEETING.isoformat()


def test_who_took_consent_back_is_written_nothing_and_keeps_their_place(session: Session, cast: Cast) -> None:
    group = a_group(session, cast)
    silent = group.members[0]
    assert silent.request.household
    take_back(session, silent.request.household, "fr", by=cast.ines, at=NOW)
    set_meeting(session, group, MEETING, by=cast.awa, at=NOW)
    told = write_letters(session, group, by=cast.awa, at=NOW)
    assert (told.put, told.spoken_to) == (1, 1)
    assert steps(group) == [Step.LISTED, Step.WRITTEN_TO]
    advance(session, silent, Step.WRITTEN_TO, by=cast.awa, at=NOW)
    assert silent.step == Step.WRITTEN_TO, "somebody spoke to them"


def test_who_leaves_is_not_invited_by_what_has_not_left_yet(session: Session, cast: Cast) -> None:
    group = a_group(session, cast, 1)
    set_meeting(session, group, MEETING, by=cast.awa, at=NOW)
    write_letters(session, group, by=cast.awa, at=NOW)
    leave(session, group.members[0], Leaving.HOURS, by=cast.awa, at=NOW)
    session.expire_all()
    assert waiting(session, Telling.TRAINING_MEETING) == []


def test_nobody_is_invited_to_what_is_over_nor_by_who_does_not_train(session: Session, cast: Cast) -> None:
    group = a_group(session, cast, 1, first=timedelta(days=-100))
    with pytest.raises(NoSessionAhead):
        invite(session, group, by=cast.awa, at=NOW)
    for verb in (invite, write_letters):
        with pytest.raises(NotAllowed):
            verb(session, group, by=cast.lou, at=NOW)
