"""One rule inside the database: what `triggers` puts there and `log_guards` adds for the public log."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """Refuse `operation` on `table` with `code` when `condition` (SQL over NEW and OLD) holds.

    `lock` is the id of the machine that PostgreSQL locks first, so that two racers cannot both see the other absent.
    """

    table: str
    operation: str
    code: str
    condition: str = "TRUE"
    lock: str | None = None

    @property
    def name(self) -> str:
        """Its name in the database."""
        return f"ordi_{self.table}_{self.code}"
