"""The file that goes with a certificate and shows it in the public log: `….proof.json`."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, json, make_response

from ordi.bench.certificates import Certificate, by_code
from ordi.errors import Refused
from ordi.log import sidecars
from ordi.log.sidecars import Statement
from ordi.machines.machine import seen
from web.bench.plans import plans_of
from web.clock import now
from web.guards import me, permission
from web.log import blueprint
from web.session import db


class NotSealedYet(Refused):
    """A certificate is shown in the log once the event that records it is sealed: a few seconds."""

    code = "not-sealed-yet"


@blueprint.get("/machines/<tag>/certificates.proof.json")
@permission("certificates.see")
def sidecar(tag: str) -> Response:
    """The proof beside the PDF of a machine."""
    machine = seen(db(), me(), tag, "certificates.see", at=now())
    issued = [one.certificate for one in plans_of(db(), machine) if one.certificate is not None]
    if not issued:
        abort(404)
    return _file(issued, f"ordi-certificat-{machine.tag}")


@blueprint.get("/C/<code>/proof.json")
@permission("public")
def public_sidecar(code: str) -> Response:
    """The proof beside one certificate, for whoever holds its code."""
    found = by_code(db(), code) or abort(404)
    answer = _file([found], f"ordi-certificat-{found.code}")
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def made(issued: list[Certificate]) -> dict[str, Any] | None:
    """The sidecar of certificates of one machine; None while one of them waits to be sealed."""
    statements = [Statement.of(one.jws, one.payload) for one in issued]
    return sidecars.make(db(), statements, issued[0].sanitisation.machine)


def _file(issued: list[Certificate], name: str) -> Response:
    told = made(issued)
    if told is None:
        raise NotSealedYet()
    answer = make_response(json.dumps(told, indent=1) + "\n")
    answer.headers["Content-Type"] = "application/json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.proof.json"'
    return answer
