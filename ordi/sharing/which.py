"""Which programme? Answers that are never stored, and the programmes that could fit them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ordi.sharing.delays import Delay, delay_of
from ordi.sharing.facts import facts_of, holds, unmet
from ordi.sharing.programmes import Programme
from ordi.sharing.rules import HolderKind


@dataclass(frozen=True)
class Answers:
    """What somebody said of themselves: for whom, which facts are true, which are not. The others are not known."""

    holder: HolderKind
    yes: frozenset[str]
    no: frozenset[str]


@dataclass(frozen=True)
class Fitting:
    """A programme that could fit, and what is still to verify before it does."""

    programme: Programme
    to_verify: tuple[str, ...]
    delay: Delay


def fitting(programmes: Iterable[Programme], answers: Answers, measured: Mapping[str, Delay]) -> list[Fitting]:
    """The programmes whose conditions could hold: first those with the least to verify, then the quickest."""
    found = []
    for one in programmes:
        rules = one.rules
        if answers.holder not in rules.holders:
            continue
        possible = set(facts_of(rules.criteria)) - answers.no
        if all(holds(criterion, possible) for criterion in rules.criteria):
            left = tuple(fact for fact in unmet(rules.criteria, answers.yes) if fact not in answers.no)
            found.append(Fitting(one, left, delay_of(one, measured)))
    return sorted(found, key=lambda one: (len(one.to_verify), one.delay.days, one.programme.name))


def said(holder: str, yes: Collection[str], no: Collection[str]) -> Answers:
    """Answers as they came: what is neither holds as unknown."""
    kind = HolderKind(holder) if holder in set(HolderKind) else HolderKind.HOUSEHOLD
    return Answers(kind, frozenset(yes), frozenset(no) - frozenset(yes))
