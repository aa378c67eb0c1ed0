"""Every endpoint, by everyone, with one's own things and with others': the exact answer, no trace, no canary."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.access.canaries import told
from tests.access.endpoints import ENDPOINTS, Way
from tests.access.players import ELSEWHERE, OURS, PLAYERS, WORLDS, Player
from tests.access.stage import Answer, Stage
from tests.access.world import Things


def expectation(way: Way, player: Player, world: str, things: Things, method: str, address: str) -> tuple[int, ...]:
    """The answers that TRUST.md allows."""
    if way.asks == "public":
        return way.expected(method)
    if way.asks == "machine" or way.asks.startswith("token:"):
        return (401,)
    if not player.let_in:
        return (401,) if address.startswith("/api/") else (302,)
    if not player.holds(way.asks):
        return (403,)
    reached = [player.roles_for(way.asks, world, thing.ties) for thing in way.things(things)]
    if not all(reached):
        return way.refuses
    able = frozenset.union(*reached) if reached else frozenset()
    if able and able <= set(way.but):
        return tuple({way.but[role] for role in able})
    return way.expected(method)


def wrong(
    stage: Stage, player: Player, way: Way, endpoint: str, method: str, address: str, world: str, things: Things
) -> list[str]:
    """What is wrong with one visit, each as a sentence."""
    form = way.filled(way.form, things) if method != "GET" else None
    query = urlencode(way.filled(way.query, things))
    asked = f"{address}?{query}" if query else address
    answer = stage.visit(player, method, asked, form)
    expected = expectation(way, player, world, things, method, address)
    case = f"{method} {endpoint} by {player.name} with what is {world}"
    found = []
    if answer.status not in expected:
        found.append(
            f"{case}: expected {' or '.join(map(str, expected))}, got {answer.status} {answer.location}{_why(answer)}"
        )
    elif answer.status == 302 and not player.let_in and way.asks != "public" and not _door(answer):
        found.append(f"{case}: expected the door, got {answer.location}")
    if answer.wrote and method == "GET" and not way.writes:
        found.append(f"{case}: a GET wrote into {sorted(answer.changed)}")
    if answer.wrote and answer.status in (401, 403, 404):
        found.append(f"{case}: refused with {answer.status}, and yet wrote into {sorted(answer.changed)}")
    touched = stage.touched(answer.changed)
    if touched and not any(ELSEWHERE in worlds for _role, worlds in player.held) and way.asks != "public":
        found.append(f"{case}: rows of the other pole changed in {touched}")
    said = {thing.value for thing in way.things(things)} | set((form or {}).values())
    secret = way.asks == "public" and bool(way.names())
    said.add(stage.worlds.called.get(player.name, ""))
    for what in told(stage, player, answer, said, by_secret=secret):
        found.append(f"{case}: the answer ({answer.status}) tells {what}")
    return found


def _why(answer: Answer) -> str:
    return f"\n{answer.log}" if answer.status >= 500 else ""


def _door(answer: Answer) -> bool:
    return answer.location.startswith("/sign-in")


@pytest.mark.parametrize("player", PLAYERS, ids=lambda player: player.name)
def test_everyone_reaches_their_own_and_nobody_elses(stage: Stage, player: Player) -> None:
    found: list[str] = []
    for rule, method in stage.rules():
        for way in ENDPOINTS.get(rule.endpoint, ()):  # test_table.py finds the missing
            for world in _worlds(way, player):
                things = stage.worlds.things[world]
                address = stage.address(rule, way.filled(way.path, things))
                found += wrong(stage, player, way, rule.endpoint, method, address, world, things)
    assert not found, "\n".join(["", *found])


def _worlds(way: Way, player: Player) -> tuple[str, ...]:
    """Every world, but where the guard stands before anything is looked at: there our own is enough."""
    if not way.names() or way.asks == "machine" or way.asks.startswith("token:"):
        return (OURS,)
    return WORLDS if way.asks == "public" or (player.let_in and player.holds(way.asks)) else (OURS,)
