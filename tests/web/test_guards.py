"""Who may come in: every endpoint against every role, and the door for everybody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from webtest import TestApp
from werkzeug.routing import Rule

from ordi.machines.lifecycle import State
from ordi.parties.access import ACCESS
from ordi.parties.people import Person, Role
from tests.cast import Cast
from tests.factories import a_machine
from web.guards import permission, permission_of, safe_next

SAMPLES = {"tag": "K7Q24X-M", "code": "NONE", "action": "reopen", "lang": "fr", "uuid": "0" * 36}


def address_of(app: Flask, rule: Rule) -> str:
    """An address of this rule, with something plausible for each of its parts."""
    adapter = app.url_map.bind("localhost")
    values = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        values[name] = 1 if converter.__class__.__name__ == "IntegerConverter" else SAMPLES.get(name, "none")
    return adapter.build(rule.endpoint, values, append_unknown=False, method=sorted(rule.methods or {"GET"})[0])


def pages(app: Flask) -> Iterator[tuple[str, str, str, str]]:
    """Every method of every rule: endpoint, permission, method, address."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith("static"):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, permission_of(app, rule.endpoint) or "", method, address_of(app, rule)


def test_every_endpoint_names_its_permission(application: Flask) -> None:
    missing = [
        rule.endpoint for rule in application.url_map.iter_rules() if permission_of(application, rule.endpoint) is None
    ]
    assert missing == []


def test_a_permission_that_does_not_exist_cannot_be_named() -> None:
    with pytest.raises(ValueError, match="no such permission"):
        permission("bench.dance")


def test_a_machine_comes_in_by_the_api_alone(application: Flask) -> None:
    outside = [
        address
        for _endpoint, name, _method, address in pages(application)
        if (name == "machine" or name.startswith("token:")) and not address.startswith("/api/")
    ]
    assert outside == []


def test_a_signed_out_visitor_is_shown_the_door(app: Flask, visitor: TestApp) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        for endpoint, name, method, address in pages(app):
            if name in ACCESS or name == "signed-in":
                answer = visitor.request(address, method=method, status="*")
                if address.startswith("/api/"):
                    assert answer.status_int == 401, (endpoint, method)
                else:
                    assert answer.status_int == 302, (endpoint, method)
                    assert answer.location.startswith(("/sign-in", "http://localhost/sign-in")), (endpoint, method)
    finally:
        app.config["WTF_CSRF_ENABLED"] = True


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_role_without_the_permission_is_refused_everywhere_it_is_asked(
    app: Flask, cast: Cast, enter: Callable[[Person], TestApp], role: Role
) -> None:
    browser = enter(cast.of(role))
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        for endpoint, name, method, address in pages(app):
            if name in ACCESS and role not in ACCESS[name]:
                answer = browser.request(address, method=method, status="*")
                assert answer.status_int == 403, (endpoint, method)
    finally:
        app.config["WTF_CSRF_ENABLED"] = True


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_role_with_the_permission_gets_the_page(
    app: Flask, cast: Cast, enter: Callable[[Person], TestApp], role: Role
) -> None:
    browser = enter(cast.of(role))
    for rule in app.url_map.iter_rules():
        name = permission_of(app, rule.endpoint) or ""
        if name in ACCESS and role in ACCESS[name] and "GET" in (rule.methods or ()) and not rule.arguments:
            answer = browser.get(address_of(app, rule), status="*")
            assert answer.status_int in (200, 302), (rule.endpoint, answer.status)


def test_another_pole_finds_none_of_our_machines(
    session: Session, app: Flask, cast: Cast, enter: Callable[[Person], TestApp]
) -> None:
    machine = a_machine(session, cast, State.READY)
    session.commit()
    browser = enter(cast.noor)
    for rule in app.url_map.iter_rules():
        if "tag" in rule.arguments and rule.arguments <= {"tag"} and "GET" in (rule.methods or ()):
            name = permission_of(app, rule.endpoint) or ""
            if name in ACCESS:
                address = app.url_map.bind("localhost").build(rule.endpoint, {"tag": machine.tag})
                answer = browser.get(address, status="*")
                assert answer.status_int in (403, 404), rule.endpoint
                assert machine.serial not in answer.text
    assert machine.tag not in browser.get("/machines").text
    assert machine.tag not in browser.get("/machines/search", {"q": "Latitude"}, status="*").text.replace("q=", "")


def test_someone_whose_role_ended_is_out_at_once(
    session: Session, app: Flask, cast: Cast, enter: Callable[[Person], TestApp]
) -> None:
    browser = enter(cast.sam)
    assert browser.get("/").status_int == 200
    for held in cast.sam.memberships:
        held.until = cast.at
    session.commit()
    assert browser.get("/", status="*").status_int == 302


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "\n/machines",
        "machines",
    ],
)
def test_nobody_is_sent_to_another_site(app: Flask, target: str) -> None:
    with app.test_request_context("/"):
        assert safe_next(target) == "/"


def test_people_go_back_to_the_page_they_asked_for(app: Flask) -> None:
    with app.test_request_context("/"):
        assert safe_next("/machines/K7Q24X-M?show=proofs") == "/machines/K7Q24X-M?show=proofs"
