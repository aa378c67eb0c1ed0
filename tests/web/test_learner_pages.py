"""A learner through the pages: the questions, the waiting list, leaving, the exit review."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.sharing.levels import LearnerLevel, levels_for
from ordi.sharing.training import Group, Step
from tests.cast import Cast
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
