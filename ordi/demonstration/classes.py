"""The list of a school: 36 children of three classes, siblings among them, opened to machines; the first few are served."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from uuid import UUID

from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.demonstration.network import Network
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.organisations import pole_of
from ordi.parties.people import Membership, Person, Role
from ordi.sealing import Sealer
from ordi.sharing.class_desks import Sent, serve
from ordi.sharing.class_lists import ClassPupil, file_list, open_list
from ordi.sharing.class_reading import Line
from ordi.sharing.programmes import write
from ordi.sharing.requests import withdraw
from ordi.sharing.shipped import example

_CLASSES = ("CE2 A", "CM1 B", "CM2")
_FIRST = (
    "Adèle",
    "Bachir",
    "Chloé",
    "Driss",
    "Élise",
    "Fodé",
    "Gabriel",
    "Hanaé",
    "Issa",
    "Jeanne",
    "Kylian",
    "Loubna",
)
_LAST = (
    "Abrantès",
    "Beaucanal",
    "Cissodo",
    "Dervaux-Lune",
    "Esnaultier",
    "Farhaoud",
    "Gentilhac",
    "Hocquelin",
    "Ivaneski",
)
CHILDREN, SERVED = 36, 3


def a_school(session: Session, network: Network, sealer: Sealer, *, at: datetime) -> None:
    """File the list last week, open it three days ago, serve a few this morning."""
    room = network.workshops[0]
    partner, ada = room.partners[0].organisation, room.coordinator
    officer = session.scalars(
        select(Person).join(Membership).where(Membership.role == Role.SCHOOL_OFFICER).order_by(Person.id).limit(1)
    ).one()
    rules = example("besancon-ecoles")
    assert rules
    since = {
        "open_from": (at - timedelta(days=30)).date(),
        "loan_ends": date(at.year + 3, 7, 5),
        "postcodes": (),
    }
    programme = write(session, pole_of(partner), rules.model_copy(update=since), at=at - timedelta(days=30))
    lines = []
    for number in range(CHILDREN):
        home = number - (number % 9 == 1)  # every ninth is the brother or sister of the one before
        name, phone = _LAST[home % len(_LAST)], f"06 39 98 9{home // 10} {home % 10}0"
        child = f"{_FIRST[(number * 5) % len(_FIRST)]} {name}"
        lines.append(Line(number + 2, _CLASSES[number % len(_CLASSES)], child, f"Parent {name} {home}", phone))
    filed = file_list(
        session,
        partner,
        programme,
        "Rentrée, école du Four-à-Chaux",
        lines,
        attested=tuple(programme.required),
        form_uuid=str(UUID(int=36)),
        by=officer,
        at=at - timedelta(days=7),
        sealer=sealer,
    )
    open_list(session, filed.the_list, by=ada, at=at - timedelta(days=3))
    pupils = session.scalars(
        select(ClassPupil).where(ClassPupil.list_id == filed.the_list.id).order_by(ClassPupil.id)
    ).all()
    withdraw(session, pupils[-1].request, by=officer, at=at - timedelta(days=2))
    ready = list(
        session.scalars(
            select(Machine)
            .where(Machine.state == State.READY, Machine.workshop_id == room.organisation.id, Machine.held_for == "")
            .order_by(Machine.id)
        )
    )
    for number, machine in enumerate(ready[: min(SERVED, len(ready) // 2)]):  # some stay ready for others
        then = at - timedelta(hours=2)
        act = Sent(str(UUID(int=360 + number)), "1", ((pupils[3 + number].id, machine.tag),), _ink(), then)
        serve(session, filed.the_list, act, by=officer, at=then)


def _ink() -> bytes:
    picture = Image.new("L", (300, 90), 255)
    ImageDraw.Draw(picture).line([(20, 60), (80, 20), (120, 70), (200, 30), (280, 55)], fill=0, width=4)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
