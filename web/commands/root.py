"""`ordi keys root …`, `ordi keys publish`: an offline root vouches for the server's keys.

On the server: `request`. On the computer that holds the root: `new` once, then `sign`. On the server: `publish`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from ordi.canonical import canonical, digest
from ordi.errors import Refused
from ordi.keys.files import write_private
from ordi.keys.root import LARGEST, Root, grouped, named_root, opened, read_request, read_set, request_for
from web.commands.installation import database, now, organisation_named, ring, settings
from web.commands.trusting import A_FILE, pinned, told

A_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
SUFFIX = ".fingerprint"
DAYS = 400
"""A year, and a month to be late in."""


@click.group()
def root() -> None:
    """The offline root, which vouches for the server's keys. It lives on another computer, or on a stick in a safe."""


@root.command("new")
@click.argument("file", type=A_NEW_FILE)
def root_new(file: Path) -> None:
    """Make a root on a computer that is not the server: FILE is its secret, FILE.fingerprint is for everybody."""
    given = settings()
    for kept in (given.data_dir, given.keys_dir):
        if file.resolve().is_relative_to(kept.resolve()):
            raise click.ClickException(f"{kept} is the server's: a root that lies there vouches for nothing")
    if given.keys_dir.is_dir():
        click.echo(
            "This computer holds a server's keys: whoever takes it takes the root too. Use another one.", err=True
        )
    public = file.with_name(file.name + SUFFIX)
    if public.exists():
        raise click.ClickException(f"{public} is there already: nothing was made")
    try:
        made = Root.new(file, now())
    except Refused as refusal:
        raise told(refusal) from refusal
    public.write_text(grouped(made.fingerprint) + "\n")
    click.echo(f"{file}: the root's secret; two copies, in two safes, on no server")
    click.echo(f"{public}: give it to whoever checks, by another way than our pages")
    click.echo(grouped(made.fingerprint))


@root.command("request")
@click.argument("file", type=A_NEW_FILE)
def root_request(file: Path) -> None:
    """On the server: write what the root is to sign, public keys and dates only."""
    with database() as session:
        network = organisation_named(session, "network").name
    ours = ring(create=False)
    request = canonical(request_for(network, ours.jwks(now()), ours.pdf_fingerprints()))
    if not write_private(file, request.encode()):
        raise click.ClickException(f"{file} is there already: choose another name")
    click.echo(f"{file}: carry it to the root; compare there")
    click.echo(grouped(digest(request)))


@root.command("sign")
@click.argument("request", type=A_FILE)
@click.argument("signed", type=A_NEW_FILE)
@click.option("--with", "secret", type=A_FILE, required=True, help="The root's secret file.")
@click.option("--days", type=click.IntRange(1, 3660), default=DAYS, show_default=True, help="How long it holds.")
@click.option("--yes", is_flag=True, help="Sign without asking.")
def root_sign(request: Path, signed: Path, secret: Path, days: int, yes: bool) -> None:
    """On the root's computer: look at a server's REQUEST, and sign it into the file SIGNED."""
    try:
        asked = read_request(request.read_bytes()[: LARGEST + 1])
        held = Root.read(secret)
        made = held.sign(asked, at=now(), days=days)
        found = opened(made, held.fingerprint)
    except Refused as refusal:
        raise told(refusal) from refusal
    click.echo(f"{found.network}, until {found.expires:%Y-%m-%d}, request {grouped(digest(canonical(asked)))}")
    for key in found.jwks["keys"]:
        end = f" until {_day(key['exp'])}" if "exp" in key else ""
        click.echo(f"{key['purpose']:<12} {key['kid']}  from {_day(key['nbf'])}{end}")
    for one in found.pdf:
        click.echo(f"{'pdf':<12} {one}")
    if not yes:
        click.confirm("The same request as the server showed?", abort=True)
    if not write_private(signed, canonical(made).encode()):
        raise click.ClickException(f"{signed} is there already: choose another name")
    click.echo(f"{signed}: carry it back, then `ordi keys publish --signed {signed.name}`")


@click.command("publish")
@click.option("--signed", type=A_FILE, required=True, help="What the root signed.")
@click.option("--root", "pin", help="Fingerprint of the root, or its file: needed the first time, and to change roots.")
def keys_publish(signed: Path, pin: str | None) -> None:
    """Publish at /api/v1/keys that the root vouches for our keys; in force at once."""
    ours = ring(create=False)
    with database() as session:
        network = organisation_named(session, "network").name
    try:
        before = ours.published()
        if pin is None and before is None:
            raise click.UsageError("the first time, --root says which root is ours")
        wanted = pinned(pin) if pin is not None else named_root(before or {})
        found = ours.publish(read_set(signed.read_bytes()), wanted, network=network, at=now())
    except Refused as refusal:
        raise told(refusal) from refusal
    click.echo(f"published, until {found.expires:%Y-%m-%d}; root {grouped(wanted)}")
    for one in found.without(ours.jwks(now()), ours.pdf_fingerprints()):
        click.echo(f"NOT vouched for: {one}: sign a new request", err=True)


def _day(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
