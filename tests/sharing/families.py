"""Families and their requests: small hands for the tests of sharing."""

from __future__ import annotations

import io
from datetime import datetime

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from ordi import legal_rules
from ordi.machines.machine import Machine
from ordi.parties.households import Contact, Household, open_file
from ordi.sealing import Sealer
from ordi.sharing import programmes
from ordi.sharing.allocation import Allocation, allocate
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.hand_over import hand_over
from ordi.sharing.programmes import Programme
from ordi.sharing.requests import Request
from ordi.sharing.rules import Rules
from ordi.sharing.shipped import ship
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW

SEALER = Sealer(b"k" * 32)


def the_programmes(session: Session, cast: Cast) -> dict[str, Programme]:
    """The shipped programmes, by code, with the law's thresholds."""
    legal_rules.ship(session)
    ship(session, cast.pole, at=cast.at)
    return {one.code: one for one in programmes.open_programmes(session, cast.partner, NOW.date())}


def a_programme(session: Session, cast: Cast, code: str = "test", **rules: object) -> Programme:
    """A gift without conditions, or what is said otherwise."""
    legal_rules.ship(session)
    given = {"name": "Essai", "contract": "gift", "open_from": cast.at.date()} | rules
    return programmes.write(session, cast.pole, Rules(code=code, **given), at=cast.at)  # type: ignore[arg-type]


def a_household(session: Session, cast: Cast, name: str = "Amina Diallo") -> Household:
    """A family's file, opened by Inès."""
    contact = Contact(name=name, phone="0612345678", address="3 rue des Lilas")
    return open_file(session, cast.partner, contact, sealer=SEALER, by=cast.ines, at=NOW)


def a_request(
    session: Session,
    cast: Cast,
    programme: Programme | None = None,
    *,
    needs: tuple[str, ...] = ("paperwork",),
    attested: tuple[str, ...] = (),
    household: Household | None = None,
    at: datetime = NOW,
    note: str = "",
) -> Request:
    """A family's request, filed by Inès with every condition attested."""
    programme = programme or a_programme(session, cast, code=f"p{session.query(Programme).count()}")
    filing = Filing(
        programme=programme,
        needs=needs,
        attested=(*programme.required, *attested),
        household=household or a_household(session, cast),
        consent=Reading("2026-1", "fr"),
        note=note,
    )
    return file_request(session, cast.partner, filing, by=cast.ines, at=at, sealer=SEALER)


def a_promise(
    session: Session, cast: Cast, machine: Machine | None = None, request: Request | None = None
) -> Allocation:
    """A ready machine promised by Ada."""
    return allocate(
        session,
        machine or a_machine(session, cast),
        request or a_request(session, cast),
        by=cast.ada,
        at=NOW,
    )


def a_signature(size: tuple[int, int] = (400, 160), *, drawn: bool = True) -> bytes:
    """What the canvas sends: strokes on a transparent ground, or nothing."""
    picture = Image.new("RGBA", size)
    if drawn:
        ImageDraw.Draw(picture).line([(20, 100), (120, 30), (200, 120), (360, 50)], fill=(10, 10, 40, 255), width=5)
    sent = io.BytesIO()
    picture.save(sent, "PNG")
    return sent.getvalue()


def handed_over(session: Session, cast: Cast, **given: object) -> Allocation:
    """A machine signed over by Inès."""
    promise = a_promise(session, cast, **given)  # type: ignore[arg-type]
    return hand_over(session, promise, a_signature(), by=cast.ines, at=NOW)
