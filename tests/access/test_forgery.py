"""A change comes from a page of ours: every POST without its page token, or from another site, is refused and does nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.access.endpoints import ENDPOINTS, Way
from tests.access.players import BY_NAME, CAST, OURS, Player
from tests.access.stage import Stage

FREE = {name for name, (way, *_more) in ENDPOINTS.items() if way.asks == "machine" or way.asks.startswith("token:")}
"""No cookie is read there: nothing to forge."""


def changes(stage: Stage) -> Iterator[tuple[str, str, str, Way, Player]]:
    """Every endpoint that changes something, with somebody who may."""
    for rule, method in stage.rules():
        if method == "GET" or rule.endpoint in FREE:
            continue
        way = ENDPOINTS[rule.endpoint][0]
        things = stage.worlds.things[OURS]
        address = stage.address(rule, way.filled(way.path, things))
        able = [
            one
            for one in CAST
            if way.asks == "public" or all(one.roles_for(way.asks, OURS, thing.ties) for thing in way.things(things))
        ]
        yield rule.endpoint, method, address, way, able[0]


def test_without_its_page_token_nothing_is_changed(stage: Stage) -> None:
    found = []
    for endpoint, method, address, way, player in changes(stage):
        form = way.filled(way.form, stage.worlds.things[OURS])
        for told in (form, form | {"csrf_token": "guessed"}):
            answer = stage.visit(player, method, address, told, page_token=False)
            if answer.status != 400 or answer.wrote:
                found.append(f"{method} {endpoint} by {player.name} without a page token: {answer.status}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}], ids=str)
def test_from_another_site_nothing_is_changed(stage: Stage, headers: dict[str, str]) -> None:
    found = []
    for endpoint, method, address, way, player in changes(stage):
        form = way.filled(way.form, stage.worlds.things[OURS])
        answer = stage.visit(player, method, address, form, headers=headers)
        if answer.status != 403 or answer.wrote:
            found.append(f"{method} {endpoint} by {player.name} from elsewhere: {answer.status}")
    assert not found, "\n".join(found)


def test_only_the_api_is_free_of_page_tokens(stage: Stage) -> None:
    free = {name for name, view in stage.app.view_functions.items() if getattr(view, "csrf_free", False)}
    assert free == FREE


def test_a_page_token_of_another_browser_is_worth_nothing(stage: Stage) -> None:
    foreign = {"csrf_token": stage.page_token, "lang": "en"}
    answer = stage.visit(BY_NAME["technician"], "POST", "/sign-in/language", foreign, page_token=False)
    assert answer.status == 400


def test_the_cookie_of_someone_whose_roles_ended_opens_the_door_alone(stage: Stage) -> None:
    for rule, method in stage.rules():
        way = ENDPOINTS[rule.endpoint][0] if rule.endpoint in ENDPOINTS else None
        if way is None or way.asks in ("public", "machine") or way.asks.startswith("token:"):
            continue
        things = stage.worlds.things[OURS]
        form = way.filled(way.form, things) if method != "GET" else None
        answer = stage.visit(BY_NAME["moved-away"], method, stage.address(rule, way.filled(way.path, things)), form)
        assert (answer.status, answer.location.split("?")[0]) == (302, "/sign-in"), rule.endpoint
