"""The demonstration network: invented people and computers, real rules."""

from __future__ import annotations

import click
from sqlalchemy import select

from ordi.parties.organisations import Organisation
from web.commands.installation import database, now, ring, settings
from web.settings import DEMONSTRATION_MARK


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when the database already holds something.")
def demo(if_empty: bool) -> None:
    """Fill an empty database with the demonstration network, and open its door with one button a role."""
    from ordi import demonstration

    given = settings()
    if not given.loopback:
        raise click.ClickException("a demonstration stays on this computer: unset ORDI_BASE_URL and ORDI_LISTEN")
    with database() as session:
        if session.scalar(select(Organisation.id).limit(1)) is not None:
            if if_empty:
                return
            raise click.ClickException("the database already holds something: a demonstration is built in an empty one")
        keys = ring()
        demonstration.build(session, ring=keys, at=now())
        session.commit()
    given.data_dir.mkdir(parents=True, exist_ok=True)
    (given.data_dir / DEMONSTRATION_MARK).touch()
    click.echo("The demonstration network is ready.")
