"""A workshop's token speaks for its own workshop: what stands next door, or in another pole, is for a person to look at."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.machines.drive import Drive
from ordi.machines.evidence import Evidence
from ordi.machines.journal import Event
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.tokens import ApiToken, make_token, revoke
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.web.test_api import disks, dmi, inventory


@pytest.fixture
def bearer(session: Session, app: object, cast: Cast) -> dict[str, str]:
    """Our workshop's token; Sam answers for it."""
    _, secret = make_token(session, "établi", ["evidence:write"], cast.workshop, by=None, at=NOW, answers=cast.sam)
    session.commit()
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("whose", ["second_workshop", "other_workshop"])
@pytest.mark.parametrize("named_by", ["tag", "uuid", "serial"])
def test_a_token_writes_nothing_on_a_computer_of_another_workshop(
    visitor: TestApp, session: Session, cast: Cast, bearer: dict[str, str], whose: str, named_by: str
) -> None:
    theirs = a_machine(session, cast, State.READY, serial="PF0ORDI1", workshop=cast.workshop)
    theirs.system_uuid, theirs.manufacturer = "6f0d7c1e-93b4-4d2f-8a55-1c1d7be0a001", "LENOVO"
    theirs.workshop = getattr(cast, whose)
    session.commit()
    before = session.scalar(select(func.count()).select_from(Event).where(Event.machine_id == theirs.id))
    known = {"tag": dmi("X", ""), "uuid": dmi("", theirs.system_uuid), "serial": dmi("PF0ORDI1", "")}[named_by]
    report = inventory(dmidecode=known, lsblk=disks("STRANGE")) | ({"tag": theirs.tag} if named_by == "tag" else {})
    answer = visitor.post_json("/api/v1/evidence", report, headers=bearer).json
    assert (answer["recognised"], answer["tag"]) == ("ambiguous", None)
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Event).where(Event.machine_id == theirs.id)) == before
    assert session.scalars(select(Drive).where(Drive.serial == "STRANGE")).all() == []
    assert (theirs.state, theirs.workshop) == (State.READY, getattr(cast, whose))
    kept = session.scalars(select(Evidence).where(Evidence.uuid == report["uuid"])).one()
    assert (kept.machine_id, kept.workshop_id, kept.bench) == (None, cast.workshop.id, False)
    assert session.scalars(select(Machine)).all() == [theirs]


def test_a_token_revoked_writes_nothing_more(
    visitor: TestApp, session: Session, cast: Cast, bearer: dict[str, str]
) -> None:
    revoke(session, session.scalars(select(ApiToken)).one(), by=cast.zoe, at=NOW)
    session.commit()
    report = inventory(dmidecode=dmi())
    assert visitor.post_json("/api/v1/evidence", report, headers=bearer, status=401).json["code"] == "token-refused"
    assert session.scalars(select(Evidence)).all() == []
