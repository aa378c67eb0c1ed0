"""Codes into words, in the reader's language. The domain keeps codes and facts; sentences are made here, when read.

`wording` is a Jinja global: `wording.state(machine.state)`, `wording.tone(code)`, `wording.icon(code)`,
`wording.action(action)`, `wording.verdict(…)`, …; every list beneath is complete (tests/web/test_wording.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.wording import bench, life, people
from web.wording.events import event_sentence, event_tone
from web.wording.looks import ICONS, TONES
from web.wording.reasons import reason
from web.wording.words import Words, said

__all__ = ["event_sentence", "wording"]


class Wording:
    """Every list of words, by what its codes are."""

    def state(self, code: str) -> str:
        """Promis, Collecté, … Remis."""
        return said(life.STATES, code)

    def action(self, code: str) -> str:
        """The button's verb; the same everywhere."""
        return said(life.ACTIONS, code)

    def done(self, code: str) -> str:
        """What the page answers once the action is taken."""
        return said(life.DONE, code)

    def note(self, code: str) -> str:
        """What a note of the history is called."""
        return said(life.NOTES, code)

    def held(self, code: str) -> str:
        """Why it waits, beside the state."""
        return said(life.HELD, code)

    def triage(self, code: str) -> str:
        """Keep, dismantle, refuse."""
        return said(life.TRIAGE, code)

    def form(self, code: str) -> str:
        """Portable, Fixe, …"""
        return said(life.FORMS, code)

    def holder(self, code: str) -> str:
        """Kinds of holders in the chain of custody."""
        return said(life.HOLDERS, code)

    def check(self, code: str) -> str:
        """What is tested at the bench."""
        return said(bench.CHECKS, code)

    def result(self, code: str) -> str:
        """What a check found."""
        return said(bench.RESULTS, code)

    def task(self, kind: str, what: str) -> str:
        """What is left to do: « Réparer : écran »."""
        return bench.task(kind, what)

    def how(self, code: str) -> str:
        """Who found it: the agent, the machine's own browser."""
        return said(bench.HOWS, code)

    def verdict(self, code: str) -> str:
        """What the server says of a wipe."""
        return said(bench.VERDICTS, code)

    def standing(self, code: str) -> str:
        """What is proved of a drive."""
        return said(bench.STANDINGS, code)

    def medium(self, code: str) -> str:
        """What a drive is made of."""
        return said(bench.MEDIA, code)

    def format(self, code: str) -> str:
        """Which tool wrote a report."""
        return said(bench.FORMATS, code)

    def level(self, code: str) -> str:
        """Clear, Purge, Destroy."""
        return said(bench.LEVELS, code)

    def assurance(self, code: str) -> str:
        """Declared, executed, counter-checked, audited."""
        return said(bench.ASSURANCES, code)

    def technique(self, code: str) -> str:
        """How a drive was wiped."""
        return said(bench.TECHNIQUES, code)

    def phase(self, code: str) -> str:
        """How far a wipe has come."""
        return said(bench.PHASES, code)

    def role(self, code: str) -> str:
        """What a person does."""
        return said(people.ROLES, code)

    def kind(self, code: str) -> str:
        """What an organisation is to the network."""
        return said(people.KINDS, code)

    def nature(self, code: str) -> str:
        """What an organisation is in law."""
        return said(people.NATURES, code)

    def scope(self, code: str) -> str:
        """What an API token opens."""
        return said(people.SCOPES, code)

    def permission(self, code: str) -> str:
        """What a permission lets one do."""
        return said(people.PERMISSIONS, code)

    def reason(self, code: str) -> str:
        """Why, in words: one code, or several separated by spaces."""
        return reason(code)

    def pictogram(self, name: str) -> str:
        """What one of the pictograms of a bench session shows."""
        return said(bench.PICTOGRAMS, name)

    def tone(self, code: str) -> str:
        """The tone of a state, action, note, verdict, standing or result."""
        return TONES.get(code, "todo")

    def icon(self, code: str) -> str:
        """The pictogram of a state, action, note, verdict, role or check."""
        return ICONS.get(code, "other")

    def event(self, event: Any, names: Mapping[int, str] | None = None) -> str:
        """One line of a machine's history, as a sentence."""
        return event_sentence(event, names or {})

    def event_tone(self, event: Any) -> str:
        """How that line looks: a failure stays red."""
        return event_tone(event)

    def all(self, name: str) -> Words:
        """A whole list, for choices in forms: `wording.all("forms")`."""
        for room in (life, bench, people):
            words: Words | None = getattr(room, name.upper(), None)
            if words is not None:
                return words
        raise KeyError(name)


wording = Wording()
