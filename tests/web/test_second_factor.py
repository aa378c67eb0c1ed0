"""The second factor of who reads families' files: RFC 6238, once each, slowed, recoverable, never through a badge."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.parties.people import Person, Role, appoint, dismiss
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.ground.spaces import Spaced
from tests.ground.telephone import digits
from tests.sharing import families
from tests.sharing.families import a_request
from tests.web.conftest import form_to
from web.sign_in import second_factor
from web.sign_in.accounts import open_account
from web.sign_in.badges import make_badge
from web.sign_in.devices import register
from web.sign_in.second_factor import code_at, step_at
from web.sign_in.sessions import READERS, reads_families

PASSWORD = "agrafe cheval batterie"
Enter = Callable[[Person], TestApp]


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert code_at(b"12345678901234567890", step_at(at), digits=8) == code


@pytest.fixture(autouse=True)
def account(session: Session, cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inès, a social worker, and Sam, a technician, each with a password."""
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])
    for person, name in ((cast.ines, "ines"), (cast.sam, "sam")):
        open_account(session, person, name, PASSWORD, at=cast.at)
    session.commit()


def password(browser: TestApp, name: str = "ines", onward: str = "/sharing"):
    """Give the password; where it leads."""
    form = form_to(browser.get(f"/sign-in?next={onward}"), "/sign-in")
    form["username"], form["password"] = name, PASSWORD
    return form.submit(status=302)


def typed(browser: TestApp, code: str, status: int, *, known: bool = False):
    """Type a code on the page that asks for one."""
    form = form_to(browser.get("/sign-in/code?next=/sharing"), "/sign-in/code")
    form["code"] = code
    if known:
        form["known"] = True
    return form.submit(status=status)


def enrolled(browser: TestApp) -> tuple[str, list[str]]:
    """Come in the first time: the secret, and the recovery codes."""
    password(browser)
    page = browser.get("/sign-in/code")
    secret = "".join(page.html.select_one("details .tag").text.split())
    answer = typed(browser, digits(secret, NOW.timestamp()), 200)
    return secret, [one.text for one in answer.html.select("main .tag")]


def test_who_reads_no_family_is_not_asked(visitor: TestApp) -> None:
    assert password(visitor, "sam", "/bench").location.endswith("/bench")
    assert "Sam Petit" in visitor.get("/bench")


@pytest.mark.parametrize("role", [Role.SOCIAL_WORKER, Role.COORDINATOR])
def test_a_role_that_reads_families_asks_for_a_code_in_the_browsers_that_are_open(
    session: Session, cast: Cast, visitor: TestApp, role: Role
) -> None:
    request = a_request(session, cast)
    session.commit()
    password(visitor, "sam", "/bench")
    assert "Sam Petit" in visitor.get("/bench")
    appoint(session, cast.sam, role, cast.partner if role == Role.SOCIAL_WORKER else cast.pole, at=NOW)
    session.commit()
    for page in ("/bench", f"/sharing/requests/{request.code}"):
        assert "/sign-in" in visitor.get(page, status=302).location
    page = visitor.get("/sign-in", status=302).follow()
    secret = "".join(page.html.select_one("details .tag").text.split())
    typed(visitor, digits(secret, NOW.timestamp()), 200)
    assert "Amina Diallo" in visitor.get(f"/sharing/requests/{request.code}")


def test_a_role_that_is_taken_away_reads_nothing_more(session: Session, cast: Cast, visitor: TestApp) -> None:
    enrolled(visitor)
    request = a_request(session, cast)
    session.commit()
    assert "Amina Diallo" in visitor.get(f"/sharing/requests/{request.code}")
    appoint(session, cast.ines, Role.TECHNICIAN, cast.workshop, at=NOW)
    dismiss(session, next(held for held in cast.ines.memberships if held.role == Role.SOCIAL_WORKER), at=NOW)
    session.commit()
    visitor.get(f"/sharing/requests/{request.code}", status=403)


