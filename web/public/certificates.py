"""A certificate, for whoever holds its code; and any certificate file, checked with our keys."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, abort, current_app, make_response, render_template, request
from flask_babel import gettext as _

from ordi.bench.certificates import TYP, Certificate, by_code
from ordi.bench.certified import annulled_among, annulled_at_entry, proven_since
from ordi.errors import Refused
from ordi.keys.root import grouped, named_root, opened
from ordi.log import sidecars
from ordi.log.sidecars import NotInTheLog, Statement
from ordi.signatures import SignatureRefused, verify
from web.clock import now
from web.guards import permission
from web.keyring import keyring
from web.log.proof_files import made
from web.papers.certificate_pdf import recheck
from web.papers.log_evidence import read_object, statements_of
from web.papers.verifying import Verification, verify_file
from web.public import blueprint
from web.session import db
from web.wording import bench

LARGEST = 4 * 2**20


@blueprint.get("/C/<code>")
@blueprint.get("/C/<code>/<fingerprint>", endpoint="certificate_printed")
@blueprint.get("/c/<code>", endpoint="certificate_typed")
@permission("public")
def certificate(code: str, fingerprint: str = "") -> Response:
    """What was signed about one wipe. The paper's own fingerprint, when scanned, must be that of what we signed."""
    found = by_code(db(), code)
    if found is None:
        abort(404)
    told = _signed(found)
    answer = make_response(
        render_template(
            "public/certificate.html",
            told=told,
            same=not fingerprint or _same(found, fingerprint),
            newer=_newer(found),
            annulled=found.annulment,
            annulled_because=found.annulled_because,
            annulled_entry=annulled_at_entry(db(), found),
            logged=_logged(found),
            recheck=recheck(told["sanitisation"].get("key_published"), told["drive"]["bytes"]),
            keys=_log_keys(),
            paper=fingerprint.casefold(),
        )
    )
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@blueprint.get("/C")
@permission("public")
def check() -> tuple[str, int]:
    """Check a certificate one was given: by its code, or the file itself."""
    return _checking(None, "")


@blueprint.post("/C")
@permission("public")
def check_file() -> tuple[str, int] | Response:
    """Check a file: a PDF or a JWS."""
    code = request.form.get("code", "").strip().upper().replace(" ", "").replace("-", "")
    if code:
        if by_code(db(), code) is None:
            return _checking(None, _("Ce code n’est pas le nôtre."), 404)
        return certificate(code)
    data, beside = _sent()
    if not data or len(data) > LARGEST:
        return _checking(None, _("Choisissez un fichier, ou tapez un code."), 422)
    found = verify_file(data, keyring().jwks(now()), keyring().pdf_fingerprints())
    return _checking(found, "", beside=beside)


def _newer(found: Certificate) -> Certificate | None:
    """The one to look at instead: of the same wipe or, when that is belied, of a later wipe of the same drive."""
    if found.annulment is not None:
        return proven_since(db(), found)
    return db().get(Certificate, found.superseded_by_id) if found.superseded_by_id else None


def _sent() -> tuple[bytes, dict[str, Any] | None]:
    """The certificate that was sent, and the proof beside it when it came along."""
    sent, proof = request.files.get("file"), request.files.get("proof")
    data = sent.read(LARGEST + 1) if sent else b""
    held = proof.read(LARGEST + 1) if proof else b""
    return data, read_object(held) or {} if held else None


def _signed(found: Certificate) -> dict[str, Any]:
    """What it says, if our own signature still holds over it."""
    try:
        return verify(found.jws, keyring().jwks(now()), TYP)
    except SignatureRefused:
        abort(404)


@dataclass(frozen=True)
class Logged:
    """Where a certificate is in the public log, as our own check of the sidecar found it."""

    sidecar: dict[str, Any]
    place: int
    size: int
    at: datetime


def _logged(found: Certificate) -> Logged | None:
    """Its entry, proved again from the sidecar that a stranger would get; None while it is not sealed."""
    sidecar = made([found])
    if sidecar is None:
        return None
    return _proved(sidecar, [Statement.of(found.jws, found.payload)])


def _proved(sidecar: dict[str, Any], statements: list[Statement]) -> Logged | None:
    """What a sidecar proves of certificates; None when it proves nothing of them."""
    try:
        shown = sidecars.check(sidecar, statements, keyring().jwks(now()))
    except NotInTheLog as refused:
        current_app.logger.warning("a sidecar proves nothing: %s", refused.why)
        return None
    return Logged(sidecar, shown.places[0], shown.head.size, datetime.fromisoformat(shown.head.issued))


def _log_keys() -> dict[str, Any]:
    """Our public keys that sign what a browser checks here."""
    return {"keys": [key for key in keyring().jwks(now())["keys"] if key["purpose"] in ("log", "certificate")]}


def _root() -> str | None:
    """The fingerprint of the root that vouches for our keys now, in groups; None when none does."""
    try:
        held = keyring().published()
        if held is None:
            return None
        opened(held, named_root(held)).check(now())
        return grouped(named_root(held))
    except Refused as refused:
        current_app.logger.warning("no root vouches for our keys: %s", refused)
        return None


def _checking(
    found: Verification | None, refusal: str, status: int = 200, beside: dict[str, Any] | None = None
) -> tuple[str, int]:
    """The page where one checks, with the keys and words that a browser needs to do it itself."""
    words = {
        name: {code: str(word) for code, word in told.items()}
        for name, told in (
            ("verdict", bench.VERDICTS),
            ("level", bench.LEVELS),
            ("assurance", bench.ASSURANCES),
            ("technique", bench.TECHNIQUES),
        )
    }
    logged = _proved(beside, statements_of(found)) if beside is not None and found and found.authentic else None
    page = render_template(
        "public/check.html",
        found=found,
        annulled=annulled_among(db(), found.tokens) if found and found.authentic else [],
        refusal=refusal,
        keys=_log_keys(),
        words=words,
        beside=beside is not None,
        logged=logged,
        root=_root(),
    )
    return page, status


def _same(found: Certificate, fingerprint: str) -> bool:
    return hmac.compare_digest(hashlib.sha256(found.jws.encode()).hexdigest(), fingerprint.casefold())
