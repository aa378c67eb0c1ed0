"""Running Ordi: pages, worker, upgrade."""

from __future__ import annotations

import dataclasses
import threading
import time

import click
import waitress
from flask import Flask

from ordi import legal_rules
from ordi.sharing import shipped
from web import create_app, migrating
from web import worker as duties
from web.commands.installation import database, now, settings
from web.settings import Settings, UnsafeSettings

EVERY = 5.0
"""Seconds between two looks of the worker."""


@click.command()
@click.option("--host", help="Address to listen on, instead of ORDI_LISTEN's.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on, instead of ORDI_LISTEN's.")
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Requests answered at once.")
@click.option("--and-work", is_flag=True, help="Be the worker too: one process for a first look.")
def serve(host: str | None, port: int | None, threads: int, and_work: bool) -> None:
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
    if and_work:
        threading.Thread(target=_go_on_working, args=(app, EVERY), daemon=True).start()
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
@click.option(
    "--every", type=click.FloatRange(0.5), default=EVERY, show_default=True, help="Seconds between two looks."
)
def worker(once: bool, every: float) -> None:
    """Do what pages left to do: send messages, purge what is due, end old sessions."""
    try:
        app = create_app(settings())
    except UnsafeSettings as why:
        raise click.ClickException(str(why)) from why
    for name, count in duties.run_all(app).items():
        if once:
            click.echo(f"{name}: {count}")
    if not once:
        _go_on_working(app, every)


def _go_on_working(app: Flask, every: float) -> None:
    while True:
        time.sleep(every)
        duties.run_all(app)
