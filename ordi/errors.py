"""What a verb raises when a rule forbids the act: a code and facts, never words."""

from __future__ import annotations

from typing import ClassVar

Fact = str | int | bool | None | list[str]


class Refused(Exception):
    """A rule forbids this act; nothing was changed.

    Subclasses live beside the rule they speak for. `code` names the rule in the reader's catalogue of
    sentences (web/wording.py); `facts` are the values those sentences need.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **facts: Fact) -> None:
        super().__init__(self.code)
        self.facts = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({told})" if told else self.code


class NotAllowed(Refused):
    """This person's roles do not cover this act in this place."""

    code = "not-allowed"


class SomeoneJustDidThis(Refused):
    """Two people acted at once; the second sees what the first did."""

    code = "someone-just-did-this"


class NotFound(Refused):
    """There is no such thing, or not for this reader: both answer alike."""

    code = "not-found"


class TooMuch(Refused):
    """Not now: too much came in too short a time. Again after `after_s` seconds, with nothing lost."""

    code = "too-much"

    def __init__(self, *, after_s: int, **facts: Fact) -> None:
        super().__init__(after_s=after_s, **facts)
        self.after_s = after_s


class Invalid(Refused):
    """A value that cannot be taken as it stands; `field` and `why` say which and why."""

    code = "invalid"
