"""A certificate is the programme's own rule: one gives none, and another's may open a price."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ordi.sharing.prices import price_of
from ordi.sharing.programmes import NoSuchCertificate, Standing, draft, put_in_force
from ordi.sharing.training import NoCertificate, certify, has_finished
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import a_household, a_programme, a_request
from tests.sharing.test_thirteen import trained

TRAINING = {"sessions": 2, "minutes": 60}


def test_a_programme_without_a_certificate_gives_none_and_its_training_still_ends(session: Session, cast: Cast) -> None:
    programme = a_programme(
        session, cast, services=("machine", "training"), training=TRAINING | {"before_hand_over": True}
    )
    request = a_request(session, cast, programme)
    assert not has_finished(session, request)
    (seat,) = trained(session, cast, programme, request).members
    with pytest.raises(NoCertificate):
        certify(session, seat, by=cast.awa, at=NOW)
    assert seat.certificate is None
    assert has_finished(session, request)


def test_the_certificate_of_a_separate_training_opens_the_price_of_the_same_household_only(
    session: Session, cast: Cast
) -> None:
    learning = a_programme(
        session, cast, "ateliers-b", contract="none", services=("training",), training=TRAINING | {"certificate": True}
    )
    sale = a_programme(
        session,
        cast,
        "vente-b",
        contract="sale",
        price_cents=90_00,
        unlocked_price_cents=60_00,
        unlocked_by=("ateliers-b",),
    )
    family = a_household(session, cast)
    bought = a_request(session, cast, sale, household=family)
    other = a_request(session, cast, sale)
    learner = a_request(session, cast, learning, household=family)
    assert price_of(session, bought) == 90_00
    (seat,) = trained(session, cast, learning, learner).members
    certify(session, seat, by=cast.awa, at=NOW)
    assert (price_of(session, bought), price_of(session, other)) == (60_00, 90_00)


@pytest.mark.parametrize(("training", "refused"), [(TRAINING, True), (TRAINING | {"certificate": True}, False)])
def test_a_price_is_opened_only_by_a_certificate_that_somebody_gives(
    session: Session, cast: Cast, training: dict[str, object], refused: bool
) -> None:
    only = {"contract": "none", "services": ("training",), "training": training}
    sale = a_programme(
        session, cast, "sale", contract="sale", price_cents=90_00, unlocked_price_cents=60_00, unlocked_by=("learning",)
    )
    version = draft(session, cast.pole, sale.rules, by=cast.ada, at=NOW)
    with pytest.raises(NoSuchCertificate) as refusal:
        put_in_force(session, version, by=cast.ada, at=NOW)
    assert refusal.value.facts["codes"] == "learning"
    a_programme(session, cast, "learning", **only)
    if refused:
        with pytest.raises(NoSuchCertificate):
            put_in_force(session, version, by=cast.ada, at=NOW)
    else:
        put_in_force(session, version, by=cast.ada, at=NOW)
        assert (sale.standing, version.standing) == (Standing.REPLACED, Standing.IN_FORCE)
