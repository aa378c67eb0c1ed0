"""What became of each job, on the disk before and after: a job is done once, and one cut short is still reported."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.encoding import canonical
from agent.files import write_durably


@dataclass(frozen=True)
class Ledger:
    """One file a job in `directory`: `started` with the commit it would be if cut short here, then `reported`."""

    directory: Path

    def knows(self, job: str) -> bool:
        """Whether this job was ever taken on, here."""
        return self._file(job).exists()

    def started(self, job: str, if_cut_short: dict[str, object]) -> None:
        """Take a job on. `if_cut_short` is the commit to send should the agent die meanwhile. It holds no key."""
        write_durably(self._file(job), canonical({"state": "started", "commit": if_cut_short}))

    def reported(self, job: str) -> None:
        """The report of a job is saved in the outbox."""
        write_durably(self._file(job), canonical({"state": "reported"}))

    def cut_short(self) -> list[tuple[str, dict[str, Any]]]:
        """Jobs an earlier run of the agent started and did not report, with the commit it left."""
        found = []
        for file in sorted(self.directory.glob("*.job")):
            try:
                entry = json.loads(file.read_bytes())
            except ValueError:
                continue
            if isinstance(entry, dict) and entry.get("state") == "started" and isinstance(entry.get("commit"), dict):
                found.append((file.stem, entry["commit"]))
        return found

    def _file(self, job: str) -> Path:
        return self.directory / f"{job}.job"
