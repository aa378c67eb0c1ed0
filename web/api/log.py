"""`GET /log/head`, `/log/inclusion`, `/log/consistency`, `/keys`: the public log, for anyone. Hashes and signatures only."""

from __future__ import annotations

import re
from typing import Any

from flask import request

from ordi.errors import Invalid, NotFound
from ordi.log import heads, proofs
from web.api import blueprint
from web.clock import now
from web.guards import permission
from web.keyring import keyring
from web.session import db

_LEAF = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SIZE = re.compile(r"[0-9]{1,15}", re.ASCII)


@blueprint.get("/v1/log/head")
@permission("public")
def log_head() -> dict[str, Any]:
    """The newest signed head."""
    head = heads.newest(db())
    if head is None:
        raise NotFound()
    told = heads.read_head(head.jws, keyring().jwks(now()))
    return {"log": told.log, "size": told.size, "root": told.root.hex(), "issued": told.issued, "head": head.jws}


@blueprint.get("/v1/log/inclusion")
@permission("public")
def log_inclusion() -> dict[str, Any]:
    """That an event's hash is in the log of `size` entries."""
    leaf = request.args.get("leaf", "").casefold()
    if not _LEAF.fullmatch(leaf):
        raise Invalid(field="leaf", why="hash")
    return proofs.inclusion_proof(db(), leaf, _size("size"))


@blueprint.get("/v1/log/consistency")
@permission("public")
def log_consistency() -> dict[str, Any]:
    """That the log of `to` entries begins with that of `from`."""
    old = _size("from")
    if old is None:
        raise Invalid(field="from", why="range")
    return proofs.consistency_proof(db(), old, _size("to"))


@blueprint.get("/v1/keys")
@permission("public")
def keys() -> dict[str, Any]:
    """Every public key of ours, old ones too: what they signed then, they still prove. And what the root signed of them."""
    ours = keyring().jwks(now()) | {"pdf": keyring().pdf_fingerprints()}
    vouched = keyring().published()
    return ours if vouched is None else ours | {"vouched": vouched}


def _size(name: str) -> int | None:
    asked = request.args.get(name)
    if asked is None:
        return None
    if not _SIZE.fullmatch(asked):
        raise Invalid(field=name, why="range")
    return int(asked)
