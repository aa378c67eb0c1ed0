"""A call for projects: filed until the close and never after, marked alone, decided by people, served as every request is."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed, NotFound, SomeoneJustDidThis
from ordi.messages.outbox import Channel, Message
from ordi.parties.organisations import Kind, found
from ordi.parties.people import Role, appoint, welcome
from ordi.sharing.applications import (
    Application,
    ApplicationUnfinished,
    Outcome,
    Writing,
    file,
    save,
    seen_application,
    take_away,
)
from ordi.sharing.calls import Applicant, Call, CallNotOpen, NotForYourKind, close_call, seen_call
from ordi.sharing.deliberating import Because, MarksAwaited, MoreThanGiven, NobodyWith, Verdict, deliberate, minutes_of
from ordi.sharing.hand_over import hand_over
from ordi.sharing.proposals import proposals
from ordi.sharing.requests import OutOfTerritory, Request, RequestState
from ordi.sharing.scoring import (
    Conflict,
    NotScoring,
    OwnProject,
    ScoringBegan,
    appoint_juror,
    declare,
    dismiss_juror,
    give_marks,
    tallies,
)
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.calls import PROJECT, a_call, a_jury, an_application, an_association, marked
from tests.sharing.families import a_promise, a_signature

LATER = NOW + timedelta(days=30)
"""After the last day."""


def test_an_application_is_saved_as_it_goes_and_filed_when_whole(session: Session, cast: Cast) -> None:
    call, (club, by) = a_call(session, cast), an_association(session, cast)
    begun = save(session, call, club, Writing("Un atelier"), by=by, at=NOW)
    with pytest.raises(ApplicationUnfinished) as refused:
        file(session, begun, by=by, at=NOW)
    assert refused.value.facts["lacks"] == "call-project"
    again = save(session, call, club, Writing(PROJECT, 3, "laptop", ("paperwork",)), by=by, at=NOW)
    file(session, again, by=by, at=NOW)
    assert (again.id, again.code, again.signed_by) == (begun.id, "C-2026-0001", by)


def test_a_filed_application_changes_until_the_close_and_never_after(session: Session, cast: Cast) -> None:
    call, (club, by) = a_call(session, cast), an_association(session, cast)
    filed = an_application(session, call, club, by)
    save(session, call, club, Writing(PROJECT, 2, "", ("school",)), by=by, at=NOW)
    assert filed.machines == 2
    with pytest.raises(ApplicationUnfinished):
        save(session, call, club, Writing("", 2, "", ("school",)), by=by, at=NOW)
    session.refresh(filed)
    for act in (
        lambda: save(session, call, club, Writing(PROJECT, 4, "", ("school",)), by=by, at=LATER),
        lambda: file(session, filed, by=by, at=LATER),
        lambda: take_away(session, filed, by=by, at=LATER),
    ):
        with pytest.raises(CallNotOpen):
            act()
    assert filed.machines == 2


def test_a_call_closed_early_takes_nothing_more(session: Session, cast: Cast) -> None:
    call, (club, by) = a_call(session, cast), an_association(session, cast)
    close_call(session, call, by=cast.ada, at=NOW)
    with pytest.raises(CallNotOpen):
        save(session, call, club, Writing(PROJECT), by=by, at=NOW)
    with pytest.raises(CallNotOpen):
        close_call(session, call, by=cast.ada, at=NOW)


def test_only_those_the_call_is_for_apply(session: Session, cast: Cast) -> None:
    call = a_call(session, cast, applicants=(Applicant.EPN,))
    club, by = an_association(session, cast)
    with pytest.raises(NotForYourKind):
        save(session, call, club, Writing(PROJECT), by=by, at=NOW)
    appoint(session, welcome(session, "Léo", at=cast.at), Role.ANIMATOR, club, at=cast.at)
    assert save(session, call, club, Writing(PROJECT), by=by, at=NOW).partner is club
    far = found(session, Kind.PARTNER, "Ailleurs", parent=cast.other_pole, at=cast.at)
    stranger = welcome(session, "Ugo", at=cast.at)
    appoint(session, stranger, Role.SIGNATORY, far, at=cast.at)
    with pytest.raises(OutOfTerritory):
        save(session, call, far, Writing(PROJECT), by=stranger, at=NOW)
    with pytest.raises(NotAllowed):
        save(session, call, club, Writing(PROJECT), by=stranger, at=NOW)


def test_a_joint_project_names_its_partner(session: Session, cast: Cast) -> None:
    call, (club, by) = a_call(session, cast, joint=True), an_association(session, cast)
    alone = save(session, call, club, Writing(PROJECT, 2, "", ("school",)), by=by, at=NOW)
    with pytest.raises(ApplicationUnfinished) as refused:
        file(session, alone, by=by, at=NOW)
    assert refused.value.facts["lacks"] == "call-joint"
    with_one = Writing(PROJECT, 2, "", ("school",), [(cast.partner, "accompagne")])
    file(session, save(session, call, club, with_one, by=by, at=NOW), by=by, at=NOW)
    assert [one.organisation for one in alone.joint] == [cast.partner]
    for other in (club, cast.other_partner, cast.donor):
        with pytest.raises(Invalid):
            save(session, call, club, Writing(PROJECT, 2, "", ("school",), [(other, "")]), by=by, at=NOW)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("closes", {"closes": NOW.date() - timedelta(days=1)}),
        ("applicants", {"applicants": ()}),
        ("most_each", {"most_each": 99}),
        ("criteria", {"criteria": ()}),
    ],
)
def test_a_call_that_does_not_hold_together_is_not_opened(
    session: Session, cast: Cast, field: str, said: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        a_call(session, cast, **said)
    assert refused.value.facts["field"] == field


def test_nobody_reads_an_application_before_the_close_and_no_other_pole_ever(session: Session, cast: Cast) -> None:
    call, (club, by) = a_call(session, cast), an_association(session, cast)
    filed = an_application(session, call, club, by)
    with pytest.raises(NotFound):
        seen_application(session, cast.ada, filed.code, at=NOW)
    assert seen_application(session, cast.ada, filed.code, at=LATER) is filed
    for stranger in (cast.noor, cast.paul, cast.lou):
        with pytest.raises(NotFound):
            seen_application(session, stranger, filed.code, at=LATER)
    with pytest.raises(NotFound):
        seen_call(session, cast.noor, call.code, at=NOW)
    appoint_juror(session, call, cast.lou, by=cast.ada, at=NOW)
    assert seen_call(session, cast.lou, call.code, at=NOW) is call
    assert seen_application(session, cast.lou, filed.code, at=LATER) is filed


def test_marks_are_read_by_who_gave_theirs(session: Session, cast: Cast) -> None:
    call, (club, by) = a_call(session, cast), an_association(session, cast)
    filed = an_application(session, call, club, by)
    a_jury(session, cast, call)
    marked(session, filed, cast.lou, 4, 8, at=LATER)
    tally = tallies(session, call, [filed])[filed.id]
    assert tally.open_to(cast.lou)
    assert not tally.open_to(cast.paul)
    assert not tally.open_to(cast.ada)
    marked(session, filed, cast.paul, 2, 10, at=LATER)
    tally = tallies(session, call, [filed])[filed.id]
    assert tally.open_to(cast.paul)
    assert tally.open_to(cast.ada)


def test_the_total_is_the_sum_of_its_terms_on_a_hundred(session: Session, cast: Cast) -> None:
    call, (club, by) = a_call(session, cast), an_association(session, cast)  # weight 3 on 5, weight 1 on 10
    filed = an_application(session, call, club, by)
    a_jury(session, cast, call)
    marked(session, filed, cast.lou, 4, 8, at=LATER)
    marked(session, filed, cast.paul, 2, 9, at=LATER)
    tally = tallies(session, call, [filed])[filed.id]
    assert [(one.mean, one.points, one.most) for one in tally.terms] == [
        (Fraction(3), Fraction(45), Fraction(75)),
        (Fraction(17, 2), Fraction(85, 4), Fraction(25)),
    ]
    assert tally.total == Fraction(265, 4)


def test_marks_are_given_whole_once_and_in_their_time(session: Session, cast: Cast) -> None:
    call, (club, by) = a_call(session, cast), an_association(session, cast)
    filed = an_application(session, call, club, by)
    a_jury(session, cast, call)
    first, second = call.criteria
    with pytest.raises(NotScoring):
        marked(session, filed, cast.lou, 4, 8, at=NOW)
    for wrong in ({first.id: 4}, {first.id: 6, second.id: 1}, {first.id: -1, second.id: 1}):
        with pytest.raises(Invalid):
            give_marks(session, filed, wrong, by=cast.lou, at=LATER)
    marked(session, filed, cast.lou, 4, 8, at=LATER)
    with pytest.raises(SomeoneJustDidThis):
        marked(session, filed, cast.lou, 5, 10, at=LATER)
    with pytest.raises(NotAllowed):
        marked(session, filed, cast.ada, 5, 10, at=LATER)
    with pytest.raises(ScoringBegan):
        appoint_juror(session, call, cast.ada, by=cast.ada, at=LATER)


def test_who_has_a_part_declares_it_and_reads_no_mark_before_the_others_gave_theirs(
    session: Session, cast: Cast
) -> None:
    call, (club, by) = a_call(session, cast), an_association(session, cast)
    filed = an_application(session, call, club, by, joint=[(cast.partner, "prête la salle")])
    a_jury(session, cast, call)
    with pytest.raises(OwnProject):
        marked(session, filed, cast.paul, 5, 10, at=LATER)  # his organisation makes the project with them
    declare(session, filed, Conflict.MEMBER, by=cast.paul, at=LATER)
    assert not tallies(session, call, [filed])[filed.id].open_to(cast.paul)
    marked(session, filed, cast.lou, 5, 5, at=LATER)
    tally = tallies(session, call, [filed])[filed.id]
    assert tally.total == Fraction(175, 2)
    assert [one.person for one in tally.marked] == [cast.lou]


def decided(session: Session, cast: Cast, verdict: Verdict, **said: object) -> tuple[Call, Application]:
    """A call with one application of three machines, marked and decided by Ada with Lou."""
    call, (club, by) = a_call(session, cast, **said), an_association(session, cast)
    filed = an_application(session, call, club, by)
    a_jury(session, cast, call)
    for person in (cast.lou, cast.paul):
        marked(session, filed, person, 4, 8, at=LATER)
    deliberate(session, call, {filed.code: verdict}, [cast.lou], by=cast.ada, at=LATER)
    return call, filed


def test_what_is_accepted_becomes_requests_and_the_rest_of_the_chain_is_unchanged(session: Session, cast: Cast) -> None:
    call, filed = decided(session, cast, Verdict(Outcome.ACCEPTED, 3))
    asked = list(session.scalars(select(Request).order_by(Request.id)))
    assert [(one.application_id, one.partner, one.state) for one in asked] == [
        (filed.id, filed.partner, RequestState.WAITING)
    ] * 3
    machine = a_machine(session, cast)
    (proposed, *_others) = proposals(session, cast.pole, at=LATER)
    assert proposed.best
    assert proposed.best.machine is machine
    promise = a_promise(session, cast, machine, asked[0])
    hand_over(session, promise, a_signature(), by=filed.signed_by, at=LATER)  # type: ignore[arg-type]
    assert asked[0].state == RequestState.HANDED_OVER
    (minutes,) = minutes_of(session, call)
    assert minutes.label == "V-2026-0001"


def test_a_part_is_granted_and_never_more_than_the_call_gives(session: Session, cast: Cast) -> None:
    _call, filed = decided(session, cast, Verdict(Outcome.IN_PART, 2), machines=3, most_each=3)
    assert len(session.scalars(select(Request)).all()) == 2
    assert (filed.outcome, filed.granted) == (Outcome.IN_PART, 2)


@pytest.mark.parametrize("limit", [{"machines": 5}, {"machines": 50, "budget_cents": 50_00}])
def test_two_who_ask_for_more_than_there_is_are_not_both_accepted(
    session: Session, cast: Cast, limit: dict[str, int]
) -> None:
    call = a_call(session, cast, **limit)
    clubs = [an_association(session, cast, name) for name in ("Un", "Deux")]
    filed = [an_application(session, call, *club) for club in clubs]
    a_jury(session, cast, call)
    for one in filed:
        marked(session, one, cast.lou, 4, 8, at=LATER)
        declare(session, one, Conflict.OTHER, by=cast.paul, at=LATER)
    both = {one.code: Verdict(Outcome.ACCEPTED, 3) for one in filed}
    with pytest.raises(MoreThanGiven):
        deliberate(session, call, both, [cast.lou], by=cast.ada, at=LATER)
    session.expire_all()
    both[filed[1].code] = Verdict(Outcome.WAITING, 0, Because.OTHERS_FIRST)
    deliberate(session, call, both, [cast.lou], by=cast.ada, at=LATER)
    again = {filed[1].code: Verdict(Outcome.IN_PART, 2)}
    deliberate(session, call, again, [cast.lou], by=cast.ada, at=LATER + timedelta(days=5))
    assert [one.granted for one in filed] == [3, 2]
    assert len(minutes_of(session, call)) == 2
    assert len(session.scalars(select(Message)).all()) == 3


def test_nobody_decides_alone_nor_before_every_mark(session: Session, cast: Cast) -> None:
    call, (club, by) = a_call(session, cast), an_association(session, cast)
    filed = an_application(session, call, club, by)
    a_jury(session, cast, call)
    marked(session, filed, cast.lou, 4, 8, at=LATER)
    verdict = {filed.code: Verdict(Outcome.ACCEPTED, 3)}
    with pytest.raises(NobodyWith):
        deliberate(session, call, verdict, [cast.ada], by=cast.ada, at=LATER)
    with pytest.raises(MarksAwaited) as refused:
        deliberate(session, call, verdict, [cast.lou], by=cast.ada, at=LATER)
    assert refused.value.facts["names"] == cast.paul.name
    dismiss_juror(session, call, cast.paul.id, by=cast.ada, at=LATER)
    deliberate(session, call, verdict, [cast.lou], by=cast.ada, at=LATER)
    assert filed.outcome == Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("details", "way"),
    [({"email": "club@exemple.fr"}, Channel.MAIL), ({"street": "1 rue Haute"}, Channel.LETTER), ({}, Channel.SPOKEN)],
)
def test_the_result_is_told_once_by_the_way_the_office_has(
    session: Session, cast: Cast, details: dict[str, str], way: Channel
) -> None:
    call = a_call(session, cast)
    filed = an_application(session, call, *an_association(session, cast, **details))
    a_jury(session, cast, call)
    for person in (cast.lou, cast.paul):
        marked(session, filed, person, 1, 1, at=LATER)
    verdict = {filed.code: Verdict(Outcome.REFUSED, 0, Because.TOO_VAGUE)}
    deliberate(session, call, verdict, [cast.lou], by=cast.ada, at=LATER)
    with pytest.raises(NotScoring):
        deliberate(session, call, verdict, [cast.lou], by=cast.ada, at=LATER)
    (message,) = session.scalars(select(Message))
    assert (message.kind, message.channel, message.application_id) == ("call_refused", way, filed.id)
    assert session.scalars(select(Request)).all() == []


def test_the_tallies_of_many_cost_what_those_of_one_do(session: Session, cast: Cast) -> None:
    call = a_call(session, cast)
    a_jury(session, cast, call)
    filed = [an_application(session, call, *an_association(session, cast, f"Club {n}")) for n in range(6)]
    for one in filed:
        marked(session, one, cast.lou, 3, 3, at=LATER)
    counts = []
    for several in (filed[:1], filed):
        session.flush()
        asked: list[str] = []
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *a, asked=asked: asked.append(a[2]))
        tallies(session, call, several)
        counts.append(len(asked))
    assert counts[0] == counts[1]
