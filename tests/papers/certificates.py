"""Certificates for these tests: a computer of Landerlac, its drives, its keys."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from ordi.keys import KeyRing
from ordi.signatures import sign

AT = datetime(2026, 11, 22, 10, 8, 32, tzinfo=UTC)
PUBLIC_URL = "https://ordi.example"
TYP = "ordi-certificate/1"
LIMITS = (
    "Ce document ne prouve ni l'état des secteurs remplacés ou inaccessibles, ni la sincérité du micrologiciel, "
    "ni l'absence de collusion. Ce n'est pas une certification."
)

PAYLOAD: dict[str, Any] = {
    "typ": TYP,
    "code": "7F2CQ9XK4M3W8RTZ5HB6DYNPEA",
    "issued": "2026-11-22T10:08:32Z",
    "organisation": {"name": "Ordi Landerlac", "siret": "73282932000074"},
    "workshop": {"name": "Atelier de Landerlac", "commune": "Landerlac"},
    "machine": {"tag": "K7Q24X-M", "manufacturer": "Dell Inc.", "model": "Latitude 5490", "serial": "5CG7341XKQ"},
    "drive": {
        "model": "SAMSUNG MZ7LN256HAJQ-000L7",
        "serial": "S3TSNX0K812345",
        "serial_source": "ata",
        "wwn": "0x5002538d4243a2b1",
        "firmware": "MVT43K6Q",
        "medium": "ssd",
        "bytes": 256060514304,
        "logical_sector": 512,
        "physical_sector": 4096,
        "transport": "sata",
    },
    "sanitisation": {
        "uuid": "0b0e1a57-2b1c-4c8e-9f5e-0d3a9f1f6d11",
        "job": "8a7b1c1e-9a40-4c7b-8a53-9e2c1c0e7a22",
        "session": "d1b0c2a3-55f1-4d6e-a1c7-6f2b3e4d5c33",
        "technique": "overwrite-aes256ctr",
        "level": "clear",
        "commands": ["ordi-agent overwrite --pattern aes256ctr /dev/sda", "ordi-agent read-back /dev/sda"],
        "started_at": "2026-11-22T08:31:04Z",
        "ended_at": "2026-11-22T09:52:41Z",
        "judged_at": "2026-11-22T09:52:58Z",
        "bytes_written": 256060514304,
        "bytes_read": 256060514304,
        "mismatches": 0,
        "skipped": [],
        "errors": [],
        "chunk_root": "3b9e77a10c52f4d83b9e77a10c52f4d83b9e77a10c52f4d83b9e77a10c52f4d8",
        "raw_status": {"outcome": "completed", "errno": None, "message": None, "reason": None},
        "agent": "0.1.0",
        "image_sha256": "9c1185a5c5e9fc54612808977ee8f548b2258d31ddadef707ba62c166051b9e3",
        "smart_before_sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "smart_after_sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        "report_sha256": "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
        "verdict": "PASS",
        "reasons": [],
        "assurance": "counter_checked",
        "key_published": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    },
    "wiper": {"op_code": "OP-7KQ2", "role": "technician", "at": "2026-11-22T09:52:41Z"},
    "verifier": {"op_code": "OP-M4XN", "role": "lead", "at": "2026-11-22T10:05:00Z", "sectors": 2000, "matched": 2000},
    "annulled_by": None,
    "test": False,
    "demonstration": False,
    "limits": LIMITS,
}


def payload(**changes: Any) -> dict[str, Any]:
    """The certificate of a good wipe, with `changes`; `drive__serial="x"` reaches inside."""
    made = copy.deepcopy(PAYLOAD)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = made
        for parent in parents:
            place = place[parent]
        place[last] = value
    return made


def signed(ring: KeyRing, *payloads: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Each payload with its token."""
    return [(one, sign(one, ring.signing("certificate", AT), TYP)) for one in payloads]
