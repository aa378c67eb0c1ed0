"""Proofs and papers: the journal walked whole, certificates drawn and checked, labels printed."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from benchmarks.figures import Pair, figure, several
from benchmarks.ground import Town, on_both
from ordi.keys import KeyRing
from ordi.labels.stocks import SHIPPED
from ordi.log.heads import LogHead, newest, read_head
from ordi.log.leaves import Leaf, entry
from ordi.log.proofs import inclusion_proof
from ordi.log.sealing import seal
from ordi.log.tree import includes
from ordi.machines.journal import Event, verify
from ordi.signatures import SigningKey, b64url, from_b64url, public_bytes, sign
from ordi.signatures import verify as verify_token
from ordi.tags import new_tag
from tests.ground.clock import NOW
from tests.papers.certificates import AT, PUBLIC_URL, TYP, payload, signed
from web.papers.certificate_pdf import certificate_pdf
from web.papers.label_faces import Face, machine_face
from web.papers.labels_pdf import labels_pdf
from web.papers.pdf import render
from web.papers.qr import matrix
from web.papers.verifying import verify_file


@on_both("journal verify: a thousand events", floor="their hashes read and hashed once more", rounds=1)
def chains(town: Town) -> Iterator[Pair]:
    """Every chain of the town is walked; the time is shared out among its events."""

    def ours() -> float:
        with Session(town.engine) as session:
            began = time.perf_counter()
            assert list(verify(session)) == []
            return (time.perf_counter() - began) * 1000 / _events(session)

    def bare() -> float:
        with Session(town.engine) as session:
            began = time.perf_counter()
            for facts, digest in session.execute(select(Event.facts, Event.hash).execution_options(yield_per=2000)):
                hashlib.sha256((facts + digest).encode()).hexdigest()
            return (time.perf_counter() - began) * 1000 / _events(session)

    yield Pair(ours, bare)


def _events(session: Session) -> int:
    return session.scalar(select(func.count(Event.id))) or 1


@figure("certificate: sealed PDF of one drive", floor="the same engine draws a page of one word", rounds=3)
def drawn() -> Iterator[Pair]:
    """Words, QR, PDF/A, attachment, seal."""
    with tempfile.TemporaryDirectory() as folder:
        ring = KeyRing.open(Path(folder) / "keys", at=AT)
        one = signed(ring, payload())

        def ours() -> None:
            certificate_pdf(one, ring.pdf_key(AT), public_url=PUBLIC_URL, at=AT)

        def bare() -> None:
            render("<html lang='fr'><title>Ordi</title><p>Ordi</p></html>", "", [], at=AT)

        yield Pair(ours, bare)


@figure("certificate: a sealed PDF checked offline", floor="its digest, and one signature checked")
def checked() -> Iterator[Pair]:
    """The seal over every byte, the attachment, its signature."""
    with tempfile.TemporaryDirectory() as folder:
        ring = KeyRing.open(Path(folder) / "keys", at=AT)
        pdf = certificate_pdf(signed(ring, payload()), ring.pdf_key(AT), public_url=PUBLIC_URL, at=AT)
        jwks, token = ring.jwks(AT), sign(payload(), ring.signing("certificate", AT), TYP)

        def ours() -> None:
            assert verify_file(pdf, jwks, ring.pdf_fingerprints()).authentic

        def bare() -> None:
            hashlib.sha256(pdf).digest()
            verify_token(token, jwks, TYP)

        yield Pair(ours, bare)


@figure(
    "certificate: its signed text checked offline", floor="its bytes hashed, and one bare Ed25519 signature checked"
)
def token_checked() -> Iterator[Pair]:
    """Header, key, signature, canonical form, dates."""
    with tempfile.TemporaryDirectory() as folder:
        ring = KeyRing.open(Path(folder) / "keys", at=AT)
        ((_, token),) = signed(ring, payload())
        jwks, public = ring.jwks(AT), ring.signing("certificate", AT).private.public_key()
        told, _, signature = token.rpartition(".")

        def bare() -> None:
            hashlib.sha256(told.encode()).digest()
            public.verify(from_b64url(signature), told.encode())

        yield Pair(several(100, lambda: verify_file(token.encode(), jwks, ())), several(100, bare))


@on_both("log proof: made for an entry", floor="its leaf looked up")
def proof_made(town: Town) -> Iterator[Pair]:
    """The path of an entry to the newest head, out of a town's whole log: fifty entries in turn."""
    with Session(town.engine) as session:
        head, leaves = _sealed(session)

        def ours() -> float:
            began = time.perf_counter()
            for leaf in leaves:
                inclusion_proof(session, leaf, head.size)
            return (time.perf_counter() - began) / len(leaves)

        def bare() -> float:
            began = time.perf_counter()
            for leaf in leaves:
                session.execute(select(Leaf.position).where(Leaf.hash == leaf)).all()
            return (time.perf_counter() - began) / len(leaves)

        yield Pair(ours, bare)


