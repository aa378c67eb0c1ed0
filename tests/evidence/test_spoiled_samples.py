"""Every real output we were given, spoiled as files are on their way: never a 5xx, never lost, and what is not understood says so.

What is drawn comes from each file's own name: the same spoiled files every time, everywhere.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.machines.evidence import Evidence, content_of
from ordi.machines.formats import format_of
from tests.evidence.conftest import SendFile
from tests.ground.tiers import SAMPLES

FORMATS = {"glpi-inventory": "glpi", "dmidecode": "dmidecode", "smartctl-json": "smartctl"}
"""What each folder holds; nobody reads a battery's or a list of drives on its own, and those are kept all the same."""

FILES = [file for file in sorted(Path(SAMPLES).glob("*/*")) if file.is_file()]
DEEP = (b"[" * 5000 + b"]" * 5000, b'{"a":' * 5000, b"<node>" * 5000)
NO_TEXT = (b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x00")
HUGE = 1 << 20

Spoil = Callable[[bytes, random.Random], bytes]


def cut(body: bytes, draw: random.Random) -> bytes:
    """The end never arrived."""
    return body[: draw.randrange(len(body))]


def no_text(body: bytes, draw: random.Random) -> bytes:
    """Bytes that are no UTF-8, in a few places."""
    for _ in range(draw.randint(1, 6)):
        place = draw.randrange(len(body))
        body = body[:place] + draw.choice(NO_TEXT) + body[place:]
    return body


def deep(body: bytes, draw: random.Random) -> bytes:
    """Five thousand levels, somewhere in it."""
    place = draw.randrange(len(body))
    return body[:place] + draw.choice(DEEP) + body[place:]


def huge(body: bytes, draw: random.Random) -> bytes:
    """One piece of it, again and again, until it weighs a megabyte."""
    start = draw.randrange(len(body))
    piece = body[start : start + draw.randint(1, 4000)]
    return body[:start] + piece * (HUGE // len(piece)) + body[start:]


@pytest.mark.samples
@pytest.mark.parametrize(("spoil", "every"), [(cut, 1), (no_text, 1), (deep, 1), (huge, 5)])
def test_a_real_output_spoiled_is_answered_and_kept(
    send_file: SendFile, session: Session, spoil: Spoil, every: int
) -> None:
    sent: dict[str, bytes] = {}
    for file in FILES[::every]:
        body = spoil(file.read_bytes(), random.Random(f"{spoil.__name__} {file.name}"))
        told = send_file(FORMATS.get(file.parent.name, "dmidecode"), body)
        assert told.status_int in (200, 201), (file.name, told.text[:200])
        assert not str(told.json["reason"] or "").startswith("reader-failed"), (file.name, told.json)
        sent[hashlib.sha256(body).hexdigest()] = body
    kept = session.scalars(select(Evidence).order_by(Evidence.id)).all()
    assert {one.sha256 for one in kept} == set(sent)
    for one in kept:
        assert one.parsed or one.reason, one.uuid
        if sent[one.sha256]:
            assert content_of(one), one.uuid
        if not one.parsed and format_of(sent[one.sha256]) is None:
            assert content_of(one) == sent[one.sha256], one.uuid


@pytest.mark.samples
def test_the_samples_are_of_every_kind_we_read() -> None:
    assert {file.parent.name for file in FILES} >= set(FORMATS)
