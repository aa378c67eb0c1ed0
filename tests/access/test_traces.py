"""What is written down for good says nothing of a family: events, logs, addresses, labels, certificates, check-ins."""

from __future__ import annotations

import base64
import zlib

import pytest

from tests.access.endpoints import ENDPOINTS
from tests.access.players import BY_NAME, OURS, WORLDS
from tests.access.stage import Stage
from tests.access.world import HOUSEHOLD, canary

WRITTEN = (
    *("events", "papers", "labels", "certificates", "check_ins", "evidence", "alerts", "help_requests", "requests"),
    *(
        "allocations",
        "custody_transfers",
        "enrolments",
        "leaflets",
        "consents",
        "machines",
        "api_tokens",
        "messages",
        "repairs",
        "appointments",
    ),
)


def personal(world: str) -> list[str]:
    """The words of a household, in the clear."""
    return [canary(world, what) for what in HOUSEHOLD]


def everything_in(cell: object) -> str:
    """A stored value as it could be read: packed parts unpacked, signed parts opened."""
    if isinstance(cell, bytes):
        try:
            return zlib.decompress(cell).decode("utf-8", "replace")
        except zlib.error:
            return cell.decode("latin-1")
    text = str(cell)
    parts = text.split(".")
    if text.startswith("eyJ") and len(parts) == 3:
        return base64.urlsafe_b64decode(parts[1] + "==").decode("utf-8", "replace")
    return text


@pytest.mark.parametrize("world", WORLDS)
def test_no_column_says_who_a_family_is_in_the_clear(stage: Stage, world: str) -> None:
    words = personal(world)
    found = {
        (table, word)
        for table, rows in stage.pristine.items()
        for row in rows
        for cell in row
        if cell is not None
        for word in words
        if word in everything_in(cell)
    }
    assert not found


def test_the_note_of_a_request_is_sealed(stage: Stage) -> None:
    words = [canary(world, "Note") for world in WORLDS]
    assert len(stage.pristine["request_notes"]) >= len(WORLDS)
    assert not [t for t in WRITTEN if t not in stage.pristine], "these tables are gone: name them anew"
    assert not [
        table
        for table, rows in stage.pristine.items()
        for row in rows
        for cell in row
        if cell is not None and any(word in everything_in(cell) for word in words)
    ]


def test_what_is_done_for_a_family_leaves_no_word_of_it_in_events_logs_or_addresses(stage: Stage) -> None:
    """Walk every endpoint as those who read families, and look at what the server wrote and said."""
    words = [*personal(OURS), canary(OURS, "Note"), "Amina Secrète", "Amina Essai"]
    found = []
    things = stage.worlds.things[OURS]
    for rule, method in stage.rules():
        if not rule.endpoint.startswith(("sharing.", "fleet.", "messages.", "privacy.")):
            continue
        for way in ENDPOINTS.get(rule.endpoint, ()):
            address = stage.address(rule, way.filled(way.path, things))
            for name in ("social_worker", "coordinator"):
                form = way.filled(way.form, things) if method != "GET" else None
                answer = stage.visit(BY_NAME[name], method, address, form)
                case = f"{method} {rule.endpoint} by {name}"
                found += [f"{case}: the log says {word}" for word in words if word in answer.log]
                found += [f"{case}: the address says {word}" for word in words if word in answer.location]
                rows = [cell for rows in answer.changed.values() for row in rows for cell in row if cell is not None]
                found += [f"{case}: a row says {w}" for w in words for cell in rows if w in everything_in(cell)]
    assert not found, "\n".join(found)


def test_filing_a_request_seals_every_word_and_logs_none(stage: Stage) -> None:
    words = {"name": "Zélie Anonyme", "phone": "0699887766", "email": "zelie@anonyme.test", "address": "9 rue Cachée"}
    things = stage.worlds.things[OURS]
    form = {
        "step": "family",
        "partner": things["partner_id"].value,
        "programme": things["gift"].value,
        "uses": "paperwork",
        "language": "fr",
        "agreed": "y",
        "reach": "in_person",
    }
    answer = stage.visit(BY_NAME["social_worker"], "POST", "/sharing/new", form | words)
    assert answer.status == 302, answer.said
    assert {"households", "requests", "consents"} <= set(answer.changed)
    kept = [everything_in(cell) for rows in answer.changed.values() for row in rows for cell in row if cell is not None]
    for word in words.values():
        assert not [cell for cell in kept if word in cell], f"{word} is stored in the clear"
        assert word not in answer.log
        assert word not in answer.location


def test_a_family_found_by_its_name_is_asked_for_by_post_alone(stage: Stage) -> None:
    name = f"{canary(OURS, 'Name')}1"
    assert stage.visit(BY_NAME["social_worker"], "GET", f"/sharing/find?name={name}").status == 405
    found = stage.visit(BY_NAME["social_worker"], "POST", "/sharing/find", {"name": name})
    assert stage.worlds.things[OURS]["request"].value in found.said
    assert name not in found.said


def test_an_error_page_says_nothing_of_anybody(stage: Stage) -> None:
    words = [word for (_world, _kind), some in stage.canaries.items() for word in some]
    for address in ("/nothing", "/machines/K7Q24X-A", "/sharing/requests/D-0000-0000", "/o/AAAA", "/C/AAAA"):
        for name in ("signed-out", "funder", "moved-away"):
            answer = stage.visit(BY_NAME[name], "GET", address)
            own = "".join(stage.worlds.called.get(name, "").split())
            assert not [word for word in words if word in answer.squeezed and word != own], (address, name)
