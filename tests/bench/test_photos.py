"""Photographs of a machine: bounded, bare of what telephones add, removed for a reason and then gone."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from ordi.bench.photos import (
    MOST_PHOTOS,
    PhotoGone,
    TooManyPhotos,
    WhyRemoved,
    add_photo,
    photo_of,
    photos_of,
    remove_photo,
)
from ordi.bench.pictures import SMALL_PIXELS, PhotoUnusable
from ordi.errors import NotAllowed
from ordi.machines.journal import history
from ordi.machines.lifecycle import Note, State
from tests.bench.photographs import MAKER, a_photograph
from tests.cast import Cast
from tests.factories import a_machine


def test_a_photograph_keeps_what_it_shows_and_nothing_else(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    photo = add_photo(session, machine, a_photograph((2400, 1200)), by=cast.sam, at=now)
    for kept in (photo.jpeg, photo.small):
        assert MAKER.encode() not in kept
        assert not Image.open(io.BytesIO(kept)).getexif()
    assert max(Image.open(io.BytesIO(photo.small)).size) == SMALL_PIXELS[0]
    assert photos_of(session, machine) == [photo]


def test_a_machine_has_so_many_and_no_more(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    for _ in range(MOST_PHOTOS):
        last = add_photo(session, machine, a_photograph(), by=cast.sam, at=now)
    with pytest.raises(TooManyPhotos):
        add_photo(session, machine, a_photograph(), by=cast.sam, at=now)
    remove_photo(session, last, WhyRemoved.BLURRED, by=cast.sam, at=now)
    add_photo(session, machine, a_photograph(), by=cast.sam, at=now)
    assert len(photos_of(session, machine)) == MOST_PHOTOS


def test_what_is_removed_is_gone_and_the_history_says_why(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    photo = add_photo(session, machine, a_photograph(), by=cast.sam, at=now)
    remove_photo(session, photo, WhyRemoved.SHOWS_SOMEONE, by=cast.kim, at=now)
    assert (photo.jpeg, photo.small, photo_of(session, machine, photo.id)) == (b"", b"", None)
    assert '"because":"shows_someone"' in history(session, machine)[-1].facts
    with pytest.raises(PhotoGone):
        remove_photo(session, photo, WhyRemoved.BLURRED, by=cast.kim, at=now)


def test_what_is_no_picture_leaves_no_trace(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    for sent in (b"", b"<svg onload=alert(1)>", a_photograph()[:200]):
        with pytest.raises(PhotoUnusable):
            add_photo(session, machine, sent, by=cast.sam, at=now)
    assert Note.PHOTOGRAPHED not in [event.action for event in history(session, machine)]


def test_only_the_bench_photographs(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    photo = add_photo(session, machine, a_photograph(), by=cast.sam, at=now)
    for stranger in (cast.ada, cast.bruno, cast.noor):
        with pytest.raises(NotAllowed):
            add_photo(session, machine, a_photograph(), by=stranger, at=now)
        with pytest.raises(NotAllowed):
            remove_photo(session, photo, WhyRemoved.BLURRED, by=stranger, at=now)
