"""A machine that stands elsewhere: who keeps it has custody of it, and the paper says who has which part."""

from __future__ import annotations

import json

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.machines.custody import CustodyTransfer, Holder, holder_of
from ordi.machines.journal import verify
from ordi.parties.organisations import Kind, found
from ordi.sharing.allocation import allocate
from ordi.sharing.filing import Filing, file_request
from ordi.sharing.hand_over import hand_over
from ordi.sharing.placements import place
from ordi.sharing.promises import Allocation
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_programme, a_signature


def placed_at_the_tilleuls(session: Session, cast: Cast) -> Allocation:
    """The association owns it, a retirement home keeps it, the association's own animator runs it."""
    programme = a_programme(session, cast, holder="association", placed=True)
    request = file_request(session, cast.partner, Filing(programme, ("paperwork",)), by=cast.said, at=NOW)
    promise = allocate(session, a_machine(session, cast), request, by=cast.ada, at=NOW)
    home = found(session, Kind.PARTNER, "Maison de retraite des Tilleuls", parent=cast.pole, at=NOW)
    place(session, request, owner=cast.partner, keeper=home, operator=cast.partner, where="Salon", by=cast.said, at=NOW)
    return hand_over(session, promise, a_signature(), by=cast.said, at=NOW)


def test_the_keeper_has_custody_not_who_asked(session: Session, cast: Cast) -> None:
    given = placed_at_the_tilleuls(session, cast)
    held = holder_of(session, given.machine)
    assert held
    assert held.organisation
    assert (held.holder, held.organisation.name) == (Holder.PARTNER, "Maison de retraite des Tilleuls")
    assert held.signature


def test_the_paper_keeps_who_had_which_part_on_that_day(session: Session, cast: Cast) -> None:
    given = placed_at_the_tilleuls(session, cast)
    assert given.paper
    said = json.loads(given.paper.facts)["placed"]
    home = "Maison de retraite des Tilleuls"
    assert said == {"owner": cast.partner.name, "keeper": home, "operator": cast.partner.name, "place": "Salon"}


def test_a_machine_that_moves_passes_into_the_new_keepers_custody_once(session: Session, cast: Cast) -> None:
    given = placed_at_the_tilleuls(session, cast)
    lycee = found(session, Kind.PARTNER, "Lycée Pergaud", parent=cast.pole, at=NOW)
    for room in ("FabLab", "Salle 12"):
        place(
            session,
            given.request,
            owner=cast.partner,
            keeper=lycee,
            operator=cast.partner,
            where=room,
            by=cast.ada,
            at=NOW,
        )
    held = holder_of(session, given.machine)
    assert held
    assert held.organisation_id == lycee.id
    moves = select(func.count()).where(
        CustodyTransfer.machine_id == given.machine.id, CustodyTransfer.holder == Holder.PARTNER
    )
    assert session.scalar(moves) == 2
    assert not list(verify(session))
