"""The demonstration network: invented people and computers, real rules."""

from __future__ import annotations

from datetime import timedelta

import click
from sqlalchemy import select

from ordi.keys import KeyRing
from ordi.parties.organisations import Organisation
from web.commands.installation import database, now, settings
from web.settings import DEMONSTRATION_MARK

LONG_AGO = timedelta(days=4 * 365)
"""Since when the keys of a demonstration are in force: its certificates are of past years."""


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when the database already holds something.")
def demo(if_empty: bool) -> None:
    """Fill an empty database with the demonstration network, and open its door with one button a role."""
    from ordi import demonstration

    given, at = settings(), now()
    if not given.loopback:
        raise click.ClickException("a demonstration stays on this computer: unset ORDI_BASE_URL and ORDI_LISTEN")
    with database() as session:
        if session.scalar(select(Organisation.id).limit(1)) is not None:
            if if_empty:
                return
            raise click.ClickException("the database already holds something: a demonstration is built in an empty one")
        keys = KeyRing.open(given.keys_dir, at=at - LONG_AGO)
        demonstration.build(session, ring=keys, at=at)
        session.commit()
    given.data_dir.mkdir(parents=True, exist_ok=True)
    (given.data_dir / DEMONSTRATION_MARK).touch()
    click.echo("The demonstration network is ready.")
