"""Certificates of simulated wipes: signed like any other, and saying that they are a demonstration."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ordi.bench.certificates import issue
from ordi.keys import KeyRing
from ordi.keys.key import KeysRefused
from ordi.machines.drive import Sanitisation


def certify(session: Session, proof: Sanitisation, ring: KeyRing) -> None:
    """Issue the certificate at the instant of the judgement, when a key was in force then."""
    try:
        key = ring.signing("certificate", proof.judged_at)
    except KeysRefused:
        return
    issue(session, proof, key, at=proof.judged_at)
