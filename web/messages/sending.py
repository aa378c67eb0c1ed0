"""The worker's round of the outbox: what is due leaves, each message in short transactions of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from flask import current_app
from sqlalchemy.orm import Session

from ordi.messages import outbox
from ordi.messages.gateway import Gateway, TextFile
from ordi.messages.outbox import Channel, Message, Posting
from ordi.messages.post import Post
from ordi.messages.written import NotSent, PerhapsSent, Written
from web.keyring import sealer
from web.messages.composing import Unreachable, written
from web.session import apart
from web.settings import Settings
from web.worker import duty

AT_ONCE = 20
"""Messages sent in one turn of the worker, by each way: the others do not wait long."""


class Carrier(Protocol):
    """What takes a message away."""

    @property
    def keyed(self) -> bool:
        """Whether what comes twice under one key is known."""

    def deliver(self, message: Written, *, at: datetime) -> None:
        """Raises `NotSent`, `PerhapsSent`."""


@duty("messages", sends=True)
def send_messages(_session: Session, settings: Settings, at: datetime) -> int:
    """Send what is due by mail and by text; a way that cannot be reached is left until the next turn."""
    with apart() as session:
        outbox.abandon(session, at=at)
        outbox.forget(session, at=at)
    sent = 0
    for channel, carrier in carriers(settings).items():
        for _ in range(AT_ONCE):
            went = _next(channel, carrier, settings, at)
            sent += went is Posting.SENT
            if went is None:
                break
    return sent


def carriers(settings: Settings) -> dict[Channel, Carrier]:
    """The ways this installation has."""
    ways: dict[Channel, Carrier] = {}
    if settings.mail_url:
        ways[Channel.MAIL] = Post.at(settings.mail_url, settings.mail_from)
    gateway = settings.text_gateway
    if gateway is not None:
        ways[Channel.TEXT] = _Texts(gateway)
    return ways


class _Texts:
    """A gateway as a carrier."""

    def __init__(self, gateway: Gateway | TextFile) -> None:
        self._gateway = gateway

    @property
    def keyed(self) -> bool:
        return self._gateway.keyed

    def deliver(self, message: Written, *, at: datetime) -> None:
        self._gateway.deliver(message)


def _next(channel: Channel, carrier: Carrier, settings: Settings, at: datetime) -> Posting | None:
    """Send the next message of a way: how it ended; nothing when none is due, or no other would fare better."""
    with apart() as session:
        message = outbox.claim(session, channel, at=at)
        number = message.id if message else 0
        ready = _ready(session, message, settings, at) if message else None
    if not number:
        return None
    if ready is None:
        return Posting.DROPPED  # it goes another way, or nowhere
    state, trouble, unsure, unreachable = Posting.SENT, "", False, False
    try:
        carrier.deliver(ready, at=at)
    except PerhapsSent as unknown:
        state = Posting.WAITING if carrier.keyed else Posting.PERHAPS_SENT
        trouble, unsure, unreachable = unknown.trouble, True, True
    except NotSent as refused:
        state = Posting.FAILED if refused.for_good else Posting.WAITING
        trouble, unreachable = refused.trouble, refused.unreachable
    if trouble:
        current_app.logger.info("message %s not sent: %s", ready.uuid, trouble)
    with apart() as session:
        outbox.settle(session, number, state, at=at, trouble=trouble, unsure=unsure)
    return None if unreachable else state


def _ready(session: Session, message: Message, settings: Settings, at: datetime) -> Written | None:
    """Its words and address; without an address somebody says it instead, and an erased family is told nothing."""
    try:
        return written(session, message, sealer(), settings.phone)
    except Unreachable as why:
        astray(session, message, why, at=at)
        return None


def astray(session: Session, message: Message, why: Unreachable, *, at: datetime) -> None:
    """The file has no address for the way it was to go."""
    if why.erased:
        outbox.settle(session, message.id, Posting.DROPPED, at=at, trouble="erased")
    else:
        outbox.reroute(session, message.id, Channel.SPOKEN, at=at)
