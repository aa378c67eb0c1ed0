"""nvme-cli: what an NVMe controller can do to its media, and how its Sanitize goes (NVM Express Base Specification 2.0)."""

import struct
from dataclasses import dataclass
from typing import Literal

from agent.parsers.reading import Unreadable, json_object, whole

CRYPTO, BLOCK, OVERWRITE = 1 << 0, 1 << 1, 1 << 2
"""SANICAP, figure 275: the kinds of Sanitize a controller does."""
FORMAT = 1 << 1
"""OACS: Format NVM."""
FORMAT_CRYPTO = 1 << 2
"""FNA: a format can erase by changing the key."""

SANITIZE_LOG_BYTES = 512
STATES: dict[int, Literal["never", "done", "running", "failed"]] = {
    0: "never", 1: "done", 2: "running", 3: "failed", 4: "done",
}  # fmt: skip
"""SSTAT bits 2:0 of the Sanitize Status log."""


@dataclass(frozen=True)
class Controller:
    """What `nvme id-ctrl` says a controller offers."""

    sanitize: frozenset[str]
    formats: bool
    formats_crypto: bool


@dataclass(frozen=True)
class SanitizeLog:
    """The Sanitize Status log. `mark` changes when a Sanitize ran: status, passes and the command it was asked with."""

    state: Literal["never", "done", "running", "failed"]
    percent: int | None
    mark: str


def controller(raw: bytes) -> Controller:
    """Read `nvme id-ctrl --output-format=json`. Raise Unreadable when the bits are not there."""
    told = json_object(raw)
    sanicap, oacs, fna = (whole(told.get(name)) for name in ("sanicap", "oacs", "fna"))
    if sanicap is None or oacs is None or fna is None:
        raise Unreadable("no capability bits")
    kinds = (("crypto-erase", CRYPTO), ("block-erase", BLOCK), ("overwrite", OVERWRITE))
    return Controller(
        sanitize=frozenset(name for name, bit in kinds if sanicap & bit),
        formats=bool(oacs & FORMAT),
        formats_crypto=bool(oacs & FORMAT and fna & FORMAT_CRYPTO),
    )


def sanitize_log(raw: bytes) -> SanitizeLog:
    """Read `nvme sanitize-log --output-format=binary`: the log page itself. Raise Unreadable."""
    if len(raw) < SANITIZE_LOG_BYTES:
        raise Unreadable("short log")
    progress, status, asked = struct.unpack_from("<HHI", raw)
    state = STATES.get(status & 0b111)
    if state is None:
        raise Unreadable("unknown sanitize status")
    percent = 100 * progress // 65536 if state == "running" else None
    return SanitizeLog(state, percent, f"{status:04x}-{asked:08x}")
