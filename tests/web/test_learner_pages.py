"""A learner through the pages: the questions, the waiting list, leaving, the exit review."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.messages.outbox import Channel, Message
from ordi.sharing.levels import LearnerLevel, levels_for
from ordi.sharing.seats import enlist
from ordi.sharing.telling import Telling
from ordi.sharing.training import WAY, Group, Step, advance, open_group
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import a_household, a_request
from tests.web.test_programme_pages import Enter, form_to, last, put


def test_the_answers_propose_a_level_that_a_person_changes(session: Session, cast: Cast, enter: Enter) -> None:
    request = a_request(session, cast, put(session, cast, "ateliers"))
    session.commit()
    awa = enter(cast.awa)
    form = last(awa.get(f"/sharing/requests/{request.code}/level"))
    for name in [one for one in form.fields if one and one.startswith("can-")]:
        form[name] = "yes"
    form = last(form.submit())
    assert form["level"].value == levels_for(request)[-1]
    form["level"] = levels_for(request)[0]
    form.submit()
    session.expire_all()
    assert session.scalars(select(LearnerLevel.level)).all() == [levels_for(request)[0]]


def test_a_seat_is_left_reviewed_and_given_to_who_waits(session: Session, cast: Cast, enter: Enter) -> None:
    programme = put(session, cast, "ateliers")
    for name in ("Amina Diallo", "Lila Petit"):
        a_request(session, cast, programme, household=a_household(session, cast, name))
    session.commit()
    awa = enter(cast.awa)
    form = last(awa.get("/sharing/training"))
    form["days"] = "\n".join(f"2026-11-{day:02d} 10:00" for day in range(1, 11))
    form["places"] = "1"
    page = form.submit().follow()
    for _ in range(2):
        page = form_to(page, "/enlist").submit().follow()
    assert "Liste d’attente" in page
    (group,) = session.scalars(select(Group))
    first, second = group.members
    learner = f"/sharing/training/{group.code}/places/{first.id}"
    page = form_to(awa.get(learner), "/leave").submit().follow()
    page = form_to(page, "/admit").submit().follow()
    review = form_to(awa.get(learner), "/review")
    review.set("can", True, 0)
    assert "Ensuite" in review.submit().follow()
    session.expire_all()
    assert [(one.step, one.able) for one in group.members] == [(Step.LEFT, "switch_on"), (Step.LISTED, "")]
    assert second.request.code in awa.get(f"/sharing/training/{group.code}/sheet")


def test_the_letters_leave_when_the_meeting_has_its_day_and_each_learners_state_is_shown(
    session: Session, cast: Cast, enter: Enter
) -> None:
    programme = put(session, cast, "ateliers")
    days = [NOW + timedelta(days=14 + 7 * n) for n in range(10)]
    group = open_group(session, cast.partner, programme, days, by=cast.awa, at=NOW)
    asked = a_request(session, cast, programme, household=a_household(session, cast, "Amina Diallo"))
    session.commit()
    awa = enter(cast.awa)
    page = form_to(awa.get(f"/sharing/training/{group.code}"), "/enlist").submit().follow()
    assert "Écrire à la personne de la pré-liste" not in page
    form = form_to(page, "/meeting")
    form["day"], form["hour"] = "2099-01-05", "14:30"
    page = form.submit().follow()
    page = form_to(page, "/letters").submit().follow()
    assert "Ateliers : réunion d’information : à dire" in page
    for _ in range(2):
        page = form_to(page, "/advance").submit().follow()
    page = form_to(page, "/invitations").submit().follow()
    assert "Ateliers : invitation aux séances : à dire" in page
    assert "Tout le monde a déjà son message." in form_to(page, "/invitations").submit().follow()
    session.expire_all()
    told = session.execute(select(Message.kind, Message.channel, Message.request_id).order_by(Message.id)).all()
    kinds = (Telling.TRAINING_MEETING, Telling.TRAINING_BEGINS)
    assert [tuple(one) for one in told] == [(kind, Channel.SPOKEN, asked.id) for kind in kinds]


def test_letters_without_a_meeting_say_what_comes_first(session: Session, cast: Cast, enter: Enter) -> None:
    programme = put(session, cast, "ateliers")
    days = [NOW + timedelta(days=n + 1) for n in range(10)]
    group = open_group(session, cast.partner, programme, days, by=cast.awa, at=NOW)
    session.commit()
    awa = enter(cast.awa)
    token = form_to(awa.get(f"/sharing/training/{group.code}"), "/meeting")["csrf_token"].value
    refused = awa.post(f"/sharing/training/{group.code}/letters", {"csrf_token": token}, status=409)
    assert "Choisissez la date et l’heure de la réunion" in refused


def test_at_the_door_an_invitation_is_scanned_and_a_wrong_one_says_what_to_do(
    session: Session, cast: Cast, enter: Enter
) -> None:
    programme = put(session, cast, "ateliers")
    days = [NOW + timedelta(minutes=20, days=7 * n) for n in range(10)]
    group = open_group(session, cast.partner, programme, days, by=cast.awa, at=NOW)
    asked = a_request(session, cast, programme, household=a_household(session, cast, "Amina Diallo"))
    place = enlist(session, group, asked, by=cast.awa, at=NOW)
    for step in WAY[1:]:
        advance(session, place, step, by=cast.awa, at=NOW)
    session.commit()
    awa = enter(cast.awa)
    invitations = awa.get(f"/sharing/training/{group.code}").click("Imprimer les invitations")
    assert invitations.html.select_one(f"img[alt='{asked.code}']")
    assert "Diallo" not in invitations
    page = awa.get(f"/sharing/training/{group.code}").click("Qui est là")
    for said in (f"{asked.code} est là.", f"{asked.code} est déjà là."):
        form = form_to(page, "/door")
        form["code"] = asked.code.lower()
        page = form.submit().follow()
        assert said in page
    form = form_to(page, "/door")
    form["code"] = "D-1999-0001"
    assert "tapez le numéro écrit sur l’invitation" in form.submit(status=409)
    session.expire_all()
    assert len(place.attendances) == 1
