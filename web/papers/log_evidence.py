"""Files of the public log, checked offline: heads, sidecars beside their certificates, and what lies between two heads.

Files are recognised by what is in them. A head, as mailed (`.jws`), as the API answers it, or inside a checkpoint; a
certificate (PDF or JWS); a sidecar (`.proof.json`); a consistency proof, as the API answers it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ordi.log import sidecars
from ordi.log.heads import TYP as HEAD_TYP
from ordi.log.heads import Head, read_head, root_bytes
from ordi.log.proofs import CONSISTENCY_TYP
from ordi.log.sidecars import NotInTheLog, Statement
from ordi.log.tree import extends
from ordi.signatures import SignatureRefused, from_b64url
from web.papers.verifying import Verification, verify_file

LARGEST = 2 << 20
SUFFIX = ".proof.json"


@dataclass(frozen=True)
class Finding:
    """What one check came to: about which file, whether it holds, and what was found or why not."""

    about: str
    holds: bool
    told: str


@dataclass
class _Pile:
    """The files of one look, by kind."""

    heads: dict[str, Head] = field(default_factory=dict)
    certificates: dict[str, Verification] = field(default_factory=dict)
    sidecars: dict[str, dict[str, Any]] = field(default_factory=dict)
    consistency: dict[str, dict[str, Any]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


def examine(files: Mapping[str, bytes], jwks: Mapping[str, Any], pdf_fingerprints: Collection[str]) -> list[Finding]:
    """Check some files with pinned keys: each by itself, sidecars with certificates, heads with each other."""
    pile = _Pile()
    for name, data in files.items():
        _sort(pile, name, data, jwks, pdf_fingerprints)
    _pair(pile, jwks)
    _compare(pile)
    for name, told in pile.consistency.items():
        if name not in pile.used:
            sizes = f"{told.get('from')} and {told.get('to')}"
            pile.findings.append(Finding(name, False, f"proves nothing without the heads of {sizes} entries"))
    return pile.findings


def statements_of(found: Verification) -> list[Statement]:
    """What an authentic file says, as the log must know it."""
    return [Statement.of(jws, told) for jws, told in zip(found.tokens, found.certificates, strict=True)]


def read_object(data: bytes) -> dict[str, Any] | None:
    """A JSON object of reasonable size, or None."""
    try:
        told = json.loads(data) if len(data) <= LARGEST else None
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def head_in(data: bytes, jwks: Mapping[str, Any]) -> Head:
    """The head of a file that has one. Raise `SignatureRefused`."""
    told = read_object(data)
    held = data.decode("ascii", "replace") if told is None else told.get("head")
    if not isinstance(held, str):
        raise SignatureRefused("malformed")
    return read_head(held, jwks)


def _sort(pile: _Pile, name: str, data: bytes, jwks: Mapping[str, Any], fingerprints: Collection[str]) -> None:
    told = read_object(data)
    if told is not None and told.get("typ") == CONSISTENCY_TYP:
        pile.consistency[name] = told
    elif told is not None and told.get("typ") == sidecars.TYP:
        pile.sidecars[name] = told
    elif told is not None or _typ(data) == HEAD_TYP:
        try:
            pile.heads[name] = head = head_in(data, jwks)
        except SignatureRefused as refused:
            pile.findings.append(Finding(name, False, f"not a head we signed: {refused.why}"))
        else:
            pile.findings.append(Finding(name, True, _of(head)))
    else:
        found = verify_file(data, jwks, fingerprints)
        if found.authentic:
            pile.certificates[name] = found
        else:
            pile.findings.append(Finding(name, False, f"not a certificate we signed: {found.why}"))


def _pair(pile: _Pile, jwks: Mapping[str, Any]) -> None:
    """Each certificate with the sidecar that names it, or the reason why none does."""
    spare = dict(pile.sidecars)
    for name, found in pile.certificates.items():
        statements = statements_of(found)
        named = [beside for beside, told in spare.items() if _names(told) & {one.sha256 for one in statements}]
        beside = named[0] if named else next(iter(spare), None)
        if beside is None:
            pile.findings.append(Finding(name, False, f"authentic, but nothing shows it in the log: add its {SUFFIX}"))
            continue
        try:
            shown = sidecars.check(spare.pop(beside), statements, jwks)
        except NotInTheLog as refused:
            pile.findings.append(Finding(name, False, f"{beside} does not show it in the log: {refused.why}"))
        else:
            pile.heads[beside] = shown.head
            places = ", ".join(str(place) for place in shown.places)
            pile.findings.append(Finding(name, True, f"authentic, entry {places} of {_of(shown.head)}"))
    for beside in spare:
        pile.findings.append(Finding(beside, False, "its certificate is not among the files"))


def _compare(pile: _Pile) -> None:
    """Each head with the next longer one: the same log, grown and nothing else."""
    ordered = sorted(pile.heads.items(), key=lambda one: one[1].size)
    for (a, old), (b, new) in pairwise(ordered):
        about = f"{a}, {b}"
        if old.log != new.log:
            pile.findings.append(Finding(about, False, "another-log: two different logs"))
        elif old.size == new.size:
            same = old.root == new.root
            pile.findings.append(Finding(about, same, "the same log" if same else "forked: two roots for one size"))
        else:
            pile.findings.append(_between(pile, about, old, new))


def _between(pile: _Pile, about: str, old: Head, new: Head) -> Finding:
    wanted = {"log": new.log, "from": old.size, "to": new.size}
    proofs = {name: told for name, told in pile.consistency.items() if {key: told.get(key) for key in wanted} == wanted}
    pile.used |= proofs.keys()
    if not proofs:
        ask = f"/api/v1/log/consistency?from={old.size}&to={new.size}"
        return Finding(about, False, f"nothing shows that one grew into the other: add the answer of {ask}")
    if any(extends(old.size, old.root, new.size, new.root, _path(told)) for told in proofs.values()):
        return Finding(about, True, f"the {old.size} entries of the first are the first of the {new.size}, unchanged")
    return Finding(about, False, "forked: the longer one does not begin with the shorter one")


def _path(told: Mapping[str, Any]) -> list[bytes]:
    try:
        return [root_bytes(str(node)) for node in told["path"]]
    except (SignatureRefused, KeyError, TypeError):
        return []


def _names(sidecar: Mapping[str, Any]) -> set[str]:
    entries = sidecar.get("certificates")
    return {str(one.get("sha256")) for one in entries if isinstance(one, dict)} if isinstance(entries, list) else set()


def _typ(data: bytes) -> object:
    """The kind of token a text claims to be, unverified: only to choose how to check it."""
    try:
        return json.loads(from_b64url(data.decode("ascii").strip().split(".")[0]))["typ"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _of(head: Head) -> str:
    return f"log {head.log}, {head.size} entries, signed {head.issued}"
