"""Communes and priority districts from the terminal: bring an official file in, without a network."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from ordi.errors import Invalid
from ordi.places.files import LARGEST, read_list
from ordi.places.importing import Plan, plan, take
from web.commands.installation import database, now

SHIPPED = Path(__file__).parent.parent / "static" / "vendor" / "communes.csv"
"""The communes that came with this Ordi (`web/vendoring.py`)."""

_WHY = {
    "too-large": f"it is larger than {LARGEST:,} bytes",
    "too-many": "it has too many lines",
    "not-text": "it is not a text file",
    "not-a-table": "a quotation mark is not closed",
    "spoiled": "its accents are spoiled: download it again, without opening it in a spreadsheet",
    "not-places": "its first line names neither communes with postcodes nor priority districts with communes",
    "nothing": "it has no line",
    "too-many-wrong": "too many of its lines cannot be read: is it the right file?",
}


@click.group()
def places() -> None:
    """Communes, their postcodes, and priority districts (QPV)."""


@places.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--look", is_flag=True, help="Say what it would change, and change nothing.")
def places_import(file: Path | None, look: bool) -> None:
    """Bring in FILE: La Poste's list of postcodes, or the ANCT's list of priority districts (CSV).

    Without FILE: the communes that came with this Ordi. Again does nothing; what a file no longer lists is offered no more, and lost nowhere.
    """
    chosen = file or SHIPPED
    if not chosen.is_file():
        raise click.ClickException("no list of communes came with this Ordi: name a file")
    try:
        with chosen.open("rb") as opened:
            told = read_list(opened.read(LARGEST + 1))
    except Invalid as refusal:
        why = _WHY.get(str(refusal.facts.get("why")), str(refusal))
        raise click.ClickException(f"nothing was changed: {why}") from None
    with database() as session:
        done = plan(session, told) if look else take(session, told, by=None, at=now())
        session.commit()
    _say(done)


def bring_shipped(session: Session, *, at: datetime) -> None:
    """Bring in the communes that came with this Ordi, when they did."""
    if SHIPPED.is_file():
        take(session, read_list(SHIPPED.read_bytes()), by=None, at=at)


def _say(done: Plan) -> None:
    counts = {"new": len(done.new), "changed": len(done.changed), "gone": len(done.gone), "same": done.same}
    click.echo(f"{done.told.kind}: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    for line in done.told.wrong:
        click.echo(f"line {line.number} left out: no {line.why}", err=True)
