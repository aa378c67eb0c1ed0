"""The installation's keys, opened once per process."""

from __future__ import annotations

from flask import Flask, current_app

from ordi.keys import KeyRing
from ordi.sealing import Sealer


def install(app: Flask, keys: KeyRing) -> None:
    """Give `app` its keys."""
    app.extensions["ordi-keys"] = keys
    app.extensions["ordi-sealer"] = keys.sealer()


def keyring() -> KeyRing:
    """Signs certificates, jobs, the journal and PDFs."""
    keys: KeyRing = current_app.extensions["ordi-keys"]
    return keys


def sealer() -> Sealer:
    """Seals and opens households' files."""
    sealer: Sealer = current_app.extensions["ordi-sealer"]
    return sealer
