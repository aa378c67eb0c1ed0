"""Sheets of free labels, to print before any machine bears them."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from ordi.labels.stocks import SHIPPED
from ordi.machines.labels import MOST, print_free
from ordi.parties.people import Person
from web.commands.installation import database, now, organisation_named, settings
from web.papers.label_faces import machine_face
from web.papers.labels_pdf import LabelTooSmall, labels_pdf


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--in", "where", required=True, help="The workshop they are for: its name or number.")
@click.option("--by", "op_code", required=True, help="Who prints them: the person's code, OP-0001.")
@click.option("--count", type=click.IntRange(1, MOST), default=24, show_default=True)
@click.option(
    "--format", "layout", type=click.Choice(list(SHIPPED)), default="24-70x37", show_default=True, help="Millimetres."
)
@click.option(
    "--skip", type=click.IntRange(0, 64), default=0, show_default=True, help="Places already used on the first sheet."
)
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", show_default=True, help="The labels' words.")
def labels(file: Path, where: str, op_code: str, count: int, layout: str, skip: int, lang: str) -> None:
    """Make a PDF sheet of free labels; scanning one opens intake."""
    given, at, stock = settings(), now(), SHIPPED[layout]
    if skip >= stock.count:
        raise click.ClickException(f"a sheet of {layout} has {stock.count} places")
    with database() as session:
        person = session.scalar(select(Person).where(Person.op_code == op_code.upper()))
        if person is None:
            raise click.ClickException(f"nobody is {op_code}")
        workshop = organisation_named(session, where)
        made = print_free(session, workshop, count, by=person, at=at)
        phone = workshop.phone or given.phone
        faces = [machine_face(label.tag, given.base_url, workshop.name, phone, lang) for label in made]
        try:
            pdf = labels_pdf(faces, stock, at=at, lang=lang, author=workshop.name, used=range(skip))
        except LabelTooSmall as refusal:
            raise click.ClickException(f"{layout} is too small for {given.base_url}: take a larger one") from refusal
        file.write_bytes(pdf)
        session.commit()
    click.echo(f"{file}: {len(faces)} labels, print at 100 %")
