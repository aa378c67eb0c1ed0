"""Needs are equipment and use, never their reason: "gros caractères", not why. And what each asks of a machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

GIB = 1024**3


class NeedCode(StrEnum):
    """What a request asks for. The bench sees these; it never sees who asks."""

    SCHOOL = "school"
    PAPERWORK = "paperwork"
    JOB_SEARCH = "job_search"
    VIDEO_CALLS = "video_calls"
    LEARNING = "learning"
    LAPTOP = "laptop"
    LARGE_SCREEN = "large_screen"
    CAMERA = "camera"
    LARGE_PRINT = "large_print"
    LEFT_HANDED_MOUSE = "left_handed_mouse"
    HEADPHONES = "headphones"
    PRINTER = "printer"
    NO_INTERNET = "no_internet"
    HOME_DELIVERY = "home_delivery"


USES = (
    NeedCode.SCHOOL,
    NeedCode.PAPERWORK,
    NeedCode.JOB_SEARCH,
    NeedCode.VIDEO_CALLS,
    NeedCode.LEARNING,
)
"""What it is for."""

COMFORTS = (
    NeedCode.LAPTOP,
    NeedCode.LARGE_SCREEN,
    NeedCode.CAMERA,
    NeedCode.LARGE_PRINT,
    NeedCode.LEFT_HANDED_MOUSE,
    NeedCode.HEADPHONES,
    NeedCode.PRINTER,
    NeedCode.NO_INTERNET,
    NeedCode.HOME_DELIVERY,
)
"""What makes it usable for this person."""

IN_THE_BAG = (
    NeedCode.LEFT_HANDED_MOUSE,
    NeedCode.HEADPHONES,
    NeedCode.PRINTER,
    NeedCode.NO_INTERNET,
)
"""What is added to the machine and asks nothing of it (for no internet, a key with a SIM card)."""

MEMORY = {NeedCode.SCHOOL: 8, NeedCode.VIDEO_CALLS: 8, NeedCode.LEARNING: 8}
"""GiB each use is comfortable with; others do with the least."""

LEAST_MEMORY = 4


@dataclass(frozen=True)
class Wanted:
    """What a set of needs asks of a machine."""

    portable: bool = False
    large_screen: bool = False
    camera: bool = False
    sound: bool = False
    memory: int = LEAST_MEMORY * GIB
    extras: tuple[str, ...] = field(default=())


def wanted(codes: Iterable[str]) -> Wanted:
    """What these needs ask of a machine."""
    needs = {NeedCode(code) for code in codes}
    return Wanted(
        portable=NeedCode.LAPTOP in needs,
        large_screen=bool(needs & {NeedCode.LARGE_SCREEN, NeedCode.LARGE_PRINT}),
        camera=bool(needs & {NeedCode.CAMERA, NeedCode.VIDEO_CALLS}),
        sound=NeedCode.VIDEO_CALLS in needs,
        memory=max([LEAST_MEMORY, *(MEMORY.get(need, LEAST_MEMORY) for need in needs)]) * GIB,
        extras=tuple(need for need in IN_THE_BAG if need in needs),
    )
