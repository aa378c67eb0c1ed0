"""A message is sent once as far as anyone can know, later when the server is away, and never lost or doubled."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.database import make_engine, make_sessions
from ordi.errors import Invalid, NotFound
from ordi.messages import outbox
from ordi.messages.outbox import ABANDONED, KEPT, PAUSES, Message, NotStuck, Posting
from tests.ground.clock import NOW


def put(session: Session, at: datetime = NOW, to: str = "audit@cabinet.example") -> Message:
    return outbox.put(session, "test", to, "Bonjour", "Voici.", at=at)


def test_a_message_waits_is_claimed_once_and_is_sent(session: Session) -> None:
    put(session)
    message = outbox.claim(session, at=NOW)
    assert message
    assert outbox.claim(session, at=NOW) is None
    outbox.settle(session, message.id, Posting.SENT, at=NOW)
    assert (message.state, message.attempts, message.ended_at) == ("sent", 1, NOW)


def test_what_was_not_taken_is_tried_later_and_later_and_fails_after_three_days(session: Session) -> None:
    message, at = put(session), NOW
    for pause in PAUSES:
        assert outbox.claim(session, at=at) is message
        outbox.settle(session, message.id, Posting.WAITING, at=at, trouble="smtp-451")
        assert outbox.claim(session, at=at + pause - timedelta(seconds=1)) is None
        at += pause
    assert at - NOW > timedelta(days=2)
    assert outbox.claim(session, at=at) is message
    outbox.settle(session, message.id, Posting.WAITING, at=at, trouble="smtp-451")
    assert (message.state, message.trouble) == ("failed", "smtp-451")


def test_what_a_worker_took_and_never_settled_was_perhaps_sent(session: Session) -> None:
    message = put(session)
    outbox.claim(session, at=NOW)
    assert outbox.abandon(session, at=NOW + ABANDONED) == 0
    assert outbox.abandon(session, at=NOW + ABANDONED + timedelta(seconds=1)) == 1
    session.refresh(message)
    assert message.state == "perhaps_sent"
    assert outbox.claim(session, at=NOW + timedelta(days=9)) is None


def test_only_a_person_sends_again_what_may_have_been_sent(session: Session) -> None:
    message = put(session)
    with pytest.raises(NotStuck):
        outbox.send_again(session, message.id, at=NOW)
    outbox.claim(session, at=NOW)
    outbox.settle(session, message.id, Posting.PERHAPS_SENT, at=NOW)
    outbox.send_again(session, message.id, at=NOW)
    assert outbox.claim(session, at=NOW) is message
    with pytest.raises(NotFound):
        outbox.send_again(session, message.id + 1, at=NOW)


def test_what_ended_long_ago_is_forgotten_with_its_address(session: Session) -> None:
    put(session)
    sent = put(session)
    outbox.claim(session, at=NOW)
    message = session.scalars(select(Message).where(Message.state == "sending")).one()
    outbox.settle(session, message.id, Posting.SENT, at=NOW)
    outbox.forget(session, at=NOW + KEPT)
    assert session.scalar(select(func.count()).select_from(Message)) == 2
    outbox.forget(session, at=NOW + KEPT + timedelta(seconds=1))
    assert [one.id for one in session.scalars(select(Message))] == [sent.id]


def test_nothing_more_goes_to_who_asked_to_be_left_alone(session: Session) -> None:
    put(session, to="a@b.example")
    kept = put(session)
    outbox.withdraw(session, "a@b.example")
    assert list(session.scalars(select(Message.id))) == [kept.id]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "x@",
        "@x.fr",
        "a@b",
        "a@b.fr\nBcc: c@d.fr",
        "a b@c.fr",
        "é@c.fr",
        "a@b.fr, c@d.fr",
        "<a@b.fr>",
        "a@" + "b" * 260 + ".fr",
    ],
)
def test_what_is_no_address_is_refused(session: Session, text: str) -> None:
    with pytest.raises(Invalid):
        put(session, to=text)


def test_two_workers_never_take_the_same_message(fresh_database: str) -> None:
    engine = make_engine(fresh_database)
    sessions = make_sessions(engine)
    with sessions() as session:
        for _ in range(3):
            put(session)
        session.commit()
    taken = []
    if engine.dialect.name == "postgresql":
        with sessions() as one, sessions() as two:
            taken = [outbox.claim(one, at=NOW), outbox.claim(two, at=NOW), outbox.claim(two, at=NOW)]
            assert outbox.claim(one, at=NOW) is None
            one.commit()
            two.commit()
    else:
        for _ in range(3):
            with sessions() as one:
                taken.append(outbox.claim(one, at=NOW))
                one.commit()
    assert len({message.id for message in taken if message}) == 3
    engine.dispose()
