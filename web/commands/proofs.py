"""What anyone can check again: the journal's chains, its signed heads, certificates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ordi.canonical import canonical, digest
from ordi.keys.revoked import day
from ordi.log import sidecars
from ordi.log.checkpoints import TYP, checkpoint, write
from ordi.log.sidecars import NotInTheLog
from ordi.machines import journal as chains
from ordi.signatures import SignatureRefused, verify
from web.commands.installation import database, now, ring, settings
from web.commands.trusting import Trusted, root_option, trusted
from web.papers.log_evidence import SUFFIX, read_object, statements_of
from web.papers.verifying import Verification, verify_file


@click.group()
def journal() -> None:
    """The unbroken history of every machine."""


@journal.command("verify")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An earlier checkpoint or heads file.",
)
@click.option(
    "--keys",
    "keys_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --against: the keys that must have signed it (/api/v1/keys as it was kept), instead of this server's own.",
)
@root_option
def journal_verify(against: Path | None, keys_file: Path | None, root: str | None, network: str | None) -> None:
    """Walk every chain. With --against, also find tails cut and machines gone since that file was made."""
    if not against and (keys_file or root or network):
        raise click.UsageError("--keys, --root and --network say whose signature --against must bear")
    earlier = _read_heads(against, trusted(keys_file, (), root, network)) if against else None
    with database() as session:
        faults = list(chains.verify(session, earlier))
        count = len(chains.heads(session))
    for fault in faults:
        click.echo(f"{fault.tag}  event {fault.seq}: {fault.what}")
    if faults:
        raise click.ClickException(f"{len(faults)} faults in the journal")
    click.echo(f"{count} chains, all whole" + (f", and as {against} promised" if against else ""))


@journal.command("heads")
def journal_heads() -> None:
    """Print the last event of every machine, as JSON: keep it somewhere else."""
    with database() as session:
        click.echo(json.dumps(chains.heads(session), indent=1))


@journal.command("checkpoint")
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), help="Folder instead of the data directory's.")
def journal_checkpoint(to: Path | None) -> None:
    """Sign today's heads into a file that must leave this server (`checkpoints/` in the data directory)."""
    at = now()
    with database() as session:
        told = checkpoint(session, ring().signing("journal", at), at=at)
    path = (to or settings().data_dir / "checkpoints") / f"heads-{at:%Y-%m-%dT%H%M%SZ}.json"
    write(path, told)
    click.echo(str(path))


@click.group()
def certificate() -> None:
    """Certificates of wipes."""


@certificate.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keys",
    "keys_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JWKS (/api/v1/keys), instead of our own keys.",
)
@click.option("--fingerprint", "fingerprints", multiple=True, help="SHA-256 of a PDF certificate, instead of our own.")
@click.option(
    "--proof",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its .proof.json; found by itself beside FILE.",
)
@root_option
def certificate_verify(
    file: Path,
    keys_file: Path | None,
    fingerprints: tuple[str, ...],
    proof: Path | None,
    root: str | None,
    network: str | None,
) -> None:
    """Check a certificate, JWS or PDF, with pinned keys and without network; and its place in the log, with its proof."""
    known = trusted(keys_file, fingerprints, root, network)
    found = verify_file(file.read_bytes(), known.jwks, known.pdf)
    if not found.authentic:
        raise click.ClickException(f"NOT AUTHENTIC: {found.why}{_revocation(found, known.jwks)}")
    if found.lot:
        click.echo(
            f"authentic: lot {found.lot['lot']['code']}, {len(found.lot['machines'])} computers, {found.lot['drives']}"
        )
    for payload in found.certificates:
        wipe = payload.get("sanitisation", {})
        drive = payload.get("drive", {})
        click.echo(
            f"authentic: {drive.get('model')} {drive.get('serial')}: {wipe.get('verdict')}, level {wipe.get('level')}, "
            f"{wipe.get('assurance')}, certificate {payload.get('code')}"
        )
    beside = proof or next((path for path in _beside(file) if path.is_file()), None)
    if beside:
        _in_the_log(found, beside, known.jwks)
    click.echo(known.told)
    click.echo("an annulment is only known on line: ask for its code at /C of the server that issued it")


def _revocation(found: Verification, jwks: Mapping[str, Any]) -> str:
    """When and why the key that signed was revoked, where it was."""
    told = [(key["kid"], key["revoked"]) for key in jwks.get("keys", []) if key.get("revoked")]
    if found.why != "revoked-key":
        return ""
    return "".join(f"\nkey {kid}, revoked {day(one)}: {one['reason']}" for kid, one in told)


def _beside(file: Path) -> tuple[Path, Path]:
    """Where the proof of a certificate is looked for."""
    return file.with_suffix(SUFFIX), file.with_name(file.name + SUFFIX)


def _in_the_log(found: Verification, beside: Path, jwks: Mapping[str, Any]) -> None:
    try:
        shown = sidecars.check(read_object(beside.read_bytes()) or {}, statements_of(found), jwks)
    except NotInTheLog as refusal:
        raise click.ClickException(f"{beside} DOES NOT PROVE IT IN THE LOG: {refusal.why}") from refusal
    places = ", ".join(str(place) for place in shown.places)
    head = shown.head
    click.echo(f"in the public log {head.log}: entry {places} of {head.size}, signed {head.issued}")


def _read_heads(path: Path, known: Trusted) -> dict[str, tuple[int, str]]:
    """The heads of a checkpoint, whose signature must hold, or of a plain heads file."""
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{path} is not JSON: {error}") from error
    if "signature" in told:
        try:
            payload = verify(told["signature"], known.jwks, TYP)
            click.echo(known.told)
        except SignatureRefused as refusal:
            raise click.ClickException(f"the signature of {path} does not hold: {refusal.why}") from refusal
        told = told["heads"]
        if payload.get("sha256") != digest(canonical(told)):
            raise click.ClickException(f"{path} was changed after it was signed")
    return {tag: (int(seq), str(head)) for tag, (seq, head) in told.items()}
