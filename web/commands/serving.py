"""Running Ordi: pages, worker, upgrade."""

from __future__ import annotations

import dataclasses
import time

import click
import waitress

from ordi import legal_rules
from ordi.sharing import shipped
from web import create_app, migrating
from web import worker as duties
from web.commands.installation import database, now, settings
from web.settings import Settings, UnsafeSettings


@click.command()
@click.option("--host", help="Address to listen on, instead of ORDI_LISTEN's.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on, instead of ORDI_LISTEN's.")
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Requests answered at once.")
def serve(host: str | None, port: int | None, threads: int) -> None:
    """Serve the pages and the machines' door from this process (in production: gunicorn, deploy/)."""
    given = settings()
    listen = f"{host or given.listen.rpartition(':')[0]}:{port or given.listen.rpartition(':')[2]}"
    followed = given.base_url == f"http://{given.listen}"
    base_url = f"http://{listen}" if followed else given.base_url
    ours = dataclasses.replace(given, listen=listen, base_url=base_url)
    try:
        app = create_app(ours)
    except UnsafeSettings as why:
        raise click.ClickException(str(why)) from why
    click.echo(f"Ordi: {ours.base_url}" + ("  (demonstration: one button signs you in)" if ours.demonstration else ""))
    waitress.serve(app, listen=listen, threads=threads, ident=None)


@click.command()
def upgrade() -> None:
    """Bring the database to this version; safe to run again, one transaction."""
    bring_up(settings())
    click.echo(
        "The database is at this version, its triggers in place, the rules and programmes that come with Ordi in it."
    )


def bring_up(given: Settings) -> None:
    """The schema of this version with its triggers, and the rules and programmes that come with Ordi."""
    if given.database_url.startswith("sqlite"):
        given.data_dir.mkdir(parents=True, exist_ok=True)
    migrating.upgrade(given.database_url)
    with database() as session:
        legal_rules.ship(session)
        shipped.ship(session, at=now())
        session.commit()


@click.command()
@click.option("--once", is_flag=True, help="Do what waits, then stop.")
@click.option("--every", type=click.FloatRange(0.5), default=5.0, show_default=True, help="Seconds between two looks.")
def worker(once: bool, every: float) -> None:
    """Do what pages left to do: send messages, purge what is due, end old sessions."""
    try:
        app = create_app(settings())
    except UnsafeSettings as why:
        raise click.ClickException(str(why)) from why
    while True:
        done = duties.run_all(app)
        if once:
            for name, count in done.items():
                click.echo(f"{name}: {count}")
            return
        time.sleep(every)
