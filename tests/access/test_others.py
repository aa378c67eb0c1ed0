"""Another's thing answers like nothing at all; and another's name slipped beside one's own changes nothing of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.access.canaries import told
from tests.access.endpoints import ENDPOINTS, Way
from tests.access.players import ANYONE, BY_NAME, CAST, ELSEWHERE, NEXT_DOOR, OURS, PLAYERS, Player
from tests.access.stage import Answer, Stage, plain
from tests.access.world import Things, canary, nowhere
from tests.bench.photographs import a_photograph
from web.sign_in.accounts import Account


def walk(stage: Stage, player: Player, rule: Rule, method: str, way: Way, *, path: Things, body: Things) -> Answer:
    """One visit with the things of one world in the path and of another (or the same) in query and form."""
    address = stage.address(rule, way.filled(way.path, path))
    query = urlencode(way.filled(way.query, body))
    form = way.filled(way.form, body) if method != "GET" else None
    return stage.visit(player, method, f"{address}?{query}" if query else address, form)


def able(way: Way, things: Things) -> Iterator[Player]:
    """Who of our cast does this with our things and reaches none of the other pole's."""
    for player in CAST:
        reached = [player.roles_for(way.asks, OURS, thing.ties) for thing in way.things(things)]
        if all(reached) and not any(ELSEWHERE in worlds for _role, worlds in player.held):
            yield player


def guarded(stage: Stage) -> Iterator[tuple[Rule, str, Way]]:
    """Every endpoint behind the sign-in."""
    for rule, method in stage.rules():
        for way in ENDPOINTS.get(rule.endpoint, ()):
            if way.asks not in ("public", "machine") and not way.asks.startswith("token:"):
                yield rule, method, way


def test_what_belongs_to_another_pole_answers_like_what_nobody_ever_made(stage: Stage) -> None:
    ours, theirs = stage.worlds.things[OURS], stage.worlds.things[ELSEWHERE]
    found = []
    for rule, method, way in guarded(stage):
        player = next(able(way, ours), None)
        free = all(ANYONE in thing.ties for thing in way.things(theirs))
        if player is None or not way.path or way.refuses != (404,) or free:
            continue
        answers = []
        for things in (theirs, nowhere(theirs)):
            # What is open to anyone stays: it is the rest that is theirs, or was never made.
            asked = {name: ours[name] if ANYONE in thing.ties else thing for name, thing in things.items()}
            said = [thing.value for thing in way.things(asked)]
            answer = walk(stage, player, rule, method, way, path=asked, body=asked)
            answers.append((answer.status, plain(answer.said, said)))
        if answers[0] != answers[1]:
            found.append(f"{method} {rule.endpoint} by {player.name}: {_apart(*answers)}")
    assert not found, "\n".join(found)


def _apart(one: tuple[int, str], other: tuple[int, str]) -> str:
    """The first line in which two answers differ."""
    lines = zip([str(one[0]), *one[1].split("\n")], [str(other[0]), *other[1].split("\n")], strict=False)
    return next((f"theirs says {a!r}, never made {b!r}" for a, b in lines if a != b), "one is longer")


@pytest.mark.parametrize("other", [NEXT_DOOR, ELSEWHERE])
def test_anothers_name_in_query_or_form_beside_ones_own_in_the_path_changes_nothing_of_theirs(
    stage: Stage, other: str
) -> None:
    ours, theirs = stage.worlds.things[OURS], stage.worlds.things[other]
    found = []
    for rule, method, way in guarded(stage):
        slipped = [name for text in (*way.query.values(), *way.form.values()) if "{" in text for name in [text[1:-1]]]
        if not slipped:
            continue
        for player in able(way, ours):
            if player.name == "coordinator" and other == NEXT_DOOR:
                continue  # both are hers
            answer = walk(stage, player, rule, method, way, path=ours, body=theirs)
            case = f"{method} {rule.endpoint} by {player.name}, {slipped} of {other}"
            if answer.status >= 500 or (answer.status == 302 and answer.wrote and other == ELSEWHERE):
                found.append(f"{case}: {answer.status} {answer.location}\n{answer.log}")
            if other == ELSEWHERE and stage.touched(answer.changed):
                found.append(f"{case}: rows of the other pole changed in {stage.touched(answer.changed)}")
            said = {*way.filled(way.query, theirs).values(), *way.filled(way.form, theirs).values()}
            said |= {stage.worlds.called[player.name]}
            found += [f"{case}: tells {what}" for what in told(stage, player, answer, said, by_secret=False)]
    assert not found, "\n".join(found)


