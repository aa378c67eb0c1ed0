"""The leaflet in the bag, and what a family can do with it alone."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed, NotFound, SomeoneJustDidThis
from ordi.fleet.enrolment import NotReinstalled
from ordi.fleet.help_requests import HelpRequest, Trouble, ask, close, take, tickets_seen_by
from ordi.fleet.leaflets import Leaflet, machine_of, print_leaflet
from ordi.machines.journal import history, record
from ordi.machines.lifecycle import Action, State
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW


def test_the_leaflet_opens_the_page_of_its_machine_and_its_secret_is_kept_nowhere(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.HANDED_OVER)
    secret = print_leaflet(session, machine, by=cast.ines, at=NOW)
    assert machine_of(session, secret.lower()) is machine
    assert len(secret) == 26
    assert secret not in session.scalars(select(Leaflet.secret_hash)).all()


def test_a_new_leaflet_ends_the_one_before(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.READY)
    lost = print_leaflet(session, machine, by=cast.sam, at=NOW)
    found = print_leaflet(session, machine, by=cast.sam, at=NOW)
    assert machine_of(session, found) is machine
    with pytest.raises(NotFound):
        machine_of(session, lost)


def test_after_a_take_back_the_leaflet_answers_like_an_invented_one(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.HANDED_OVER)
    secret = print_leaflet(session, machine, by=cast.ines, at=NOW)
    record(session, machine, Action.TAKE_BACK, by=cast.sam, at=NOW)
    for text in (secret, "A" * 26, ""):
        with pytest.raises(NotFound) as refusal:
            machine_of(session, text)
        assert refusal.value.facts == {"leaflet": "unknown"}


@pytest.mark.parametrize("who", ["noor", "bruno", "paul", "vic", "zoe"])
def test_who_neither_prepares_nor_hands_over_prints_no_leaflet(session: Session, cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        print_leaflet(session, a_machine(session, cast, State.HANDED_OVER), by=getattr(cast, who), at=NOW)


def test_a_machine_at_the_bench_has_no_leaflet(session: Session, cast: Cast) -> None:
    with pytest.raises(NotReinstalled):
        print_leaflet(session, a_machine(session, cast, State.RECEIVED), by=cast.sam, at=NOW)


def test_pressing_for_help_twice_is_one_ticket(session: Session, cast: Cast) -> None:
    machine = a_machine(session, cast, State.HANDED_OVER)
    assert ask(session, machine, Trouble.SLOW, at=NOW) is ask(session, machine, Trouble.SLOW, at=NOW)
    ask(session, machine, Trouble.NO_SOUND, at=NOW)
    assert [event.action for event in history(session, machine)][-2:] == ["help_asked"] * 2
    assert len(session.scalars(select(HelpRequest)).all()) == 2


def test_a_ticket_holds_no_word_of_the_family(session: Session, cast: Cast) -> None:
    with pytest.raises(Invalid):
        ask(session, a_machine(session, cast, State.HANDED_OVER), "mon fils a cassé l'écran", at=NOW)


def test_one_takes_a_ticket_and_closes_it(session: Session, cast: Cast) -> None:
    ticket = ask(session, a_machine(session, cast, State.HANDED_OVER), Trouble.BLACK_SCREEN, at=NOW)
    take(session, ticket, by=cast.sam, at=NOW)
    with pytest.raises(SomeoneJustDidThis):
        take(session, ticket, by=cast.malik, at=NOW)
    close(session, ticket, by=cast.malik, at=NOW)
    with pytest.raises(SomeoneJustDidThis):
        close(session, ticket, by=cast.sam, at=NOW)
    assert ask(session, ticket.machine, Trouble.BLACK_SCREEN, at=NOW) is not ticket


@pytest.mark.parametrize(("who", "sees"), [("sam", 1), ("ada", 1), ("ines", 1), ("awa", 1), ("noor", 0), ("bruno", 0)])
def test_tickets_are_seen_by_the_workshop_and_the_familys_own_service(
    session: Session, cast: Cast, who: str, sees: int
) -> None:
    ticket = ask(session, a_machine(session, cast, State.HANDED_OVER), Trouble.CALL_ME, at=NOW)
    person = getattr(cast, who)
    assert len(session.scalars(tickets_seen_by(person, at=NOW)).all()) == sees
    if not sees:
        with pytest.raises(NotAllowed):
            take(session, ticket, by=person, at=NOW)
