"""Free labels, a sheet a workshop, for computers that nobody announced; the printers they went through, a roll measured by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from ordi.demonstration.network import Network, Workshop
from ordi.labels import queue
from ordi.labels.printers import Printer, add_printer, calibrate
from ordi.labels.printings import Item, Stage, Way, print_labels
from ordi.labels.stocks import SHIPPED, Stock, save_stock
from ordi.machines.labels import print_free

SHEET = 24
_MADE_ON = SHIPPED["24-70x37"]
_NARROW_ROLL = Stock(
    "", (54, 25.4), 1, 1, (54, 25.4), 0, 0, (54, 25.4), corner=2, roll=True, dpi=203, name="Rouleau bleu"
)


def free_labels(session: Session, network: Network, random: Random, *, at: datetime) -> None:
    """One sheet in the drawer of each workshop, and half a second one."""
    for number, workshop in enumerate(network.workshops):
        when = at - timedelta(days=9 + 11 * number)
        label_printer = _equip(session, workshop, at=when - timedelta(days=30))
        made = print_free(session, workshop.organisation, SHEET, by=workshop.lead, at=when, random=random)
        for part, labels in (("sheet", made), ("again", made[:7])):
            print_labels(
                session,
                workshop.organisation,
                [Item(one.tag, f"/M/{one.tag}") for one in labels],
                _MADE_ON,
                Way.PAPER,
                uuid=str(UUID(int=random.getrandbits(128), version=4)),
                kind="free",
                subject=str(made[0].id),
                by=workshop.lead,
                at=when if part == "sheet" else when + timedelta(hours=2),
            )

        _out_of_labels(session, workshop, label_printer, random, at=when + timedelta(hours=3))


def _out_of_labels(session: Session, workshop: Workshop, printer: Printer, random: Random, *, at: datetime) -> None:
    """A shelf's label that waits: the printer had no roll left."""
    waiting = print_labels(
        session,
        workshop.organisation,
        [Item("A2", "/A/SHELVE/A2", ("Étagère",))],
        SHIPPED["1-62x29"],
        Way.NETWORK,
        uuid=str(UUID(int=random.getrandbits(128), version=4)),
        kind="shelf",
        subject=f"{workshop.organisation.id}/A2",
        printer=printer,
        by=workshop.technicians[0],
        at=at,
    )
    queue.claim(session, waiting.id, at=at)
    queue.settle(session, waiting.id, Stage.WAITING, at=at, trouble="paper-out")


def _equip(session: Session, workshop: Workshop, *, at: datetime) -> Printer:
    """An office printer that shrinks a little, a label printer on this very computer, and a roll nobody sells by name."""
    where, lead = workshop.organisation, workshop.lead
    office = add_printer(session, where, name="Imprimante du bureau", by=lead, at=at)
    calibrate(session, office, where, rulers=(149.2, 199.0), cross=(21.0, 20.5), by=lead, at=at)
    save_stock(session, where, _NARROW_ROLL, by=lead, at=at)
    return add_printer(session, where, name="Zebra de l’établi", address="127.0.0.1", by=lead, at=at)