def test_one_part_of_a_path_that_is_anothers_is_not_found(stage: Stage) -> None:
    found = []
    for rule, method, way in guarded(stage):
        named = {key: text[1:-1] for key, text in way.path.items() if text.startswith("{")}
        if len(named) < 2 or rule.endpoint.startswith("wiping.screen"):
            continue
        for key, name in named.items():
            for player in able(way, stage.worlds.things[OURS]):
                mixed = dict(stage.worlds.things[OURS])
                mixed[name] = stage.worlds.things[ELSEWHERE][name]
                answer = walk(stage, player, rule, method, way, path=mixed, body=stage.worlds.things[OURS])
                if answer.status not in (404, 409) or answer.wrote:
                    found.append(f"{method} {rule.endpoint} by {player.name}, {key} of others: got {answer.status}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("who", "status"), [("noor", 403), ("milo", 403), ("volunteer", 403), ("technician", 302)])
def test_a_witness_is_of_the_same_workshop(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, who: str, status: int
) -> None:
    def typed(session: Session, name: str, _password: str) -> Account | None:
        return session.scalar(select(Account).where(Account.username == name))

    monkeypatch.setattr("web.bench.witness.account_of", typed)
    address = f"/bench/loose-drives/{stage.worlds.things[OURS]['loose'].value}/destroy"
    photograph = (BytesIO(a_photograph()), "IMG_2026.jpg")
    told = {"how": "drilled", "cause": "faulty", "witness": who, "photo": photograph}
    answer = stage.visit(BY_NAME["lead"], "POST", address, told)
    assert answer.status == status
    assert ("destructions" in answer.changed) is (status == 302)


SOUGHT = ("a machine", "a machine's serial number", "a drive's serial number", "a shelf", "a donor's name")


def test_what_they_call_their_machines_is_found_by_nobody_of_ours(stage: Stage) -> None:
    found = []
    for player in PLAYERS:
        for (world, kind), words in sorted(stage.canaries.items()):
            if kind in SOUGHT and player.holds("machines.list") and _of_others(player, world):
                word = max(words)
                found += _sought(stage, player, "GET", f"/machines/search?{urlencode({'q': word})}", word)
    assert not found, "\n".join(found)


def test_a_family_of_another_service_is_found_by_nobody_of_ours(stage: Stage) -> None:
    found = []
    for player in PLAYERS:
        for world in (NEXT_DOOR, ELSEWHERE, OURS):
            if player.holds("requests.write") and _of_others(player, world):
                name = f"{canary(world, 'Name')}1"
                found += _sought(stage, player, "POST", "/sharing/find", name)
    assert not found, "\n".join(found)


def _sought(stage: Stage, player: Player, method: str, address: str, word: str) -> list[str]:
    """What an answer to somebody who looks for a word of others tells of them."""
    answer = stage.visit(player, method, address, {"name": word} if method == "POST" else None)
    said = {word, stage.worlds.called[player.name]}
    found = [
        f"{method} {address} by {player.name}: tells {one}"
        for one in told(stage, player, answer, said, by_secret=False)
    ]
    if answer.status not in (200, 404):
        found.append(f"{method} {address} by {player.name}: {answer.status} leads to {answer.location}")
    return found


def _of_others(player: Player, world: str) -> bool:
    """Whether no role of theirs holds in this world."""
    return player.let_in and not any(world in worlds for _role, worlds in player.held)


def test_before_and_after_are_only_numbers_that_lead_nowhere(stage: Stage) -> None:
    for address in ("/machines?before=999999", "/machines?after=0", "/machines?group=ready&held=1"):
        for name in ("technician", "donor_contact", "partner_lead", "noor"):
            player = BY_NAME[name]
            answer = stage.visit(player, "GET", address)
            assert answer.status == 200
            said = {stage.worlds.called[name]}
            assert not list(told(stage, player, answer, said, by_secret=False)), (address, name)
