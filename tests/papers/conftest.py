"""The keys of Landerlac, made once."""

from pathlib import Path

import pytest

from ordi.keys import KeyRing
from tests.papers.certificates import AT, PUBLIC_URL, payload, signed
from web.papers.certificate_pdf import certificate_pdf


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """Our keys."""
    return KeyRing.open(_directory(tmp_path_factory), at=AT, organisation="Ordi Landerlac")


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """The keys of someone who calls himself us."""
    return KeyRing.open(_directory(tmp_path_factory), at=AT, organisation="Ordi Landerlac")


@pytest.fixture(scope="session")
def certificate(ring: KeyRing) -> bytes:
    """The certificate of one good wipe."""
    return certificate_pdf(signed(ring, payload()), ring.pdf_key(AT), public_url=PUBLIC_URL, at=AT)


def _directory(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("ring") / "keys"
