"""Every code has its words, its tone and its pictogram; every refusal says what to do next."""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_babel import force_locale

import ordi
import web
from agent.wording import PICTOGRAMS, pictured
from ordi.bench.tasks import Outcome, WhyDropped, Work
from ordi.errors import Refused
from ordi.machines.checks import Check, How, Result
from ordi.machines.custody import Holder
from ordi.machines.drive import Medium, Standing
from ordi.machines.gate import NEEDS
from ordi.machines.lifecycle import Action, Need, Note, State
from ordi.machines.machine import Form
from ordi.parties.access import ACCESS
from ordi.parties.organisations import Kind, Nature
from ordi.parties.people import Role
from ordi.parties.tokens import SCOPES
from web.public.sent_fields import FIELDS
from web.wording import bench, event_sentence, life, people, wording
from web.wording.events import SENTENCES
from web.wording.looks import ICONS, TONES
from web.wording.refusals import REFUSALS, told

STATIC = Path(web.__file__).parent / "static"


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (State, life.STATES),
        (Action, life.ACTIONS),
        (Action, life.DONE),
        (Note, life.NOTES),
        (Form, life.FORMS),
        (Holder, life.HOLDERS),
        (Check, bench.CHECKS),
        (Result, bench.RESULTS),
        (How, bench.HOWS),
        (Work, bench.TASKS),
        (Outcome, bench.OUTCOMES),
        (WhyDropped, bench.DROPS),
        (Standing, bench.STANDINGS),
        (Medium, bench.MEDIA),
        (Role, people.ROLES),
        (Kind, people.KINDS),
        (Nature, people.NATURES),
        (SCOPES, people.SCOPES),
        (ACCESS, people.PERMISSIONS),
        ([*Action, *Note], SENTENCES),
        ([*State, *Action, *Note, *Result, *Standing], TONES),
        ([*State, *Action, *Note, *Form, *Check, *Result, *Role, *Work], ICONS),
    ],
)
def test_every_code_has_its_words(codes: object, words: dict[str, str]) -> None:
    assert set(codes) <= set(words)  # type: ignore[call-overload]


def test_the_benchs_own_codes_have_their_words() -> None:
    from ordi.bench.jobs import Phase
    from ordi.bench.triage import Decision
    from ordi.bench.verdict import Assurance, Level, Verdict

    assert set(Verdict) <= set(bench.VERDICTS)
    assert set(Level) <= set(bench.LEVELS)
    assert set(Assurance) <= set(bench.ASSURANCES)
    assert set(Phase) <= set(bench.PHASES)
    assert set(Decision) <= set(life.TRIAGE)


def test_every_pictogram_is_in_the_sprite() -> None:
    drawn = set(json.loads((STATIC / "pictograms.json").read_text()))
    assert set(ICONS.values()) <= drawn


def every_refusal() -> set[type[Refused]]:
    """Every subclass, once every module is imported."""
    for package in (ordi, web):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found: set[type[Refused]] = set()
    left = [Refused]
    while left:
        kind = left.pop()
        found.add(kind)
        left += kind.__subclasses__()
    return {kind for kind in found if kind.__module__.startswith(("ordi", "web"))}


def test_every_refusal_says_what_and_what_to_do_next(application: Flask) -> None:
    missing = sorted(kind.code for kind in every_refusal() if kind.code not in REFUSALS)
    assert missing == []
    with application.test_request_context("/"):
        for telling in REFUSALS.values():
            assert str(telling.what)
            assert str(telling.mend)
            assert str(telling.title)


def test_a_refusal_speaks_of_its_facts_and_forgives_a_missing_one(app: Flask) -> None:
    with app.test_request_context("/"):
        said = told(REFUSALS["wrong-state"].what, {"action": Action.SANITISE, "state": State.PROMISED})
        assert "Promis" in said
        assert "%(" not in told(REFUSALS["wrong-state"].what, {})


def test_every_event_is_a_sentence_whatever_its_facts(app: Flask) -> None:
    with app.test_request_context("/"):
        for action in (*Action, *Note):
            for facts in (
                {},
                {"reason": "broken", "because": "drive_sighted", "drives": 2, "verdict": "PASS", "check": "screen"},
            ):
                said = event_sentence(SimpleNamespace(action=action, facts=json.dumps(facts)))
                assert said
                assert "%(" not in said


def test_verdicts_are_said_as_they_are(app: Flask) -> None:
    with app.test_request_context("/"):
        assert wording.verdict("PASS") == "effacé, prouvé"
        assert wording.verdict("UNHANDLED") == "PAS effacé"
        assert [code for code in bench.VERDICTS if wording.tone(code) == "ok"] == ["PASS"]
    assert set(NEEDS) == set(Need)


def test_what_a_computer_sends_is_told_field_by_field() -> None:
    from ordi.fleet import payload

    kept = {"agent", "at", *payload.NUMBERS, *(f"battery.{name}" for name in payload.BATTERY)}
    kept |= {f"drives.{name}" for name in (*payload.DRIVE_NUMBERS, *payload.DRIVE_TEXTS, "passed")}
    kept |= {"absences.source", "absences.reason"}
    assert set(FIELDS) == kept


def test_the_agent_says_the_pictures_of_a_session_as_the_page_does(app: Flask) -> None:
    with app.test_request_context():
        for place, language in enumerate(("fr", "en")):
            with force_locale(language):
                assert {name: both[place] for name, both in PICTOGRAMS.items()} == {
                    str(name): str(word) for name, word in bench.PICTOGRAMS.items()
                }
    assert pictured(("cat", "what-came-later")).endswith(" · what-came-later")
