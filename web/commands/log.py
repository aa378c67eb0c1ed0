"""`ordi log`: seal what waits, show the head, and check the public log, here or far from here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import func, select

from ordi.log import heads, sealing
from ordi.log.heads import Head
from ordi.log.leaves import Ticket
from ordi.log.rebuilding import rebuild
from ordi.machines import journal as chains
from ordi.signatures import SignatureRefused
from web.commands.installation import database, now, ring
from web.commands.trusting import A_FILE, root_option, trusted
from web.papers.log_evidence import examine, head_in


@click.group()
def log() -> None:
    """The public log: every event's hash, sealed in order under signed heads."""


@log.command("seal")
def log_seal() -> None:
    """Seal what waits and sign the new head; the worker does it all day."""
    sealed = 0
    with database() as session:
        key = ring().signing(heads.PURPOSE, now())
        before = sealing.size_of(session)
        while head := sealing.seal(session, key, at=now()):
            sealed = head.size - before
            session.commit()
        session.rollback()
        size = sealing.size_of(session)
    click.echo(f"{sealed} events sealed, {size} in the log")


@log.command("head")
def log_head() -> None:
    """Print the newest signed head: keep it somewhere else, check it later with `ordi log verify`."""
    with database() as session:
        head = heads.newest(session)
    if head is None:
        raise click.ClickException("the log is empty: run `ordi log seal`")
    click.echo(head.jws)


@log.command("verify")
@click.argument("files", nargs=-1, type=A_FILE)
@click.option(
    "--against", multiple=True, type=A_FILE, help="A head or checkpoint kept elsewhere: rebuild the log here."
)
@click.option("--keys", "keys_file", type=A_FILE, help="A JWKS (/api/v1/keys), instead of our own keys.")
@click.option("--fingerprint", "fingerprints", multiple=True, help="SHA-256 of a PDF certificate, instead of our own.")
@root_option
def log_verify(
    files: tuple[Path, ...],
    against: tuple[Path, ...],
    keys_file: Path | None,
    fingerprints: tuple[str, ...],
    root: str | None,
    network: str | None,
) -> None:
    """Check heads, certificates with their .proof.json, and consistency proofs, offline and with pinned keys.

    Without FILE, on the server: make the whole log again from the events and name what does not fit; with --against,
    also what was cut, altered or forked since a head that was kept elsewhere.
    """
    known = trusted(keys_file, fingerprints, root, network)
    if files:
        if against:
            raise click.UsageError("FILE… are checked offline; --against needs the server: ask one, then the other")
        _offline(files, known.jwks, known.pdf)
    else:
        _here(known.jwks, [_head(path, known.jwks) for path in against])
    click.echo(known.told)


def _offline(files: Sequence[Path], jwks: Mapping[str, Any], fingerprints: Collection[str]) -> None:
    findings = examine({str(path): path.read_bytes() for path in files}, jwks, fingerprints)
    for one in findings:
        click.echo(f"{'good' if one.holds else 'BAD '}  {one.about}: {one.told}")
    bad = sum(not one.holds for one in findings)
    if bad:
        raise click.ClickException(f"{bad} of {len(findings)} checks do not hold")


def _here(jwks: Mapping[str, Any], against: list[Head]) -> None:
    with database() as session:
        faults = [str(fault) for fault in rebuild(session, jwks, against)]
        faults += [f"{fault.what}: {fault.tag} event {fault.seq} of its chain" for fault in chains.verify(session)]
        size = sealing.size_of(session)
        waiting = session.scalar(select(func.count()).select_from(Ticket))
    for fault in faults:
        click.echo(fault)
    if faults:
        raise click.ClickException(f"{len(faults)} faults in the log")
    promised = f", and as {len(against)} heads promised" if against else ""
    click.echo(f"{size} entries, rebuilt from the events, {waiting} waiting{promised}")


def _head(path: Path, jwks: Mapping[str, Any]) -> Head:
    try:
        return head_in(path.read_bytes(), jwks)
    except SignatureRefused as refusal:
        raise click.ClickException(f"{path} is not a head we signed: {refusal.why}") from refusal
