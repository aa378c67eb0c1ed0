"""The audit draw, from a terminal: the seeds, and every draw of a finished month made again."""

from __future__ import annotations

import click

from ordi.bench.draws import drawn_again, published
from web.commands.installation import database, now


@click.group()
def audit() -> None:
    """Wipes drawn for an audit: what they were drawn from, and whether they come out the same."""


@audit.command("seeds")
def seeds() -> None:
    """Print each month's fingerprint, and its seed once the month is over."""
    with database() as session:
        for one in published(session, at=now()):
            click.echo(f"{one.period}  sha256 {one.sha256}  seed {one.seed or 'not yet'}  {one.drawn} of {one.wipes}")


@audit.command("draws")
def draws() -> None:
    """Draw every wipe of the finished months again from their seeds."""
    wrong = count = 0
    with database() as session:
        for drawn, job, same in drawn_again(session, at=now()):
            count, wrong = count + 1, wrong + (not same)
            click.echo(
                f"{job}  {drawn.percent} %  {drawn.before} of {drawn.place - 1} before  "
                f"{'drawn' if drawn.drawn else 'not drawn'}  {'same' if same else 'DIFFERENT'}"
            )
    if wrong:
        raise click.ClickException(f"{wrong} draws do not come out again")
    click.echo(f"{count} draws, all the same again")
