"""Signing in with gloves: registered devices, a badge and four pictures, slow for whoever guesses, locked after five minutes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.errors import Invalid, NotAllowed
from ordi.machines.drive import Removal
from ordi.machines.lifecycle import State
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW
from tests.web.conftest import form_to
from web.sign_in.badges import MOST_WRONG, PREFIX, Badge, end_badges, make_badge
from web.sign_in.devices import BenchDevice, register
from web.sign_in.sessions import end_all

Enter = Callable[[Person], TestApp]
MINE = ["cat", "sun", "key", "cat"]

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def tablet(session: Session, cast: Cast, visitor: TestApp) -> TestApp:
    """A browser that the lead registered for the workshop."""
    _device, token = register(session, cast.workshop, "Tablette 1", by=cast.lou, at=NOW)
    session.commit()
    visitor.set_cookie("ordi-device", token)
    return visitor


def show(browser: TestApp, code: str, pictures: list[str], *, status: int):
    """Hold a badge up and touch four pictures."""
    form = form_to(browser.get("/sign-in/badge?next=/bench"), "/sign-in/badge")
    form["badge"], form["pictures"] = code, " ".join(pictures)
    return form.submit(status=status)


def badge_for(session: Session, person: Person) -> str:
    """The code of a new badge."""
    code = make_badge(session, person, MINE, at=NOW)
    session.commit()
    return code


def test_a_badge_and_four_pictures_let_their_person_in(session: Session, cast: Cast, tablet: TestApp) -> None:
    code = badge_for(session, cast.sam)
    assert tablet.get("/sign-in").location.startswith("/sign-in/badge")
    assert show(tablet, code, MINE, status=302).location == "/bench"
    assert cast.sam.name in tablet.get("/").text


def test_the_second_person_is_then_the_one_who_is_here(session: Session, cast: Cast, tablet: TestApp) -> None:
    show(tablet, badge_for(session, cast.sam), MINE, status=302)
    show(tablet, badge_for(session, cast.kim), MINE, status=302)
    page = tablet.get("/").text
    assert cast.kim.name in page
    assert cast.sam.name not in page


def test_a_badge_opens_nothing_elsewhere(session: Session, cast: Cast, visitor: TestApp) -> None:
    code = badge_for(session, cast.sam)
    page = visitor.get("/sign-in/badge")
    assert "n’est pas enregistré" in page.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/sign-in?password=1").text)
    assert token
    visitor.post(
        "/sign-in/badge", {"badge": code, "pictures": " ".join(MINE), "csrf_token": token.group(1)}, status=403
    )
    assert visitor.get("/", status=302).location.startswith("/sign-in")


def test_wrong_pictures_and_unknown_badges_answer_alike(session: Session, cast: Cast, tablet: TestApp) -> None:
    code = badge_for(session, cast.sam)
    answers = {
        show(tablet, *shown, status=401).html.select_one("[role=alert]").text
        for shown in ((code, ["sun", "cat", "key", "cat"]), (PREFIX + "A" * 26, MINE), ("", MINE), (code, []))
    }
    assert len(answers) == 1


def test_who_guesses_waits_and_the_badge_ends(
    session: Session, cast: Cast, tablet: TestApp, later: Callable[..., None]
) -> None:
    code = badge_for(session, cast.sam)
    wrong = ["sun", "sun", "key", "boat"]
    for _ in range(5):
        show(tablet, code, wrong, status=401)
    assert "Attendez" in show(tablet, code, MINE, status=429).text
    for _ in range(MOST_WRONG - 5):
        later(minutes=6)
        show(tablet, code, wrong, status=401)
    later(minutes=6)
    show(tablet, code, MINE, status=401)
    session.expire_all()
    assert session.scalars(select(Badge.ended_at)).one() is not None


def test_a_new_badge_ends_the_one_before(session: Session, cast: Cast, tablet: TestApp) -> None:
    old, new = badge_for(session, cast.sam), badge_for(session, cast.sam)
    show(tablet, old, MINE, status=401)
    show(tablet, new, MINE, status=302)


def test_nothing_kept_is_the_code_or_the_pictures(session: Session, cast: Cast) -> None:
    code = badge_for(session, cast.sam)
    badge = session.scalars(select(Badge)).one()
    assert code.removeprefix(PREFIX) not in badge.secret_hash
    assert badge.pictures_hash.startswith("$argon2id$")


@pytest.mark.parametrize("pictures", [[], ["cat"] * 4, ["cat", "cat", "sun", "sun"], ["cat", "sun", "key", "rat"]])
def test_pictures_one_would_guess_are_refused(session: Session, cast: Cast, pictures: list[str]) -> None:
    with pytest.raises(Invalid):
        make_badge(session, cast.sam, pictures, at=NOW)


def test_five_idle_minutes_lock_a_device_of_the_workshop(
    session: Session, cast: Cast, tablet: TestApp, later: Callable[..., None]
) -> None:
    show(tablet, badge_for(session, cast.sam), MINE, status=302)
    assert tablet.get("/").html.html["data-locks"] == "300"
    later(minutes=4)
    tablet.get("/", status=200)
    later(minutes=4)
    tablet.get("/", status=200)
    later(minutes=5, seconds=1)
    assert tablet.get("/bench", status=302).location.startswith("/sign-in")


def by_script(browser: TestApp, code: str, pictures: list[str], *, status: int = 200):
    """The same as the page does it, which then keeps what opens this device without a network."""
    form = form_to(browser.get("/sign-in/badge?next=/bench"), "/sign-in/badge")
    form["badge"], form["pictures"] = code, " ".join(pictures)
    return browser.post(form.action, form.submit_fields(), headers={"Accept": "application/json"}, status=status).json


def marks(browser: TestApp) -> list[str]:
    """What this browser may still keep."""
    told: list[str] = browser.get("/sign-in/badge/kept").json["marks"]
    return told


def test_a_device_hears_what_it_may_keep_to_open_without_a_network(
    session: Session, cast: Cast, tablet: TestApp, later: Callable[..., None]
) -> None:
    sam, kim = badge_for(session, cast.sam), badge_for(session, cast.kim)
    assert "ce n’est pas cela" in by_script(tablet, sam, ["sun", "sun", "key", "boat"], status=401)["refusal"]
    assert marks(tablet) == []
    told = by_script(tablet, sam, MINE)
    assert (told["next"], told["person"]["name"], told["lasts"]) == ("/bench", cast.sam.name, 12 * 3600)
    assert marks(tablet) == [told["mark"]]
    again, other = by_script(tablet, sam, MINE)["mark"], by_script(tablet, kim, MINE)["mark"]
    assert marks(tablet) == [again, other]
    end_badges(session, cast.kim, at=NOW)
    session.commit()
    assert marks(tablet) == [again]
    later(hours=12, seconds=1)
    assert marks(tablet) == []


def test_signing_out_ends_what_a_device_keeps_of_its_person(session: Session, cast: Cast, tablet: TestApp) -> None:
    by_script(tablet, badge_for(session, cast.sam), MINE)
    kim = by_script(tablet, badge_for(session, cast.kim), MINE)["mark"]
    end_all(session, cast.sam, at=NOW)
    session.commit()
    assert marks(tablet) == [kim]
    form_to(tablet.get("/"), "/sign-in/out").submit(status=302)
    assert marks(tablet) == []


def test_a_device_that_was_removed_keeps_nothing(session: Session, cast: Cast, tablet: TestApp) -> None:
    by_script(tablet, badge_for(session, cast.sam), MINE)
    session.scalars(select(BenchDevice)).one().ended_at = NOW
    session.commit()
    assert marks(tablet) == []


def test_a_lead_registers_this_browser_and_ends_it(session: Session, cast: Cast, enter: Enter) -> None:
    enter(cast.sam).get("/sign-in/devices", status=403)
    lou = enter(cast.lou)
    form = next(f for f in lou.get("/sign-in/devices").forms.values() if "name" in f.fields)
    form["name"] = "Tablette de l’établi 1"
    page = form.submit(status=302).follow()
    assert "(celui-ci)" in page.text
    form_to(page, "/end").submit(status=302)
    assert session.scalars(select(BenchDevice.ended_at)).one() is not None
    with pytest.raises(NotAllowed):
        register(session, cast.other_workshop, "x", by=cast.lou, at=NOW)


def test_one_prints_ones_own_badge(session: Session, cast: Cast, enter: Enter) -> None:
    sam = enter(cast.sam)
    form = form_to(sam.get("/sign-in/my-badge"), "/my-badge")
    form["pictures"] = "cat cat cat cat"
    form.submit(status=422)
    form["pictures"] = " ".join(MINE)
    answer = form.submit(status=200)
    assert answer.content_type == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    form_to(sam.get("/sign-in/my-badge"), "/end").submit(status=302)
    session.expire_all()
    assert session.scalars(select(Badge.ended_at)).one() is not None


def test_a_witness_shows_a_badge_and_touches_four_pictures(session: Session, cast: Cast, tablet: TestApp) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    a_drive(session, machine)
    show(tablet, badge_for(session, cast.sam), MINE, status=302)
    kim = badge_for(session, cast.kim)
    form = form_to(tablet.get(f"/bench/{machine.tag}/drives"), "/remove")
    form["why"] = "faulty"
    for code, pictures, answer in (
        (kim, ["sun", "sun", "key", "cat"], "ne sont pas ceux du témoin"),
        (kim[:-1], MINE, "ne sont pas ceux du témoin"),
        (badge_for(session, cast.sam), MINE, "Il faut deux personnes"),
    ):
        form["witness_badge"], form["witness_pictures"] = code, " ".join(pictures)
        assert answer in form.submit(status=409).text
    form["witness_badge"], form["witness_pictures"] = kim, " ".join(MINE)
    form.submit(status=302)
    session.expire_all()
    removal = session.scalars(select(Removal)).one()
    assert (removal.by_id, removal.witness_id) == (cast.sam.id, cast.kim.id)


def test_a_witness_s_badge_opens_nothing_elsewhere(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    a_drive(session, machine)
    kim = badge_for(session, cast.kim)
    sam = enter(cast.sam)
    form = form_to(sam.get(f"/bench/{machine.tag}/drives"), "/remove")
    assert "witness_badge" not in form.fields
    told = dict(form.submit_fields()) | {"why": "faulty", "witness_badge": kim, "witness_pictures": " ".join(MINE)}
    assert "ne sont pas ceux du témoin" in sam.post(form.action, told, status=409).text
    assert session.scalars(select(Removal)).first() is None
