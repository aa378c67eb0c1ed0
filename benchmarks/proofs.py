"""Proofs and papers: the journal walked whole, certificates drawn and checked, labels printed."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.figures import Pair, figure
from benchmarks.ground import Town, on_both
from ordi.keys import KeyRing
from ordi.labels.stocks import SHIPPED
from ordi.machines.journal import Event, verify
from ordi.signatures import sign
from ordi.signatures import verify as verify_token
from ordi.tags import new_tag
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
            for text, digest in session.execute(select(Event.facts, Event.hash).execution_options(yield_per=2000)):
                hashlib.sha256((text + digest).encode()).hexdigest()
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
