"""What the worker does for the public log: seal it and give its heads away once a day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ordi.log import readers
from ordi.log.checkpoints import checkpoint, write
from ordi.log.heads import PURPOSE, newest
from ordi.log.sealing import seal, size_of
from ordi.messages import outbox
from web.keyring import keyring
from web.log.letter import letter
from web.settings import Settings
from web.worker import duty


@duty("log")
def seal_log(session: Session, _settings: Settings, at: datetime) -> int:
    """Seal what waits."""
    before = size_of(session)
    head = seal(session, keyring().signing(PURPOSE, at), at=at)
    return head.size - before if head else 0


@duty("heads")
def give_heads(session: Session, settings: Settings, at: datetime) -> int:
    """The day's checkpoint into its folder, and a message for each reader whose head is shorter."""
    head = newest(session)
    if head is None:
        return 0
    path = settings.heads_dir / f"heads-{at.astimezone(readers.PARIS):%Y-%m-%d}.json"
    if not path.exists():
        write(path, checkpoint(session, keyring().signing("journal", at), at=at))
    waiting = readers.due(session, head, at=at)
    for reader in waiting:
        subject, body, attachment = letter(head, settings, at=at)
        outbox.put(session, readers.KIND, reader.address, subject, body, at=at, attachment=attachment)
        readers.given(reader, head, at=at)
    return len(waiting)