@on_both("log proof: checked", floor="one bare Ed25519 signature checked")
def proof_checked(town: Town) -> Iterator[Pair]:
    """The head's signature, then the path, hash after hash: what anybody does without us."""
    with Session(town.engine) as session:
        head, leaves = _sealed(session)
        proof = inclusion_proof(session, leaves[0], head.size)
        path, public = [bytes.fromhex(node) for node in proof["path"]], LOG_KEY.private.public_key()
        told, _, signature = head.jws.rpartition(".")

        def ours() -> None:
            read = read_head(head.jws, LOG_KEYS)
            assert includes(entry(leaves[0]), proof["index"], read.size, path, read.root)

        yield Pair(several(100, ours), several(100, lambda: public.verify(from_b64url(signature), told.encode())))


LOG_KEY = SigningKey.of("log", Ed25519PrivateKey.generate())
LOG_KEYS = {
    "keys": [
        {"kty": "OKP", "crv": "Ed25519", "x": b64url(public_bytes(LOG_KEY.private)), "kid": LOG_KEY.kid, "purpose": "log", "nbf": 0}
    ]
}  # fmt: skip


def _sealed(session: Session) -> tuple[LogHead, list[str]]:
    """The head over every event of the town, whose rows were written past the trigger that gives tickets; fifty entries of it."""
    session.execute(
        text(
            "INSERT INTO log_waiting (event_id) SELECT e.id FROM events e WHERE NOT EXISTS (SELECT 1 FROM log_waiting w"
            " WHERE w.event_id = e.id) AND NOT EXISTS (SELECT 1 FROM log_leaves l WHERE l.event_id = e.id)"
        )
    )
    while seal(session, LOG_KEY, at=NOW):
        session.commit()
    head = newest(session)
    assert head
    every = max(1, head.size // 50)
    leaves = list(
        session.scalars(select(Leaf.hash).where(Leaf.position % every == 0).order_by(Leaf.position).limit(50))
    )
    return head, leaves


@figure("labels: a sheet of 24 with their QR", floor="the same sheet with no label on it")
def sheet() -> Iterator[Pair]:
    """Letters and symbols as vectors, in true millimetres."""
    faces = [_face(f"K7Q24{char}-M") for char in "0123456789ABCDEFGHJKMNPQ"]

    def ours() -> None:
        labels_pdf(faces, SHIPPED["24-70x37"], at=AT)

    def bare() -> None:
        labels_pdf([], SHIPPED["24-70x37"], at=AT)

    yield Pair(ours, bare)


@figure("labels: a thousand, drawn", floor="their QR matrices alone", rounds=3, times=2.0)
def thousand() -> Iterator[Pair]:
    """Forty-two sheets of twenty-four, from addresses to the bytes of the PDF."""
    random = Random(1000)
    faces = [_face(new_tag(random)) for _ in range(1000)]

    def ours() -> None:
        labels_pdf(faces, SHIPPED["24-70x37"], at=AT)

    def bare() -> None:
        for face in faces:
            matrix(face.url)

    yield Pair(ours, bare)


def _face(tag: str) -> Face:
    return machine_face(tag, PUBLIC_URL, "Atelier de la Gare", "02 61 91 04 17", "fr")
