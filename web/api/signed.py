"""Requests signed by a key: a bench session's, or an enrolled machine's. The signature is checked before anything is looked up in the body."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from sqlalchemy import select

from ordi.bench.sessions import BenchSession, SessionOver, count_up
from ordi.http_signatures import CounterReplayed, SignedRequest, parse
from ordi.signatures import SignatureRefused
from web.api.bodies import the_body
from web.clock import now
from web.session import db

_DEFAULT_PORTS = {"http": 80, "https": 443}


def authority(base_url: str) -> str:
    """Host and port of the server as signed: lower case, the scheme's own port left out."""
    parts = urlsplit(base_url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{parts.port}"


def the_signature() -> SignedRequest:
    """What this request claims to be signed as, its body matching its digest. Raises `SignatureRefused`, `BadBody`."""
    ours = authority(current_app.extensions["ordi-settings"].base_url)
    path = request.path if not request.query_string else f"{request.path}?"
    return parse(request.headers, request.method, ours, path, the_body())


def is_signed() -> bool:
    """Whether a signature came along at all."""
    return "Signature-Input" in request.headers


def the_bench(*, even_over: bool = False) -> BenchSession:
    """The bench session that signed this request; its counter is not taken yet (see `fresh`).

    Raises `SignatureRefused`, `SessionOver`.
    """
    said = the_signature()
    bench = db().scalar(select(BenchSession).where(BenchSession.keyid == said.keyid))
    if bench is None:
        raise SignatureRefused("unknown-key")
    said.verify(bench.public_key)
    if bench.ended_at is not None and not even_over:
        raise SessionOver()
    return bench


def fresh(bench: BenchSession) -> None:
    """Take this request's counter. Raises `CounterReplayed` when it does not grow."""
    if not count_up(db(), bench, the_signature().counter):
        raise CounterReplayed()


def moment() -> str:
    """Now, as the protocol writes it."""
    return now().strftime("%Y-%m-%dT%H:%M:%SZ")
