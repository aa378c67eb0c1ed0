"""The organisation's keys: private, rotated without loss, exported only encrypted."""

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from ordi.keys import PURPOSES, KeyRing, KeysRefused

NOW = datetime(2026, 11, 22, 10, 0, 0, 500_000, tzinfo=UTC)
LATER = NOW + timedelta(days=90)
PASSPHRASE = "quatre mots assez longs"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_a_new_ring_makes_one_key_for_each_purpose(directory: Path) -> None:
    ring = KeyRing.open(directory, at=NOW)
    assert [(key["purpose"], key["number"]) for key in ring.listing()] == [(name, 1) for name in PURPOSES]


def test_opening_again_finds_the_same_keys(directory: Path) -> None:
    assert KeyRing.open(directory, at=NOW).listing() == KeyRing.open(directory, at=LATER).listing()


def test_only_the_owner_may_read_them(directory: Path) -> None:
    KeyRing.open(directory, at=NOW)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


@pytest.mark.parametrize(("mode", "name"), [(0o644, "job-001.json"), (0o640, "pdf-001.json"), (0o755, ".")])
def test_keys_that_others_may_read_are_refused(directory: Path, mode: int, name: str) -> None:
    KeyRing.open(directory, at=NOW)
    (directory / name).chmod(mode)
    with pytest.raises(KeysRefused, match="exposed"):
        KeyRing.open(directory, at=NOW)


def test_a_key_that_is_a_link_to_elsewhere_is_refused(directory: Path, tmp_path: Path) -> None:
    KeyRing.open(directory, at=NOW)
    (directory / "job-001.json").rename(tmp_path / "elsewhere")
    (directory / "job-001.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeysRefused, match="exposed"):
        KeyRing.open(directory, at=NOW)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"purpose":"job"}', "x" * 10])
def test_a_damaged_key_file_is_refused_rather_than_replaced(directory: Path, content: str) -> None:
    KeyRing.open(directory, at=NOW)
    (directory / "job-001.json").write_text(content)
    with pytest.raises(KeysRefused, match="unreadable-key"):
        KeyRing.open(directory, at=NOW)


def test_a_key_file_under_another_name_is_refused(directory: Path) -> None:
    KeyRing.open(directory, at=NOW)
    (directory / "job-001.json").rename(directory / "certificate-002.json")
    with pytest.raises(KeysRefused, match="unreadable-key"):
        KeyRing.open(directory, at=NOW)


def test_without_leave_to_create_a_missing_key_is_said(directory: Path) -> None:
    with pytest.raises(KeysRefused, match="no-directory"):
        KeyRing.open(directory, at=NOW, create=False)
    KeyRing.open(directory, at=NOW)
    (directory / "pdf-001.json").unlink()
    with pytest.raises(KeysRefused, match="no-key"):
        KeyRing.open(directory, at=NOW, create=False)


def test_a_rotation_changes_the_key_from_its_instant_on(directory: Path) -> None:
    ring = KeyRing.open(directory, at=NOW)
    before = ring.signing("certificate", LATER).kid
    ring.rotate("certificate", LATER)
    for opened in (ring, KeyRing.open(directory, at=LATER)):
        assert opened.signing("certificate", LATER - timedelta(seconds=1)).kid == before
        assert opened.signing("certificate", LATER).kid != before


def test_no_key_is_in_force_before_the_first(directory: Path) -> None:
    ring = KeyRing.open(directory, at=NOW)
    with pytest.raises(KeysRefused, match="no-key-in-force"):
        ring.signing("job", NOW - timedelta(seconds=1))


def test_what_is_issued_in_the_second_a_key_was_made_is_covered(directory: Path) -> None:
    ring = KeyRing.open(directory, at=NOW)
    assert ring.signing("job", NOW.replace(microsecond=0))


def test_a_rotation_into_the_past_is_refused(directory: Path) -> None:
    ring = KeyRing.open(directory, at=NOW)
    with pytest.raises(KeysRefused, match="not-after-last-key"):
        ring.rotate("job", NOW)


def test_two_rotations_at_once_make_one_key(directory: Path) -> None:
    one, other = KeyRing.open(directory, at=NOW), KeyRing.open(directory, at=NOW)
    one.rotate("job", LATER)
    with pytest.raises(KeysRefused, match="someone-just-rotated"):
        other.rotate("job", LATER)


def test_the_public_keys_carry_their_dates_and_no_secret(directory: Path) -> None:
    ring = KeyRing.open(directory, at=NOW)
    ring.rotate("job", LATER)
    keys = [key for key in ring.jwks(LATER)["keys"] if key["purpose"] == "job"]
    assert [(key["nbf"], key.get("exp")) for key in keys] == [
        (int(NOW.timestamp()), int(LATER.timestamp())),
        (int(LATER.timestamp()), None),
    ]
    assert not any(key.keys() & {"d", "k"} for key in keys)


def test_a_key_not_yet_in_force_is_not_published(directory: Path) -> None:
    ring = KeyRing.open(directory, at=NOW)
    ring.rotate("job", LATER)
    job = [key for key in ring.jwks(NOW)["keys"] if key["purpose"] == "job"]
    assert len(job) == 1
    assert "exp" not in job[0]


