"""A family that another service follows: the form says whom to call before it is filed, shows nothing of it, and files all the same."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.parties.organisations import Kind, found
from ordi.parties.people import Role, appoint, welcome
from ordi.sharing.look_alikes import PER_DAY, LookedAlike
from ordi.sharing.requests import Request
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing import families
from tests.sharing.families import a_request
from tests.web.test_sharing_pages import Enter, filed, step_on


@pytest.fixture(autouse=True)
def the_apps_own_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files opened by the tests are sealed with the keys of the application that reads them."""
    monkeypatch.setattr(families, "SEALER", app.extensions["ordi-sealer"])


@pytest.fixture
def enter_next_door(session: Session, cast: Cast, enter: Enter) -> Enter:
    """Inès now files for another service of the organisation in which a colleague follows Amina."""
    a_request(session, cast)
    cast.partner.siret, cast.partner.phone = "00000000100008", "01 99 00 43 21"
    sister = found(session, Kind.PARTNER, "Épicerie sociale", parent=cast.pole, at=cast.at, siret="00000000100016")
    samira = welcome(session, "Samira Jolly", at=cast.at)
    appoint(session, samira, Role.SOCIAL_WORKER, sister, at=cast.at)
    session.commit()
    return lambda _person: enter(samira)


def test_who_files_is_told_whom_to_call_and_files_all_the_same(
    session: Session, cast: Cast, enter_next_door: Enter
) -> None:
    (known,) = session.scalars(select(Request)).all()
    assert known.household is not None
    page = filed(session, cast, enter_next_door, name="amina DIALLO", phone="+33 6 12 34 56 78")
    assert page.status_int == 422
    assert "CCAS de Planoise a un dossier qui ressemble à celui-ci." in page
    assert "01 99 00 43 21" in page
    assert not [word for word in (known.code, known.household.code, "3 rue des Lilas", "Inès Moreau") if word in page]
    assert step_on(page, called=True).status_int == 302
    assert session.scalar(select(func.count()).select_from(Request)) == 2


def test_after_too_many_looks_the_form_says_so_and_tells_nothing(
    session: Session, cast: Cast, enter_next_door: Enter
) -> None:
    samira = session.scalars(select(LookedAlike)).all()
    assert samira == []
    first = filed(session, cast, enter_next_door, name="Rosa Lindt", phone="06 00 00 00 00")
    assert first.status_int == 302
    (look,) = session.scalars(select(LookedAlike)).all()
    session.add_all(LookedAlike(person_id=look.person_id, at=NOW) for _ in range(PER_DAY))
    session.commit()
    page = filed(session, cast, enter_next_door, name="Amina Diallo", phone="06 12 34 56 78")
    assert "Trop de recherches aujourd’hui." in page
    assert "ressemble" not in page
