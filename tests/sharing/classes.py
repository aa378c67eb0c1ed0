"""A school's morning: a class list filed, opened to machines, and what a desk sends."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.sharing.class_desks import Sent
from ordi.sharing.class_lists import ClassList, ClassPupil, Filed, file_list, open_list
from ordi.sharing.class_reading import read
from ordi.sharing.programmes import Programme
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import SEALER, a_programme, a_signature

SMALL = """Classe;Élève;Responsable;Téléphone
CE2 A;Amina Diallo;Fatou Diallo;06 12 34 56 78
CM1 B;Ibrahim Diallo;Fatou Diallo;+33 6 12 34 56 78
CE2 A;Léo Martin;Anne Martin;
CE2 A;Zoé Martin;Anne Martin;
"""
"""Two siblings; two of one name whom nothing proves to be of one family."""


@cache
def ink() -> bytes:
    """A signature, drawn once."""
    return a_signature()


def a_school_loan(session: Session, cast: Cast, **rules: object) -> Programme:
    """Lent until the entry into 6e, as the example says, on a pupil's word."""
    told: dict[str, object] = {
        "contract": "loan",
        "loan_ends": date(2029, 7, 5),
        "ends_at": "l’entrée en 6e",
        "may_keep": True,
        "requesters": ("school",),
        "criteria": ("pupil",),
    }
    return a_programme(session, cast, code="classes", **told | rules)


def file_text(session: Session, cast: Cast, programme: Programme, text: str, form_uuid: str = "") -> Filed:
    """What Éva, of the school, files."""
    how = {"attested": ("pupil",), "by": cast.eva, "at": NOW, "sealer": SEALER}
    lines = read(text).lines
    return file_list(session, cast.partner, programme, "Rentrée", lines, form_uuid=form_uuid or str(uuid4()), **how)  # type: ignore[arg-type]


def an_open_list(session: Session, cast: Cast, text: str = SMALL, programme: Programme | None = None) -> ClassList:
    """A list that Ada opened to her machines."""
    filed = file_text(session, cast, programme or a_school_loan(session, cast), text)
    open_list(session, filed.the_list, by=cast.ada, at=NOW)
    return filed.the_list


def pupils_of(session: Session, the_list: ClassList) -> list[ClassPupil]:
    """The children, as their lines stood."""
    return list(session.scalars(select(ClassPupil).where(ClassPupil.list_id == the_list.id).order_by(ClassPupil.id)))


def sent(
    *gifts: tuple[int, str], desk: str = "1", uuid: str = "", at: datetime = NOW, known: int | None = None
) -> Sent:
    """One act of a desk."""
    return Sent(uuid or str(uuid4()), desk, gifts, ink(), at, known=known)