def test_the_password_alone_opens_nothing(visitor: TestApp) -> None:
    password(visitor)
    for address in ("/sharing", "/", "/sign-in/mine"):
        assert "/sign-in" in visitor.get(address, status=302).location
    assert "/sign-in/code" in visitor.get("/sign-in?next=/sharing", status=302).location


def test_the_first_code_shows_recovery_codes_once_and_lets_in(session: Session, visitor: TestApp) -> None:
    secret, codes = enrolled(visitor)
    assert len(set(codes)) == 8
    assert "Inès Moreau" in visitor.get("/sharing")
    assert visitor.get("/sign-in/code", status=302).location.endswith("/sign-in")
    kept = repr(
        [
            tuple(row)
            for t in ("second_factors", "recovery_codes")
            for row in session.execute(text(f"select * from {t}"))
        ]
    )
    assert not [one for one in (secret, *codes, *(code.replace("-", "") for code in codes)) if one in kept]


def test_a_code_opens_once_and_the_next_one_opens(visitor: TestApp, app: Flask, later: Callable[..., None]) -> None:
    secret, _codes = enrolled(visitor)
    other = TestApp(Spaced(app), extra_environ={"REMOTE_ADDR": "192.0.2.8", "HTTP_ACCEPT_LANGUAGE": "fr"})
    password(other)
    assert "a déjà servi" in typed(other, digits(secret, NOW.timestamp()), 401)
    typed(other, digits(secret, NOW.timestamp() - 30), 401)
    later(seconds=30)
    typed(other, digits(secret, NOW.timestamp() + 30), 302)
    assert "Inès Moreau" in other.get("/sharing")


def test_a_recovery_code_opens_once(visitor: TestApp, app: Flask) -> None:
    _secret, codes = enrolled(visitor)
    for status in (302, 401):
        other = TestApp(Spaced(app), extra_environ={"REMOTE_ADDR": "192.0.2.8", "HTTP_ACCEPT_LANGUAGE": "fr"})
        password(other)
        typed(other, codes[0].lower(), status)


def test_who_guesses_waits(visitor: TestApp, app: Flask, later: Callable[..., None]) -> None:
    secret, _codes = enrolled(visitor)
    other = TestApp(Spaced(app), extra_environ={"REMOTE_ADDR": "192.0.2.8", "HTTP_ACCEPT_LANGUAGE": "fr"})
    password(other)
    for guess in ("AAAA-AAAA-AAAA", "1", "", "BBBB", "CCCC"):
        typed(other, guess, 401)
    later(seconds=1)
    assert "Trop d’essais" in typed(other, digits(secret, NOW.timestamp() + 30), 429)
    later(seconds=30)
    typed(other, digits(secret, NOW.timestamp() + 30), 302)


def test_a_known_browser_is_not_asked_for_thirty_days_unless_its_person_ends_it(
    visitor: TestApp, later: Callable[..., None]
) -> None:
    secret, _codes = enrolled(visitor)
    form_to(visitor.get("/sharing"), "/sign-in/out").submit()
    later(minutes=1)
    password(visitor)
    typed(visitor, digits(secret, NOW.timestamp() + 60), 302, known=True)
    for _ in range(2):
        form_to(visitor.get("/sharing"), "/sign-in/out").submit()
        password(visitor)
        assert "Inès Moreau" in visitor.get("/sharing")
        later(days=14)
        password(visitor)
    later(days=3)
    password(visitor)
    visitor.get("/sharing", status=302)


def test_its_person_ends_what_a_browser_is_known_for(visitor: TestApp, later: Callable[..., None]) -> None:
    secret, _codes = enrolled(visitor)
    form_to(visitor.get("/sharing"), "/sign-in/out").submit()
    later(minutes=1)
    password(visitor)
    typed(visitor, digits(secret, NOW.timestamp() + 60), 302, known=True)
    page = visitor.get("/sign-in/mine")
    form = next(form for form in page.forms.values() if re.search(r"/known/\d+/end$", form.action))
    form.submit().follow()
    form_to(visitor.get("/sharing"), "/sign-in/out").submit()
    password(visitor)
    visitor.get("/sharing", status=302)


