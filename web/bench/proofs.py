"""The certificates of a machine as one sealed PDF, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, make_response
from werkzeug.wrappers import Response

from ordi.bench.certificates import Certificate
from ordi.machines.machine import Machine
from web.clock import now
from web.keyring import keyring
from web.languages import chosen
from web.papers.certificate_pdf import certificate_pdf


def certificates_pdf(machine: Machine, issued: Sequence[Certificate]) -> bytes:
    """Every certificate of `issued`, all of `machine`, in one sealed file."""
    assert all(one.sanitisation.machine_id == machine.id for one in issued)
    return certificate_pdf(
        [(one.payload, one.jws) for one in issued],
        keyring().pdf_key(now()),
        public_url=current_app.extensions["ordi-settings"].base_url,
        at=now(),
        lang=chosen(),
    )


def sealed_file(machine: Machine, issued: Sequence[Certificate], name: str) -> Response:
    """The same, as a file of this name that opens in the browser."""
    answer = make_response(certificates_pdf(machine, issued))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
