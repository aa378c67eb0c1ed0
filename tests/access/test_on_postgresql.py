"""The same walls on PostgreSQL: a few people, every endpoint."""

from __future__ import annotations

import pytest

from tests.access.endpoints import ENDPOINTS
from tests.access.players import BY_NAME, ELSEWHERE, OURS
from tests.access.stage import Stage
from tests.access.test_walk import wrong

pytestmark = pytest.mark.postgresql


@pytest.mark.parametrize(("name", "world"), [("noor", OURS), ("technician", ELSEWHERE), ("social_worker", ELSEWHERE)])
def test_nobody_reaches_another_pole(stage_on_postgresql: Stage, name: str, world: str) -> None:
    stage, player = stage_on_postgresql, BY_NAME[name]
    found: list[str] = []
    for rule, method in stage.rules():
        for way in ENDPOINTS.get(rule.endpoint, ())[:1]:
            if way.names() and way.asks != "public" and way.asks != "signed-in":
                things = stage.worlds.things[world]
                address = stage.address(rule, way.filled(way.path, things))
                found += wrong(stage, player, way, rule.endpoint, method, address, world, things)
    assert not found, "\n".join(["", *found])