def test_every_published_key_reads_in_another_library_under_the_same_name(directory: Path) -> None:
    jwk = pytest.importorskip("joserfc.jwk")
    for key in KeyRing.open(directory, at=NOW).jwks(NOW)["keys"]:
        assert jwk.OKPKey.import_key(key).thumbprint() == key["kid"]


def test_the_pdf_key_is_p_256_with_its_own_certificate(directory: Path) -> None:
    ring = KeyRing.open(directory, at=NOW, organisation="Ordi Landerlac")
    key = ring.pdf_key(NOW)
    assert isinstance(key.private.curve, ec.SECP256R1)
    assert key.certificate.public_key() == key.private.public_key()
    key.certificate.verify_directly_issued_by(key.certificate)
    assert "Ordi Landerlac" in key.certificate.subject.rfc4514_string()
    assert ring.pdf_fingerprints() == [key.fingerprint]


def test_sealing_survives_a_rotation(directory: Path) -> None:
    ring = KeyRing.open(directory, at=NOW)
    blob = ring.sealer().seal("households", "name", "1", "Amal")
    ring.rotate("sealing", LATER)
    assert ring.sealer().stale(blob)
    assert ring.sealer().open("households", "name", "1", blob) == "Amal"


def test_the_newest_session_secret_comes_first(directory: Path) -> None:
    ring = KeyRing.open(directory, at=NOW)
    old = ring.session_secrets()
    ring.rotate("session", LATER)
    assert ring.session_secrets()[1:] == old


def test_the_listing_holds_no_secret(directory: Path) -> None:
    listing = json.dumps(KeyRing.open(directory, at=NOW).listing())
    for path in directory.iterdir():
        assert json.loads(path.read_text())["secret"] not in listing


def test_an_export_brings_every_key_back_elsewhere(directory: Path, tmp_path: Path) -> None:
    ring = KeyRing.open(directory, at=NOW)
    ring.rotate("job", LATER)
    ring.export(tmp_path / "export", PASSPHRASE)
    back = KeyRing.restore(tmp_path / "new", tmp_path / "export", PASSPHRASE)
    assert back.listing() == ring.listing()
    assert stat.S_IMODE((tmp_path / "export").stat().st_mode) == 0o600
    for path in directory.iterdir():
        assert path.read_bytes() == (tmp_path / "new" / path.name).read_bytes()
        assert json.loads(path.read_text())["secret"] not in (tmp_path / "export").read_text()


def test_a_wrong_passphrase_opens_nothing(directory: Path, tmp_path: Path) -> None:
    KeyRing.open(directory, at=NOW).export(tmp_path / "export", PASSPHRASE)
    with pytest.raises(KeysRefused, match="wrong-passphrase"):
        KeyRing.restore(tmp_path / "new", tmp_path / "export", PASSPHRASE + "!")


def test_a_changed_export_opens_nothing(directory: Path, tmp_path: Path) -> None:
    KeyRing.open(directory, at=NOW).export(tmp_path / "export", PASSPHRASE)
    whole = json.loads((tmp_path / "export").read_text())
    for change in ({"sealed": whole["sealed"][:-4] + "AAAA"}, {"nonce": "A" * 16}, {"extra": 1}):
        (tmp_path / "changed").write_text(json.dumps(whole | change))
        with pytest.raises(KeysRefused, match="wrong-passphrase"):
            KeyRing.restore(tmp_path / "new", tmp_path / "changed", PASSPHRASE)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"sealed":"AA"}', '{"typ":"other"}'])
def test_another_file_is_not_an_export(tmp_path: Path, content: str) -> None:
    (tmp_path / "export").write_text(content)
    with pytest.raises(KeysRefused, match="not-an-export"):
        KeyRing.restore(tmp_path / "new", tmp_path / "export", PASSPHRASE)


def test_an_export_asking_for_a_costly_or_cheap_stretching_is_not_ours(directory: Path, tmp_path: Path) -> None:
    KeyRing.open(directory, at=NOW).export(tmp_path / "export", PASSPHRASE)
    whole = json.loads((tmp_path / "export").read_text())
    whole["scrypt"]["n"] = 1 << 40
    (tmp_path / "export").write_text(json.dumps(whole))
    with pytest.raises(KeysRefused, match="not-an-export"):
        KeyRing.restore(tmp_path / "new", tmp_path / "export", PASSPHRASE)


def test_restoring_never_replaces_a_key_that_is_there(directory: Path, tmp_path: Path) -> None:
    KeyRing.open(directory, at=NOW).export(tmp_path / "export", PASSPHRASE)
    other = tmp_path / "other"
    before = KeyRing.open(other, at=NOW).listing()
    with pytest.raises(KeysRefused, match="already-there"):
        KeyRing.restore(other, tmp_path / "export", PASSPHRASE)
    assert KeyRing.open(other, at=NOW).listing() == before


def test_an_export_never_replaces_a_file_and_wants_a_long_passphrase(directory: Path, tmp_path: Path) -> None:
    ring = KeyRing.open(directory, at=NOW)
    (tmp_path / "export").write_text("precious")
    with pytest.raises(KeysRefused, match="already-there"):
        ring.export(tmp_path / "export", PASSPHRASE)
    with pytest.raises(KeysRefused, match="passphrase-too-short"):
        ring.export(tmp_path / "other", "court")
    assert sorted(os.listdir(tmp_path)) == ["export", "keys"]
