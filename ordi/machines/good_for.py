"""What a machine is good for, in plain uses, by a visible rule: what each use needs is data, and what is missing is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ordi.machines.checks import Check, Result
from ordi.machines.fitted import Fitted
from ordi.machines.windows11 import GIB, Answer

_HARDWARE_KEEPS = 0.9


@dataclass(frozen=True)
class Use:
    """What a use needs: memory, processor threads, a drive without moving parts, functions that work."""

    code: str
    memory: int
    cores: int
    flash: bool = False
    works: tuple[Check, ...] = ()


USES = (
    Use("office", 4 * GIB, 2),
    Use("school", 4 * GIB, 2, works=(Check.SOUND,)),
    Use("video", 4 * GIB, 4, works=(Check.CAMERA, Check.MICROPHONE, Check.SOUND)),
    Use("pictures", 8 * GIB, 4, flash=True),
    Use("games", 8 * GIB, 4, flash=True, works=(Check.SOUND,)),
)
"""Office and e-mail; school and its sites; calls with a picture; photographs and drawing; light games."""


@dataclass(frozen=True)
class Fitness:
    """One use: the answer, and what speaks against it or is not known (memory, cores, flash, or a check)."""

    use: str
    answer: Answer
    terms: tuple[str, ...]


def good_for(
    memory_bytes: int | None, flash: bool | None, told: Fitted, found: Mapping[Check, Result]
) -> list[Fitness]:
    """Each use, in order. A check nobody asked on this form (no camera in a desktop) counts as not there."""
    return [_weighed(use, memory_bytes, flash, told, found) for use in USES]


def _weighed(
    use: Use, memory_bytes: int | None, flash: bool | None, told: Fitted, found: Mapping[Check, Result]
) -> Fitness:
    terms: dict[str, Answer] = {
        "memory": _enough(memory_bytes, round(use.memory * _HARDWARE_KEEPS)),
        "cores": _enough(told.cores, use.cores),
    }
    if use.flash:
        terms["flash"] = Answer.UNKNOWN if flash is None else Answer.YES if flash else Answer.NO
    for check in use.works:
        result = found.get(check)
        works = result in (Result.GOOD, Result.WORN)
        terms[check] = Answer.YES if works else Answer.UNKNOWN if result is None else Answer.NO
    said = set(terms.values())
    answer = Answer.NO if Answer.NO in said else Answer.UNKNOWN if Answer.UNKNOWN in said else Answer.YES
    return Fitness(use.code, answer, tuple(term for term, one in terms.items() if one == answer != Answer.YES))


def _enough(value: int | None, least: int) -> Answer:
    if value is None:
        return Answer.UNKNOWN
    return Answer.YES if value >= least else Answer.NO
