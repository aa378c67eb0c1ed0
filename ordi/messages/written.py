"""A message as it leaves, and the two ways in which a server does not take it."""

from __future__ import annotations

from dataclasses import dataclass

from ordi.messages.outbox import Message


class NotSent(Exception):
    """The server did not take it. `trouble` is a code; `unreachable` says that no other message would fare better."""

    def __init__(self, trouble: str, *, for_good: bool = False, unreachable: bool = False) -> None:
        super().__init__(trouble)
        self.trouble, self.for_good, self.unreachable = trouble, for_good, unreachable


class PerhapsSent(Exception):
    """The line broke after the text was given: nobody knows."""

    def __init__(self, trouble: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True)
class Written:
    """Words and an address, made for one sending and kept nowhere."""

    uuid: str
    """Known by it when it comes twice: the Message-ID of a mail, the key of a text."""
    recipient: str
    subject: str
    body: str
    attachment_name: str = ""
    attachment: bytes = b""

    @classmethod
    def of(cls, message: Message) -> Written:
        """A message that holds its own words."""
        return cls(
            message.uuid,
            message.recipient,
            message.subject,
            message.body,
            message.attachment_name,
            message.attachment,
        )
