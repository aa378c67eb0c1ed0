"""Why a drive is left alone: one code a rule, the `reason` of the protocol."""

from typing import Literal

Code = Literal[
    "ambiguous", "area-stays", "bad-challenge", "boot-disk", "changed", "expired", "held", "loop-over-a-drive", "mounted", "no-such-drive",
    "not-permitted", "power-cycle-needed", "read-only", "removable", "swap", "unknown-technique", "wrong-serial", "wrong-size", "wrong-wwn",
    "zero-length",
]  # fmt: skip


class DriveRefused(Exception):
    """The agent will not touch a drive. `detail` is a fact for the record, never a sentence."""

    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code: Code = code
        self.detail = detail
