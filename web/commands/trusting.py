"""Which keys a check believes: our own, a JWKS somebody brought, or those alone that an offline root vouches for."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from ordi.errors import Refused
from ordi.keys.root import fingerprint_of, grouped, opened, read_set
from web.commands.installation import now, ring, settings

A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
F = TypeVar("F", bound=Callable[..., None])

WHY = {
    "not-a-fingerprint": "a root's fingerprint has 64 hexadecimal characters: give them, or the .fingerprint file",
    "no-root": "no root signed this key set: ask for the one that /api/v1/keys answers with `vouched`, or check without --root",
    "foreign-root": "another root signed this key set: compare the fingerprint with the one you were given elsewhere",
    "odd-set": "this is not a signed key set: fetch it again",
    "another-network": "this key set is another network's",
    "not-yet": "this key set begins later than now: look at both clocks",
    "expired": "this key set has expired: fetch the one in force; the server's people have the root sign it again",
    "foreign-keys": "keys in this set are not this server's: ask for a new request here, and have that one signed",
    "older": "a newer set of this root is published already",
    "unreadable-file": "this file cannot be read as a key set",
    "not-a-request": "this is not what `ordi keys root request` wrote",
    "not-a-root": "this is not what `ordi keys root new` wrote",
    "exposed": "others may read this file: chmod 600, and owned by you",
    "already-there": "there is a file already: nothing was replaced, choose another name",
}


@dataclass(frozen=True)
class Trusted:
    """The keys of one check, and who vouches for them."""

    jwks: Mapping[str, Any]
    pdf: Collection[str]
    told: str


def told(refusal: Refused) -> click.ClickException:
    """One sentence for people, with the code of the reason."""
    why = str(refusal.facts.get("why", refusal.code))
    sentence = WHY.get(why, "the root's signature does not hold over it: it was altered, or is something else")
    return click.ClickException(f"{sentence} ({why})")


def root_option(command: F) -> F:
    """`--root` and `--network`, for a command that checks."""
    network = click.option("--network", help="With --root: the network whose keys they must be.")
    root = click.option("--root", help="Fingerprint of the offline root, or its file: believe only keys it signed.")
    return root(network(command))


def pinned(text: str) -> str:
    """The fingerprint that was typed, or that the file of that name holds."""
    path = Path(text)
    try:
        held = path.read_text("ascii", "replace")[:200] if path.is_file() else text
        return fingerprint_of(held)
    except OSError as error:
        raise click.ClickException(str(error)) from error
    except Refused as refusal:
        raise told(refusal) from refusal


def trusted(keys_file: Path | None, fingerprints: tuple[str, ...], root: str | None, network: str | None) -> Trusted:
    """The keys to check with."""
    if root is not None:  # an empty one is refused, not forgotten
        if fingerprints:
            raise click.UsageError("with --root the root says which PDF certificates hold: leave --fingerprint out")
        return _vouched(keys_file, pinned(root), network)
    if network is not None:
        raise click.UsageError("--network goes with --root")
    ours = None if keys_file and (fingerprints or not settings().keys_dir.is_dir()) else ring(create=False)
    jwks = json.loads(keys_file.read_text()) if keys_file else ours.jwks(now()) if ours else {}
    seals = fingerprints or jwks.get("pdf") or (ours.pdf_fingerprints() if ours else ())
    return Trusted(jwks, seals, "keys not vouched for by a root")


def _vouched(keys_file: Path | None, root: str, network: str | None) -> Trusted:
    try:
        held = read_set(keys_file.read_bytes()) if keys_file else read_set(json.dumps(_published()).encode())
        found = opened(held, root)
        found.check(now(), network)
    except Refused as refusal:
        raise told(refusal) from refusal
    until = f"signed {found.issued:%Y-%m-%d}, until {found.expires:%Y-%m-%d}"
    return Trusted(found.jwks, found.pdf, f"keys of {found.network} vouched for by the root {grouped(root)}, {until}")


def _published() -> dict[str, Any]:
    """What this server publishes."""
    return ring(create=False).published() or {}
