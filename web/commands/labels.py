"""Sheets of free labels, to print before any machine bears them."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from ordi.machines.labels import MOST, print_free
from ordi.parties.people import Person
from web.commands.installation import database, now, organisation_named, settings
from web.papers.labels_pdf import STOCKS, Found, LabelTooSmall, labels_pdf


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--in", "where", required=True, help="The workshop they are for: its name or number.")
@click.option("--by", "op_code", required=True, help="Who prints them: the person's code, OP-0001.")
@click.option("--count", type=click.IntRange(1, MOST), default=24, show_default=True)
@click.option(
    "--format", "layout", type=click.Choice(list(STOCKS)), default="24-70x37", show_default=True, help="Millimetres."
)
@click.option(
    "--skip", type=click.IntRange(0, 64), default=0, show_default=True, help="Places already used on the first sheet."
)
def labels(file: Path, where: str, op_code: str, count: int, layout: str, skip: int) -> None:
    """Make a PDF sheet of free labels; scanning one opens intake."""
    given, at, stock = settings(), now(), STOCKS[layout]
    if skip >= stock.count:
        raise click.ClickException(f"a sheet of {layout} has {stock.count} places")
    with database() as session:
        person = session.scalar(select(Person).where(Person.op_code == op_code.upper()))
        if person is None:
            raise click.ClickException(f"nobody is {op_code}")
        workshop = organisation_named(session, where)
        made = print_free(session, workshop, count, by=person, at=at)
        tags = [label.tag for label in made]
        found = Found(organisation=workshop.name, phone=workshop.phone or given.phone)
        try:
            pdf = labels_pdf(tags, stock, public_url=given.base_url, found=found, at=at, skip=skip)
        except LabelTooSmall as refusal:
            raise click.ClickException(f"{layout} is too small for {given.base_url}: take a larger one") from refusal
        file.write_bytes(pdf)
        session.commit()
    click.echo(f"{file}: {len(tags)} labels, print at 100 %")
