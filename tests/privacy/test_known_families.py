"""A family that comes back is told apart from one that never came, and loses nothing by coming back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ordi.parties.households import Contact, open_file, read_file, told_again
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.families import SEALER


def test_what_a_known_family_does_not_tell_again_stays(session: Session, cast: Cast) -> None:
    first = Contact("Amina Diallo", phone="06 12 34 56 78", address="2 rue du Pont", language="ar")
    household = open_file(session, cast.partner, first, sealer=SEALER, by=cast.ines, at=NOW)
    back = Contact("Amina Diallo", email="amina@example.org", address=" ")
    told_again(session, household, back, sealer=SEALER, by=cast.ines, at=NOW)
    assert read_file(session, household, sealer=SEALER, by=cast.ines, at=NOW) == Contact(
        "Amina Diallo", phone=first.phone, email="amina@example.org", address=first.address, language="fr"
    )
