"""The door: passwords, sessions, patience."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.parties.people import Person
from tests.cast import Cast
from tests.web.conftest import form_to
from web.sign_in.accounts import Account, open_account
from web.sign_in.attempts import SignInFailure
from web.sign_in.sessions import SignInSession

PASSWORD = "agrafe cheval batterie"


@pytest.fixture
def account(session: Session, cast: Cast, app: Flask) -> Account:
    made = open_account(session, cast.aude, "Aude", PASSWORD, at=cast.at)
    session.commit()
    return made


def sign_in(browser: TestApp, name: str = "aude", password: str = PASSWORD, status: object = None) -> object:
    form = form_to(browser.get("/sign-in"), "/sign-in")
    form["username"], form["password"] = name, password
    return form.submit(status=status)


@pytest.mark.usefixtures("account")
def test_people_sign_in_and_go_where_they_wanted(visitor: TestApp) -> None:
    door = visitor.get("/machines?group=ready", status=302).follow()
    form = form_to(door, "/sign-in")
    form["username"], form["password"] = " AUDE ", PASSWORD
    assert form.submit().location.endswith("/machines?group=ready")
    assert "Aude Simon" in visitor.get("/").text


@pytest.mark.usefixtures("account")
def test_an_unknown_name_and_a_wrong_password_answer_alike(visitor: TestApp) -> None:
    unknown = sign_in(visitor, "nobody", "x" * 14, status=401)
    wrong = sign_in(visitor, "aude", "x" * 14, status=401)
    assert unknown.html.find(role="alert").text == wrong.html.find(role="alert").text


@pytest.mark.usefixtures("account")
def test_each_wrong_password_costs_more_patience(visitor: TestApp, later: Callable[..., None]) -> None:
    for _ in range(5):
        sign_in(visitor, password="wrong" * 3, status=401)
    sign_in(visitor, status=429)
    later(seconds=3)
    sign_in(visitor, password="wrong" * 3, status=401)
    later(seconds=3)
    sign_in(visitor, status=429)
    later(seconds=3)
    sign_in(visitor, status=302)


@pytest.mark.usefixtures("account")
def test_a_search_through_names_makes_its_address_wait(visitor: TestApp, session: Session) -> None:
    for number in range(20):
        sign_in(visitor, f"name{number}", "wrong" * 3, status=401)
    sign_in(visitor, "another", "wrong" * 3, status=429)
    keys = session.scalars(select(SignInFailure.key)).all()
    assert not any("192.0.2.7" in key or "name1" in key for key in keys)


@pytest.mark.usefixtures("account")
def test_the_cookie_changes_at_sign_in_and_the_token_is_not_in_the_database(
    visitor: TestApp, session: Session, app: Flask
) -> None:
    visitor.get("/sign-in")
    before = visitor.cookies["ordi"]
    sign_in(visitor)
    after = visitor.cookies["ordi"]
    assert before != after
    told = app.session_interface.get_signing_serializer(app).loads(after)
    assert set(told) <= {"token", "csrf_token", "language"}
    assert told["token"] not in session.scalars(select(SignInSession.token_hash)).all()


@pytest.mark.usefixtures("app")
def test_half_an_hour_without_a_click_signs_out(
    cast: Cast, enter: Callable[[Person], TestApp], later: Callable[..., None]
) -> None:
    browser = enter(cast.aude)
    later(minutes=29)
    browser.get("/", status=200)
    later(minutes=29)
    browser.get("/", status=200)
    later(minutes=31)
    browser.get("/", status=302)


@pytest.mark.usefixtures("app")
def test_a_bench_stays_open_for_the_day_and_no_longer(
    cast: Cast, enter: Callable[[Person], TestApp], later: Callable[..., None]
) -> None:
    browser = enter(cast.sam)
    later(hours=6)
    browser.get("/", status=200)
    later(hours=6, minutes=1)
    browser.get("/", status=302)


@pytest.mark.usefixtures("account")
def test_people_see_where_they_are_signed_in_and_end_one(
    cast: Cast, enter: Callable[[Person], TestApp], visitor: TestApp
) -> None:
    sign_in(visitor)
    phone = enter(cast.aude)
    page = visitor.get("/sign-in/mine")
    form_to(page, "/end").submit().follow()
    visitor.get("/", status=200)
    phone.get("/", status=302)


@pytest.mark.usefixtures("account")
def test_nobody_ends_another_persons_session(
    cast: Cast, enter: Callable[[Person], TestApp], session: Session, app: Flask
) -> None:
    sam, aude = enter(cast.sam), enter(cast.aude)
    row = session.scalars(select(SignInSession).where(SignInSession.person_id == cast.aude.id)).one()
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        sam.post(f"/sign-in/mine/{row.id}/end", status=404)
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    aude.get("/", status=200)


@pytest.mark.usefixtures("account")
def test_a_new_password_ends_the_other_sessions(
    cast: Cast, enter: Callable[[Person], TestApp], visitor: TestApp
) -> None:
    sign_in(visitor)
    phone = enter(cast.aude)
    form = form_to(visitor.get("/sign-in/mine"), "/mine/password")
    form["current"], form["new"], form["again"] = PASSWORD, "tournevis linge ocre", "tournevis linge ocre"
    form.submit(status=302)
    visitor.get("/", status=200)
    phone.get("/", status=302)
    form_to(visitor.get("/"), "/sign-in/out").submit()
    sign_in(visitor, status=401)
    sign_in(visitor, password="tournevis linge ocre", status=302)


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("weak", ["short", "audeaudeaude", "aaaaaaaaaaaaaaaa", "x" * 300])
def test_a_password_easy_to_guess_is_refused(visitor: TestApp, weak: str) -> None:
    sign_in(visitor)
    form = form_to(visitor.get("/sign-in/mine"), "/mine/password")
    form["current"], form["new"], form["again"] = PASSWORD, weak, weak
    form.submit(status=422)


@pytest.mark.usefixtures("app")
def test_signing_out_is_a_form_and_ends_the_session(cast: Cast, enter: Callable[[Person], TestApp]) -> None:
    browser = enter(cast.aude)
    kept = browser.cookies["ordi"]
    browser.get("/sign-in/out", status=405)
    form_to(browser.get("/"), "/sign-in/out").submit(status=302)
    for cookie in browser.cookiejar:
        cookie.value = kept
    browser.get("/", status=302)


def test_the_demonstrations_buttons_exist_in_a_demonstration_only(visitor: TestApp, app: Flask, cast: Cast) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        visitor.post(f"/sign-in/as/{cast.sam.id}", status=404)
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert "Entrer comme" not in visitor.get("/sign-in").text


@pytest.fixture
def demonstration(app: Flask) -> Iterator[None]:
    from dataclasses import replace

    real = app.extensions["ordi-settings"]
    app.extensions["ordi-settings"] = replace(real, demonstration=True)
    yield
    app.extensions["ordi-settings"] = real


@pytest.mark.usefixtures("demonstration")
def test_one_button_a_role_opens_a_demonstration(visitor: TestApp, cast: Cast) -> None:
    page = visitor.get("/sign-in")
    assert "Entrer comme Sam Petit" in page.text
    form_to(page, f"/as/{cast.sam.id}").submit(status=302)
    assert "Sam Petit" in visitor.get("/").text