def test_a_cookie_of_one_person_does_not_know_another(session: Session, cast: Cast, app: Flask) -> None:
    for person in (cast.ines, cast.ada):
        second_factor.prepare(session, person, sealer=app.extensions["ordi-sealer"], at=NOW)
    second_factor.remember(session, cast.ines, "a token", browser="", at=NOW)
    assert second_factor.is_known(session, cast.ines, "a token", at=NOW)
    assert not second_factor.is_known(session, cast.ada, "a token", at=NOW)
    assert not second_factor.is_known(session, cast.ines, "", at=NOW)


def test_the_administration_gives_the_entrance_back(
    session: Session, cast: Cast, visitor: TestApp, enter: Enter
) -> None:
    before, codes = enrolled(visitor)
    page = enter(cast.zoe).get(f"/administration/people/{cast.ines.id}")
    form_to(page, "/telephone").submit().follow()
    visitor.get("/sharing", status=302)
    password(visitor)
    page = visitor.get("/sign-in/code")
    after = "".join(page.html.select_one("details .tag").text.split())
    assert after != before
    typed(visitor, codes[1], 401)
    typed(visitor, digits(before, NOW.timestamp()), 401)


def test_a_badge_at_the_bench_opens_no_family_whatever_its_person_may_do_elsewhere(
    session: Session, cast: Cast, visitor: TestApp, enter: Enter
) -> None:
    appoint(session, cast.sam, Role.COORDINATOR, cast.pole, at=cast.at)
    code = a_request(session, cast).code
    _device, token = register(session, cast.workshop, "Tablette 1", by=cast.lou, at=NOW)
    badge = make_badge(session, cast.sam, ["cat", "sun", "key", "cat"], at=NOW)
    session.commit()
    assert "Amina Diallo" in enter(cast.sam).get(f"/sharing/requests/{code}")
    visitor.set_cookie("ordi-device", token)
    form = form_to(visitor.get("/sign-in/badge?next=/bench"), "/sign-in/badge")
    form["badge"], form["pictures"] = badge, "cat sun key cat"
    form.submit(status=302)
    assert "Sam Petit" in visitor.get("/bench")
    for address in (f"/sharing/requests/{code}", f"/sharing/requests/{code}/file", "/sharing"):
        assert "Amina" not in visitor.get(address, status=403)


def test_everyone_who_reads_families_is_asked(session: Session, cast: Cast) -> None:
    asked = {role for role in Role if reads_families(cast.of(role), NOW)}
    assert asked == READERS == {Role.SOCIAL_WORKER, Role.LANDLORD_OFFICER, Role.SCHOOL_OFFICER, Role.COORDINATOR}


@pytest.fixture
def demonstration(app: Flask) -> Iterator[None]:
    real = app.extensions["ordi-settings"]
    app.extensions["ordi-settings"] = replace(real, demonstration=True)
    yield
    app.extensions["ordi-settings"] = real


@pytest.mark.usefixtures("demonstration")
def test_a_demonstration_says_the_code_at_its_door(session: Session, cast: Cast, app: Flask, visitor: TestApp) -> None:
    second_factor.prepare(session, cast.ines, sealer=app.extensions["ordi-sealer"], at=NOW)
    second_factor.confirm(session, cast.ines, at=NOW)
    session.commit()
    door = visitor.get("/sign-in")
    shown = door.html.select_one(".cast .tag").text
    form = form_to(door, f"/as/{cast.ines.id}/code")
    form.submit(status=302)
    assert shown in visitor.get("/sign-in/code")
    typed(visitor, shown, 302)
    assert "Inès Moreau" in visitor.get("/sharing")


def test_no_code_is_ever_said_outside_a_demonstration(visitor: TestApp) -> None:
    password(visitor)
    assert "Démonstration" not in visitor.get("/sign-in/code")
