"""A certificate, for whoever holds its code; and any certificate file, checked with our keys."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import Response, abort, make_response, render_template, request
from flask_babel import gettext as _

from ordi.bench.certificates import TYP, Certificate, by_code
from ordi.signatures import SignatureRefused, verify
from web.clock import now
from web.guards import permission
from web.keyring import keyring
from web.papers.verifying import verify_file
from web.public import blueprint
from web.session import db

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
    answer = make_response(
        render_template(
            "public/certificate.html",
            told=_signed(found),
            same=not fingerprint or _same(found, fingerprint),
            newer=db().get(Certificate, found.superseded_by_id) if found.superseded_by_id else None,
        )
    )
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@blueprint.get("/C")
@permission("public")
def check() -> str:
    """Check a certificate one was given: by its code, or the file itself."""
    return render_template("public/check.html", found=None, refusal="")


@blueprint.post("/C")
@permission("public")
def check_file() -> str | tuple[str, int] | Response:
    """Check a file: a PDF or a JWS."""
    code = request.form.get("code", "").strip().upper().replace(" ", "").replace("-", "")
    if code:
        if by_code(db(), code) is None:
            return render_template("public/check.html", found=None, refusal=_("Ce code n’est pas le nôtre.")), 404
        return certificate(code)
    sent = request.files.get("file")
    data = sent.read(LARGEST + 1) if sent else b""
    if not data or len(data) > LARGEST:
        return render_template(
            "public/check.html", found=None, refusal=_("Choisissez un fichier, ou tapez un code.")
        ), 422
    found = verify_file(data, keyring().jwks(now()), keyring().pdf_fingerprints())
    return render_template("public/check.html", found=found, refusal="")


def _signed(found: Certificate) -> dict[str, Any]:
    """What it says, if our own signature still holds over it."""
    try:
        return verify(found.jws, keyring().jwks(now()), TYP)
    except SignatureRefused:
        abort(404)


def _same(found: Certificate, fingerprint: str) -> bool:
    return hmac.compare_digest(hashlib.sha256(found.jws.encode()).hexdigest(), fingerprint.casefold())
