"""The list of a school: 36 children of three classes, siblings among them, opened to machines; the first few are served; and a class that leaves."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from uuid import UUID

from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.demonstration.network import Network, Workshop
from ordi.journeys.keeping import answer
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.organisations import pole_of
from ordi.parties.people import Membership, Person, Role
from ordi.sealing import Sealer
from ordi.sharing.class_desks import Sent, serve
from ordi.sharing.class_lists import ClassPupil, file_list, open_list
from ordi.sharing.class_loans import ask_list, loan_of
from ordi.sharing.class_reading import Line
from ordi.sharing.consents import CURRENT_TEXT
from ordi.sharing.filing import Reading
from ordi.sharing.loan_ends import Answer
from ordi.sharing.programmes import write
from ordi.sharing.requests import withdraw
from ordi.sharing.rules import Service
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
CHILDREN, SERVED, LEAVING = 36, 3, 6


def a_school(session: Session, network: Network, sealer: Sealer, *, at: datetime) -> None:
    """File the list last week, open it three days ago, serve a few this morning."""
    room = network.workshops[0]
    partner, ada = room.partners[0].organisation, room.coordinator
    officer = _officer(session)
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
    ready = _ready(session, room)
    for number, machine in enumerate(ready[: min(SERVED, len(ready) // 2)]):  # some stay ready for others
        then = at - timedelta(hours=2)
        act = Sent(str(UUID(int=360 + number)), "1", ((pupils[3 + number].id, machine.tag),), _ink(), then)
        serve(session, filed.the_list, act, by=officer, at=then)


def a_class_leaves(session: Session, network: Network, sealer: Sealer, *, at: datetime) -> None:
    """A class that leaves for 6e in forty days: written to, one keeps its computer, one returns it, the others are silent."""
    room, rules, officer = network.workshops[0], example("besancon-ecoles"), _officer(session)
    assert rules
    partner, ada, lent_on = room.partners[0].organisation, room.coordinator, at - timedelta(days=6)
    told = {
        "code": "cm2",
        "name": "Prêt d’un an aux CM2",
        "open_from": (at - timedelta(days=30)).date(),
        "loan_ends": (at + timedelta(days=40)).date(),
        "loan_until": None,
        "postcodes": (),
        "training": None,
        "services": (Service.MACHINE,),
    }
    programme = write(session, pole_of(partner), rules.model_copy(update=told), at=at - timedelta(days=30))
    lines = [
        Line(
            number + 2,
            ("CM2 A", "CM2 B")[number % 2],
            f"{_FIRST[number]} {_LAST[-1 - number]}",
            f"Parent {_LAST[-1 - number]}",
        )
        for number in range(LEAVING)
    ]
    filed = file_list(
        session,
        partner,
        programme,
        "CM2 qui partent, école des Prés",
        lines,
        attested=tuple(programme.required),
        form_uuid=str(UUID(int=37)),
        by=officer,
        at=at - timedelta(days=8),
        sealer=sealer,
    )
    open_list(session, filed.the_list, by=ada, at=at - timedelta(days=7))
    pupils = session.scalars(
        select(ClassPupil).where(ClassPupil.list_id == filed.the_list.id).order_by(ClassPupil.id)
    ).all()
    ready = _ready(session, room)
    for number, (pupil, machine) in enumerate(zip(pupils, ready[: len(ready) // 3], strict=False)):
        act = Sent(str(UUID(int=370 + number)), "1", ((pupil.id, machine.tag),), _ink(), lent_on)
        serve(session, filed.the_list, act, by=officer, at=lent_on)
    ask_list(session, filed.the_list, 1, by=ada, at=at - timedelta(days=3))
    answers = (Answer.KEEP, Answer.RETURN)
    for pupil, said in zip(pupils, answers, strict=False):
        if (lent := loan_of(session, pupil)) is not None:
            read = Reading(CURRENT_TEXT, "fr")
            answer(session, lent, said, read, accepts_check_ins=True, by=officer, at=at - timedelta(days=1))


def _officer(session: Session) -> Person:
    held = select(Person).join(Membership).where(Membership.role == Role.SCHOOL_OFFICER)
    return session.scalars(held.order_by(Person.id).limit(1)).one()


def _ready(session: Session, room: Workshop) -> list[Machine]:
    return list(
        session.scalars(
            select(Machine)
            .where(Machine.state == State.READY, Machine.workshop_id == room.organisation.id, Machine.held_for == "")
            .order_by(Machine.id)
        )
    )


def _ink() -> bytes:
    picture = Image.new("L", (300, 90), 255)
    ImageDraw.Draw(picture).line([(20, 60), (80, 20), (120, 70), (200, 30), (280, 55)], fill=0, width=4)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
