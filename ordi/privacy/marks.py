"""The list of erasures outside the database, one line each: what a restored backup must forget again.

It lies in the data folder, is no part of a backup, and names nobody: a day and a hash (`erasing.mark_of`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

FILE = "erasures.jsonl"


def remember(folder: Path, marks: Sequence[str], *, at: datetime) -> None:
    """Add marks, on disk before this returns: written before the erasure is committed, so that none is ever missing."""
    if not marks:
        return
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as file:
        file.writelines(json.dumps({"at": at.isoformat(), "household": mark}) + "\n" for mark in marks)
        file.flush()
        os.fsync(file.fileno())


def remembered(folder: Path) -> frozenset[str]:
    """Every mark. A last line that was cut short is passed over: its erasure was never committed."""
    path = folder / FILE
    marks = set()
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            marks.add(str(json.loads(line)["household"]))
        except (ValueError, KeyError, TypeError):
            continue
    return frozenset(marks)
