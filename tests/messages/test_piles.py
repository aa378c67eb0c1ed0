"""A family's message holds codes alone, is put once, goes in piles, and may need a person."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import NotFound
from ordi.messages import outbox, piles
from ordi.messages.outbox import KEPT, PAUSES, Channel, Message, NotStuck, Posting
from ordi.parties.households import Contact, open_file
from ordi.sharing.requests import Reach, Request
from ordi.sharing.telling import Telling, channel_of, messages_seen_by, tell
from tests.cast import Cast
from tests.cast import cast as cast
from tests.ground.clock import NOW
from tests.sharing.families import SEALER, a_household, a_request
from web.messages.composing import written


def asked(session: Session, cast: Cast, reach: Reach = Reach.LETTER, number: int = 0) -> Request:
    request = a_request(session, cast, household=a_household(session, cast, f"Famille {number}"))
    request.reach = reach
    session.flush()
    return request


def say(session: Session, request: Request, once: str = "1") -> Message | None:
    facts: dict[str, object] = {"day": "2026-11-26"}
    return tell(session, request, Telling.LOAN_ENDS, facts, about=f"loan:{once}", once=once, at=NOW)


def test_the_same_is_never_put_twice(session: Session, cast: Cast) -> None:
    request = asked(session, cast)
    assert say(session, request)
    assert say(session, request) is None
    assert say(session, request, "2")
    assert len(session.scalars(select(Message)).all()) == 2


def test_a_message_holds_nothing_of_the_file(session: Session, cast: Cast) -> None:
    message = say(session, asked(session, cast))
    assert message
    assert (message.recipient, message.subject, message.body) == ("", "", "")
    assert message.facts == '{"day":"2026-11-26"}'


@pytest.mark.parametrize(
    ("reach", "contact", "goes"),
    [
        (Reach.SMS, Contact("A", phone="0639980001"), Channel.TEXT),
        (Reach.SMS, Contact("A", email="a@b.example"), Channel.SPOKEN),
        (Reach.MAIL, Contact("A", email="a@b.example"), Channel.MAIL),
        (Reach.LETTER, Contact("A", address="3 rue des Lilas"), Channel.LETTER),
        (Reach.LETTER, Contact("A", phone="0639980001"), Channel.SPOKEN),
        (Reach.CALL, Contact("A", phone="0639980001"), Channel.SPOKEN),
        (Reach.IN_PERSON, Contact("A", "0639980001", "a@b.example", "3 rue"), Channel.SPOKEN),
    ],
)
def test_a_family_is_told_as_it_asked_where_its_file_allows_it(
    session: Session, cast: Cast, reach: Reach, contact: Contact, goes: Channel
) -> None:
    home = open_file(session, cast.partner, contact, sealer=SEALER, by=cast.ines, at=NOW)
    request = a_request(session, cast, household=home)
    request.reach = reach
    assert channel_of(request) == goes


def test_an_association_is_told_at_its_own_address_and_by_mail_first(session: Session, cast: Cast) -> None:
    request = a_request(session, cast)
    request.household, partner = None, request.partner
    partner.street, partner.email = "", ""
    assert channel_of(request) == Channel.SPOKEN
    partner.street = "3 rue des Lilas"
    assert channel_of(request) == Channel.LETTER
    partner.email = "bureau@tisseurs.example"
    assert channel_of(request) == Channel.MAIL
    message = tell(session, request, Telling.REPAIRED, {}, about="", once="office", at=NOW)
    assert message
    assert written(session, message, SEALER, "03 00 00 00 00").recipient == partner.email
    request.reach = Reach.LETTER
    assert channel_of(request) == Channel.LETTER


def test_a_pile_takes_what_waits_and_leaves_nothing_to_the_next(session: Session, cast: Cast) -> None:
    for number in range(3):
        say(session, asked(session, cast, number=number), str(number))
    say(session, asked(session, cast, Reach.IN_PERSON, 9), "9")
    mine = messages_seen_by(cast.ada, at=NOW)
    pile = piles.take_pile(session, mine, by_id=cast.ada.id)
    assert pile
    assert piles.take_pile(session, mine, by_id=cast.ines.id) is None
    letters = piles.letters_of(session, mine, pile)
    assert len(letters) == 3
    assert piles.printed(session, letters, by_id=cast.ada.id, at=NOW) == 3
    assert piles.printed(session, letters, by_id=cast.ada.id, at=NOW) == 0
    with pytest.raises(NotFound):
        piles.letters_of(session, mine, pile)


def test_a_pile_put_back_is_taken_again(session: Session, cast: Cast) -> None:
    say(session, asked(session, cast))
    mine = messages_seen_by(cast.ada, at=NOW)
    first = piles.take_pile(session, mine, by_id=cast.ada.id)
    assert first
    assert piles.put_back(session, piles.letters_of(session, mine, first)) == 1
    second = piles.take_pile(session, mine, by_id=cast.ada.id)
    assert second
    assert second != first


def test_another_pole_takes_no_letter_of_ours(session: Session, cast: Cast) -> None:
    say(session, asked(session, cast))
    mine = piles.take_pile(session, messages_seen_by(cast.ada, at=NOW), by_id=cast.ada.id)
    theirs = messages_seen_by(cast.noor, at=NOW)
    assert mine
    assert session.scalars(theirs).all() == []
    with pytest.raises(NotFound):
        piles.letters_of(session, theirs, mine)


def test_what_may_have_arrived_is_never_called_failed(session: Session, cast: Cast) -> None:
    message = say(session, asked(session, cast, Reach.SMS))
    assert message
    at = NOW
    for n in range(len(PAUSES) + 1):
        assert outbox.claim(session, Channel.TEXT, at=at) is message
        outbox.settle(session, message.id, Posting.WAITING, at=at, trouble="http-502", unsure=n == 0)
        at = message.due_at
    assert message.state == Posting.PERHAPS_SENT


def test_a_person_decides_what_is_stuck_or_to_be_said_and_nothing_else(session: Session, cast: Cast) -> None:
    spoken = say(session, asked(session, cast, Reach.CALL))
    text = say(session, asked(session, cast, Reach.SMS, 2), "2")
    assert spoken
    assert text
    outbox.decide(session, spoken, Posting.SENT, by_id=cast.ines.id, at=NOW)
    assert (spoken.state, spoken.settled_by_id) == (Posting.SENT, cast.ines.id)
    with pytest.raises(NotStuck):
        outbox.decide(session, text, Posting.DROPPED, by_id=cast.ines.id, at=NOW)
    with pytest.raises(NotStuck):
        outbox.decide(session, spoken, Posting.DROPPED, by_id=cast.ines.id, at=NOW)


def test_what_is_over_is_not_told_any_more(session: Session, cast: Cast) -> None:
    message = say(session, asked(session, cast, Reach.SMS))
    assert message
    outbox.drop_about(session, "loan:1", at=NOW)
    session.refresh(message)
    assert message.state == Posting.DROPPED
    assert outbox.claim(session, Channel.TEXT, at=NOW) is None
    outbox.forget(session, at=NOW + 2 * KEPT)
    assert session.scalars(select(Message)).all() == []
