"""Logs of other tools, from a terminal: kept as claims."""

from __future__ import annotations

import json
from pathlib import Path

import click
from sqlalchemy import select

from ordi.bench.claims import claim_wipe
from ordi.errors import Refused
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from ordi.tags import read_tag
from web.commands.installation import database, now


@click.command("claim")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tag", required=True, help="The computer whose drives the log speaks of.")
@click.option("--by", "operator", required=True, help="Who keeps it: OP-0042.")
def claim(file: Path, tag: str, operator: str) -> None:
    """Keep a log of nwipe (0.34 to 0.42) as a claim: it proves nothing, and opens nothing."""
    with database() as session:
        try:
            machine = session.scalar(select(Machine).where(Machine.tag == read_tag(tag)))
            person = session.scalar(select(Person).where(Person.op_code == operator.strip().upper()))
            if machine is None or person is None:
                raise click.ClickException("no such computer, or no such person")
            kept = claim_wipe(session, machine, file.read_bytes(), by=person, at=now())
        except Refused as refusal:
            raise click.ClickException(str(refusal)) from refusal
        session.commit()
        for one in json.loads(kept.told):
            click.echo(f"declared: {one['model']} {one['serial']}: {one['status'] or 'nothing said'} ({kept.tool})")
    click.echo("kept as a claim: no proof, no door opens")
