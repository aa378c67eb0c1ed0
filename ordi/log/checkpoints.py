"""A checkpoint: the newest signed head, and the last event of every machine under a signature. It must leave the server.

The head alone shows that something was altered; the machines' own last events show which (`ordi journal verify --against`).
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from ordi.canonical import canonical, digest
from ordi.log.heads import newest
from ordi.machines import journal
from ordi.machines.journal import instant
from ordi.signatures import SigningKey, sign

TYP = "ordi-journal/1"


def checkpoint(session: Session, key: SigningKey, *, at: datetime) -> dict[str, Any]:
    """`{head?, signature, heads}`, signed by the journal's key."""
    heads = {tag: [seq, last] for tag, (seq, last) in journal.heads(session).items()}
    payload = {"typ": TYP, "issued": instant(at), "sha256": digest(canonical(heads)), "count": len(heads)}
    signed = newest(session)
    told: dict[str, Any] = {"head": signed.jws} if signed else {}
    return told | {"signature": sign(payload, key, TYP), "heads": heads}


def write(path: Path, told: dict[str, Any]) -> None:
    """Write a checkpoint, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)
