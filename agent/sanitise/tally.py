"""Counting what a drive did: bytes, short transfers, retries, errors, what was passed over."""

from dataclasses import dataclass, field

KEPT = 64
"""Entries kept of each list (docs/protocol.md, "Jobs")."""

Range = tuple[int, int]
"""Offset and length, in bytes."""


@dataclass
class Ranges:
    """Byte ranges in the order they are met, neighbours joined, the first 64 kept, all of them counted."""

    kept: list[Range] = field(default_factory=list)
    count: int = 0
    bytes: int = 0
    _end: int = -1

    def add(self, offset: int, length: int) -> None:
        """One more range, not before the last one."""
        self.bytes += length
        joined = offset == self._end
        self._end = offset + length
        if joined and self.count <= KEPT:
            start, before = self.kept[-1]
            self.kept[-1] = (start, before + length)
        elif not joined:
            self.count += 1
            if self.count <= KEPT:
                self.kept.append((offset, length))


@dataclass
class Tally:
    """What one pass over a drive met. `errors` keeps the first 64; `failed` counts them all."""

    bytes: int = 0
    ms: int = 0
    short: int = 0
    retries: int = 0
    errors: list[tuple[int, int]] = field(default_factory=list)
    failed: int = 0

    def error(self, offset: int, errno: int) -> None:
        """One range the drive would not take or give, after every retry."""
        self.failed += 1
        if len(self.errors) < KEPT:
            self.errors.append((offset, errno))

    def take(self, other: "Tally") -> None:
        """Add what another met further on; `ms` is the whole pass's, and not added."""
        self.bytes += other.bytes
        self.short += other.short
        self.retries += other.retries
        self.errors += other.errors[: KEPT - len(self.errors)]
        self.failed += other.failed

    def reported(self) -> dict[str, object]:
        """The part of a commit this is (docs/protocol.md)."""
        return {
            "bytes": self.bytes,
            "ms": self.ms,
            "short": self.short,
            "retries": self.retries,
            "errors": [{"offset": offset, "errno": errno} for offset, errno in self.errors],
        }
