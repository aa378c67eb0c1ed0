"""The organisation's keys: seen without secrets, exported encrypted, renewed."""

from __future__ import annotations

from pathlib import Path

import click

from ordi.errors import Refused
from ordi.keys import PURPOSES, SIGNING, KeyRing
from web.commands.installation import now, ring, settings
from web.commands.root import keys_publish, root


@click.group()
def keys() -> None:
    """Signing and sealing keys. They are in no backup of the data, on purpose."""


keys.add_command(root)
keys.add_command(keys_publish)


@keys.command("list")
def keys_list() -> None:
    """Show every key without its secret."""
    for key in ring(create=False).listing():
        until = key["until"] or "in force"
        gone = f"  REVOKED {key['revoked']}" if key["revoked"] else ""
        click.echo(
            f"{key['purpose']:<12} {key['number']}  since {key['since']}  until {until}  {key['identity']}{gone}"
        )


@keys.command("revoke")
@click.argument("identity")
@click.option("--reason", prompt=True, help="Published with the key set: one line, nobody's name.")
def keys_revoke(identity: str, reason: str) -> None:
    """Say that a key which was replaced is believed no more. IDENTITY is as `ordi keys list` shows it; there is no way back."""
    ours = ring()
    try:
        ours.revoke(identity, reason, now())
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(
        "revoked: what it signed proves nothing any more; restart the pages and the worker, and export the keys again"
    )
    if ours.published() is not None:
        click.echo("the root's word still says otherwise: `ordi keys root request FILE`, and have it signed")


@keys.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.password_option("--passphrase", help="Encrypts the file; asked for when not given.")
def keys_export(file: Path, passphrase: str) -> None:
    """Write every key to a new encrypted file: two sealed sticks, in two places."""
    try:
        ring(create=False).export(file, passphrase)
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{file}: keep it away from the backups of the data")


@keys.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--passphrase", prompt=True, hide_input=True, help="The one the file was made with.")
def keys_restore(file: Path, passphrase: str) -> None:
    """Put the keys of an export back; a key already there is never replaced."""
    try:
        KeyRing.restore(settings().keys_dir, file, passphrase)
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo("restored")


@keys.command("rotate")
@click.argument("purpose", type=click.Choice(list(PURPOSES)))
def keys_rotate(purpose: str) -> None:
    """Make a new key for a purpose, in force from now; the old one is kept, to verify and to open."""
    ours = ring()
    try:
        ours.rotate(purpose, now())
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"a new {purpose} key is in force: restart the pages and the worker, and export the keys again")
    if ours.published() is not None and purpose in (*SIGNING, "pdf"):
        click.echo("the root does not vouch for it yet: `ordi keys root request FILE`, and have it signed")
