"""Applications to a call: written as it goes, filed by who signs, changed until the close and never after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ordi.database import Base
from ordi.errors import Invalid, NotFound, Refused, SomeoneJustDidThis
from ordi.machines.machine import Form
from ordi.papers import next_number, year_of
from ordi.parties.access import grounds, require
from ordi.parties.organisations import Kind, Organisation, pole_of
from ordi.parties.people import Person
from ordi.sharing.calls import Call, Juror, NotForYourKind, Phase, calls_seen_by, hold_open, is_for
from ordi.sharing.needs import NeedCode
from ordi.sharing.requests import OutOfTerritory

LONGEST_PROJECT = 1500
SHORTEST_PROJECT = 30
MOST_JOINT = 4


class Standing(StrEnum):
    """Where an application is."""

    DRAFT = "draft"
    FILED = "filed"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What was decided."""

    ACCEPTED = "accepted"
    IN_PART = "in_part"
    REFUSED = "refused"
    WAITING = "waiting"


class ApplicationUnfinished(Refused):
    """Something is missing before it can be filed: `field` says what."""

    code = "application-unfinished"


class Application(Base):
    """What one organisation proposes to do, and what it asks for."""

    __tablename__ = "applications"
    __table_args__ = (UniqueConstraint("call_id", "partner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    """`C-2026-0012`."""
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    standing: Mapped[str] = mapped_column(String(12))
    project: Mapped[str] = mapped_column(String(LONGEST_PROJECT), default="")
    machines: Mapped[int] = mapped_column(default=0)
    form: Mapped[str] = mapped_column(String(12), default="")
    """Laptop, desktop; nothing: either."""
    needs: Mapped[str] = mapped_column(String(400), default="")
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    saved_at: Mapped[datetime]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    filed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(12), default="")
    granted: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(24), default="")
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    call: Mapped[Call] = relationship()
    partner: Mapped[Organisation] = relationship()
    signed_by: Mapped[Person | None] = relationship(foreign_keys=[signed_by_id])
    joint: Mapped[list[JointPartner]] = relationship(order_by="JointPartner.id", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol


class JointPartner(Base):
    """An organisation that makes the project with the applicant, and its part in it."""

    __tablename__ = "joint_partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    part: Mapped[str] = mapped_column(String(160))

    organisation: Mapped[Organisation] = relationship()


@dataclass(frozen=True)
class Writing:
    """What an application says so far; nothing of it has to be finished."""

    project: str = ""
    machines: int = 0
    form: str = ""
    needs: Sequence[str] = ()
    joint: Sequence[tuple[Organisation, str]] = ()


def save(
    session: Session, call: Call, partner: Organisation, said: Writing, *, by: Person, at: datetime
) -> Application:
    """Keep what is written so far. One that was filed stays filed, as it now reads: it must stay whole.

    Raises `NotAllowed`, `CallNotOpen`, `OutOfTerritory`, `NotForYourKind`, `Invalid`, `ApplicationUnfinished`, `SomeoneJustDidThis`.
    """
    require(by, "calls.apply", partner, at=at)
    _check(said, call, partner)
    hold_open(session, call, at)
    if pole_of(partner).id != call.pole_id:
        raise OutOfTerritory(programme=call.programme.code)
    if not is_for(session, call, partner, at=at):
        raise NotForYourKind(call=call.code)
    found = of_partner(session, call, partner) or _begin(session, call, partner, by, at)
    found.project, found.machines, found.form = said.project.strip(), said.machines, said.form
    found.needs, found.saved_at = " ".join(dict.fromkeys(said.needs)), at
    wanted = {one.id: part for one, part in said.joint}
    found.joint = [JointPartner(organisation_id=number, part=part) for number, part in wanted.items()]
    if found.standing == Standing.FILED:
        _check_whole(found)
    session.flush()
    return found


def file(session: Session, application: Application, *, by: Person, at: datetime) -> None:
    """Sign and file it: from now on it is judged as it stands at the close. Raises as `save`."""
    require(by, "calls.apply", application.partner, at=at)
    hold_open(session, application.call, at)
    session.refresh(application, with_for_update={"of": Application})
    _check_whole(application)
    application.standing, application.signed_by, application.filed_at = Standing.FILED, by, at
    session.flush()


def take_away(session: Session, application: Application, *, by: Person, at: datetime) -> None:
    """Withdraw it before the close; it can be filed again until then. Raises `NotAllowed`, `CallNotOpen`."""
    require(by, "calls.apply", application.partner, at=at)
    hold_open(session, application.call, at)
    session.refresh(application, with_for_update={"of": Application})
    application.standing = Standing.WITHDRAWN
    session.flush()


def of_partner(session: Session, call: Call, partner: Organisation) -> Application | None:
    """What an organisation writes for a call."""
    return session.scalar(
        select(Application).where(Application.call_id == call.id, Application.partner_id == partner.id)
    )


def filed_for(call: Call) -> Select[Application]:
    """The applications that are judged."""
    return select(Application).where(Application.call_id == call.id, Application.standing == Standing.FILED)


def seen_application(session: Session, reader: Person, code: str, *, at: datetime) -> Application:
    """One that `reader` judges or decides on, once the call is closed. Raises `NotFound` alike otherwise."""
    run = calls_seen_by(reader, "calls.run", at=at).with_only_columns(Call.id)
    judges = select(Juror.call_id).where(Juror.person_id == reader.id, Juror.left_at.is_(None))
    found = session.scalar(
        select(Application).where(
            Application.code == code.upper(),
            Application.standing == Standing.FILED,
            or_(Application.call_id.in_(run), Application.call_id.in_(judges)),
        )
    )
    if found is None or found.call.phase(at) in (Phase.ANNOUNCED, Phase.OPEN):
        raise NotFound(application=code[:16])
    return found


def partners_of(reader: Person, *, at: datetime) -> list[Organisation]:
    """The organisations that `reader` signs for."""
    held = (one.organisation for one in grounds(reader, "calls.apply", at))
    return list({one.id: one for one in held if one.kind == Kind.PARTNER}.values())


def _begin(session: Session, call: Call, partner: Organisation, by: Person, at: datetime) -> Application:
    code = f"C-{year_of(at)}-{next_number(session, 'application', year_of(at)):04d}"
    begun = Application(
        code=code, call=call, partner=partner, standing=Standing.DRAFT, made_by_id=by.id, saved_at=at, joint=[]
    )
    try:
        with session.begin_nested():
            session.add(begun)
    except IntegrityError:
        raise SomeoneJustDidThis(call=call.code) from None
    return begun


def _check(said: Writing, call: Call, partner: Organisation) -> None:
    joint = [one for one, _part in said.joint]
    wrong = {
        "project": len(said.project.strip()) > LONGEST_PROJECT,
        "machines": not 0 <= said.machines <= call.most_each,
        "form": said.form not in ("", Form.LAPTOP, Form.DESKTOP),
        "needs": not set(said.needs) <= set(NeedCode),
        "joint": len(joint) > MOST_JOINT
        or any(one.kind != Kind.PARTNER or one.parent_id != call.pole_id or one.id == partner.id for one in joint)
        or any(len(part) > 160 for _one, part in said.joint),
    }
    for field, is_wrong in wrong.items():
        if is_wrong:
            raise Invalid(field=field, why="unusable")


def _check_whole(application: Application) -> None:
    missing = {
        "project": len(application.project) < SHORTEST_PROJECT,
        "machines": not application.machines,
        "needs": not application.needs,
        "joint": application.call.joint and not application.joint,
    }
    for field, is_missing in missing.items():
        if is_missing:
            raise ApplicationUnfinished(call=application.call.code, lacks=f"call-{field}")
