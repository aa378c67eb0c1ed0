"""What the worker does for the public log: seal it, give its heads away once a day, send what is in the outbox."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from ordi.log import readers
from ordi.log.checkpoints import checkpoint, write
from ordi.log.heads import PURPOSE, newest
from ordi.log.sealing import seal, size_of
from ordi.messages import outbox
from ordi.messages.outbox import Posting
from ordi.messages.post import NotSent, PerhapsSent, Post
from web.keyring import keyring
from web.log.letter import letter
from web.session import apart
from web.settings import Settings
from web.worker import duty

AT_ONCE = 20
"""Messages sent in one turn of the worker: the others do not wait long."""


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


@duty("messages")
def send_messages(_session: Session, settings: Settings, at: datetime) -> int:
    """Send what is due, each in short transactions of its own; stop at once when the server cannot be reached."""
    with apart() as session:
        outbox.abandon(session, at=at)
        outbox.forget(session, at=at)
    if not settings.mail_url:
        return 0
    post, sent = Post.at(settings.mail_url, settings.mail_from), 0
    for _ in range(AT_ONCE):
        with apart() as session:
            message = outbox.claim(session, at=at)
            if message is not None:
                session.expunge(message)
        if message is None:
            break
        state, trouble, unreachable = Posting.SENT, "", False
        try:
            post.deliver(message, at=at)
        except PerhapsSent as unsure:
            state, trouble, unreachable = Posting.PERHAPS_SENT, unsure.trouble, True
        except NotSent as refused:
            state = Posting.FAILED if refused.for_good else Posting.WAITING
            trouble, unreachable = refused.trouble, refused.unreachable
            current_app.logger.info("message %s not sent: %s", message.uuid, trouble)
        with apart() as session:
            outbox.settle(session, message.id, state, at=at, trouble=trouble)
        sent += state is Posting.SENT
        if unreachable:
            break
    return sent
