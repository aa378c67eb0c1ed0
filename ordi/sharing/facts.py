"""Facts about a household or a project that a person verifies, and how a programme combines them.

Only the code of a fact is kept, with who verified it and when: never the paper, never an amount.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

FactCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,23}$")]

QPV = "qpv"
"""The household lives in a priority district: answered once a request, never attested beside the others (`living.py`)."""

KNOWN = (
    "lives-here",
    "pupil",
    "several-pupils",
    "no-computer",
    "low-income",
    "job-seeker",
    "local-project",
    "first-request",
    QPV,
)
"""Facts every pole knows: the face has their sentence. A programme writes the sentence of any other itself."""


class Group(BaseModel):
    """So many of these hold: one of them, some of them, or all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: int = Field(ge=1, le=12, strict=True)
    of: tuple[Criterion, ...] = Field(min_length=1, max_length=12)


Criterion = FactCode | Group
Group.model_rebuild()


def holds(criterion: Criterion, attested: Collection[str]) -> bool:
    """Whether what was verified is enough for this condition."""
    if isinstance(criterion, str):
        return criterion in attested
    return sum(holds(one, attested) for one in criterion.of) >= criterion.at_least


def unmet(criteria: tuple[Criterion, ...], attested: Collection[str]) -> list[str]:
    """The facts that would help the conditions that do not hold yet; none when all of them hold."""
    found: dict[str, None] = {}
    for criterion in criteria:
        if holds(criterion, attested):
            continue
        if isinstance(criterion, str):
            found[criterion] = None
        else:
            found |= dict.fromkeys(unmet(criterion.of, attested))
    return list(found)


def facts_of(criteria: tuple[Criterion, ...]) -> Iterator[str]:
    """Every fact that conditions speak of, in their order."""
    for criterion in criteria:
        if isinstance(criterion, str):
            yield criterion
        else:
            yield from facts_of(criterion.of)


def depth(criterion: Criterion) -> int:
    """How deep a condition is nested: a fact alone is 0."""
    return 0 if isinstance(criterion, str) else 1 + max(depth(one) for one in criterion.of)


def reachable(criterion: Criterion) -> bool:
    """Whether a condition can hold at all: never three of two."""
    return isinstance(criterion, str) or (
        criterion.at_least <= len(criterion.of) and all(reachable(one) for one in criterion.of)
    )
