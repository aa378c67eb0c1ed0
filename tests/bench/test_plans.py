"""The plan of a wipe: from what each kind of drive says it can do, the best it offers; nobody chooses a level."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from ordi.bench.intake import receive
from ordi.bench.jobs import NotWipeable, order_wipe
from ordi.bench.plan import last_inventory, plan, plan_of
from ordi.bench.techniques import Level, Technique, level_of
from ordi.machines.capabilities import Capabilities, hidden_by, read_capabilities
from ordi.machines.drive import Medium, open_sightings
from ordi.machines.gate import NotInventoried, clean_drives
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from tests.bench.benches import Bench
from tests.cast import Cast
from tests.factories import a_machine

GB = 10**9
FREE = {"supported": True, "enabled": False, "locked": False, "frozen": False, "enhanced": True, "enhanced_minutes": 90}


def ata(*sanitize: str, encrypts: bool = False, **security: Any) -> dict[str, Any]:
    """What an ATA drive says it can do."""
    return {"ata": {"sanitize": list(sanitize), "encrypts": encrypts, "security": FREE | security}}


@pytest.mark.parametrize(
    ("medium", "told", "technique", "level"),
    [
        ("hdd", ata("overwrite"), "ata-sanitize-overwrite", "purge"),
        ("hdd", ata(), "ata-security-erase-enhanced", "purge"),
        ("hdd", ata(frozen=True), "overwrite-aes256ctr", "clear"),
        ("hdd", ata(enhanced=False), "overwrite-aes256ctr", "clear"),
        ("ssd", ata("crypto-scramble", "block-erase", encrypts=True), "ata-sanitize-block-erase", "purge"),
        ("ssd", ata("crypto-scramble", encrypts=True), "ata-sanitize-crypto-scramble", "purge"),
        ("ssd", ata("crypto-scramble", encrypts=False), "overwrite-aes256ctr", "clear"),
        ("ssd", ata(), "overwrite-aes256ctr", "clear"),
        ("nvme", {"nvme": {"sanitize": ["crypto-erase", "block-erase"]}}, "nvme-sanitize-block-erase", "purge"),
        ("nvme", {"nvme": {"sanitize": ["crypto-erase"]}}, "nvme-sanitize-crypto-erase", "purge"),
        ("nvme", {"nvme": {"formats": True, "formats_crypto": True}}, "overwrite-aes256ctr", "clear"),
        ("emmc", {"emmc": {"sanitizes": True, "boot_bytes": 8 << 20}}, "emmc-sanitize", "purge"),
        ("emmc", {"emmc": {"sanitizes": False, "secure_trims": True}}, "overwrite-aes256ctr", "clear"),
        ("unknown", {}, "overwrite-aes256ctr", "clear"),
    ],
)
def test_the_best_that_a_drive_offers_is_planned(medium: str, told: dict[str, Any], technique: str, level: str) -> None:
    found = plan(medium=medium, size=500 * GB, transport="sata", told=read_capabilities(told))
    assert (found.technique, found.level) == (technique, level)
    erase = [] if level == "clear" else ["erase"]
    assert [step.what for step in found.steps] == [*erase, "write", "read"]
    assert found.minutes == sum(step.minutes for step in found.steps) > 0


def test_the_level_comes_from_medium_and_technique_alone() -> None:
    purges = {(medium, way) for medium in Medium for way in Technique if level_of(medium, way) == Level.PURGE}
    assert {medium for medium, _ in purges} == {Medium.HDD, Medium.SSD, Medium.NVME, Medium.EMMC}
    assert not [way for _, way in purges if way in (Technique.OVERWRITE, Technique.ATA_SECURITY_ERASE)]
    assert not [way for _, way in purges if way in (Technique.NVME_FORMAT, Technique.NVME_FORMAT_CRYPTO)]
    assert level_of(Medium.SSD, Technique.ATA_SECURITY_ERASE_ENHANCED) == Level.CLEAR
    assert {level_of(medium, Technique.OVERWRITE) for medium in Medium} == {Level.CLEAR}


def test_behind_a_usb_bridge_nothing_the_drive_says_is_used() -> None:
    found = plan(medium="ssd", size=GB, transport="usb", told=read_capabilities(ata("block-erase")))
    assert (found.technique, found.level, found.notes) == (
        "overwrite-aes256ctr",
        "clear",
        ("usb-bridge", "flash-stays-clear"),
    )


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        (ata("block-erase", locked=True, enabled=True), "locked"),
        ({"opal": {"supported": True, "enabled": True, "locked": True}}, "locked-by-owner"),
        ({"card": True}, "removable-flash"),
        ({"hidden": {"visible": 976771055, "native": 976773168}}, "hidden-area"),
        ({"hidden": {"visible": 976771055, "native": 976771055, "real": 976773168}}, "hidden-area"),
    ],
)
def test_what_stands_in_the_way_is_said_before_the_start(told: dict[str, Any], refusal: str) -> None:
    found = plan(medium="ssd", size=500 * GB, transport="sata", told=read_capabilities(told))
    assert (found.refusal, found.level, found.steps) == (refusal, "none", ())


@pytest.mark.parametrize(
    ("told", "offers"),
    [
        (ata(frozen=True), ("wake",)),
        (ata(frozen=True, enhanced=False), ()),
        (ata("overwrite") | {"hidden": {"visible": 100, "native": 100, "real": 132}}, ("reveal",)),
        (ata(frozen=True) | {"hidden": {"visible": 100, "native": 132}}, ("wake", "reveal")),
        (ata(frozen=True, locked=True) | {"hidden": {"visible": 100, "native": 132}}, ()),
    ],
)
def test_a_frozen_drive_and_one_that_hides_something_offer_what_a_person_may_agree_to(
    told: dict[str, Any], offers: tuple[str, ...]
) -> None:
    assert plan(medium="hdd", size=51_200, transport="sata", told=read_capabilities(told)).offers == offers
    assert plan(medium="hdd", size=51_200, transport="usb", told=read_capabilities(told)).offers == ()


def test_once_agreed_a_plan_reaches_further_and_covers_the_whole_drive() -> None:
    told = read_capabilities(ata(frozen=True) | {"hidden": {"visible": 100, "native": 132}})
    found = plan(medium="hdd", size=51_200, transport="sata", told=told, agreed={"wake", "reveal"})
    assert (found.technique, found.level, found.refusal) == ("ata-security-erase-enhanced", "purge", "")
    assert found.whole_bytes == 132 * 512
    asleep = plan(medium="hdd", size=51_200, transport="sata", told=told, agreed={"wake"})
    assert (asleep.whole_bytes, asleep.refusal) == (None, "")


def test_a_hidden_area_is_erased_with_the_rest_by_the_drive_itself() -> None:
    told = ata("block-erase") | {"hidden": {"visible": 976771055, "native": 976773168}}
    found = plan(medium="ssd", size=500 * GB, transport="sata", told=read_capabilities(told))
    assert (found.refusal, found.level) == ("", "purge")
    assert found.hidden_bytes == 2113 * 512


@pytest.mark.parametrize(
    ("medium", "told", "note"),
    [
        ("hdd", ata(frozen=True), "frozen"),
        ("hdd", ata(enabled=True), "password-set"),
        ("emmc", {"emmc": {"boot_bytes": 8 << 20, "boot_from": 1}}, "starts-from-boot-area"),
        ("emmc", {"emmc": {"rpmb_bytes": 4 << 20}}, "rpmb"),
        ("ssd", {}, "flash-stays-clear"),
    ],
)
def test_what_would_have_reached_more_is_said(medium: str, told: dict[str, Any], note: str) -> None:
    assert note in plan(medium=medium, size=GB, transport="sata", told=read_capabilities(told)).notes


@pytest.mark.parametrize(
    ("controllers", "why"),
    [
        ([{"class": "0x010601", "driver": "ahci", "remapped_nvme": 0}], ""),
        ([{"class": "0x010400", "driver": "ahci", "remapped_nvme": 0}], ""),
        ([{"class": "0x010400", "driver": "vmd", "remapped_nvme": 0}], ""),
        ([{"class": "0x010400", "driver": None, "remapped_nvme": 0}], "raid"),
        ([{"class": "0x010400", "driver": "megaraid_sas", "remapped_nvme": 0}], "raid"),
        ([{"class": "0x010601", "driver": "ahci", "remapped_nvme": 1}], "remapped"),
        ("nonsense", ""),
        ([None, {"class": None, "remapped_nvme": "3"}], ""),
    ],
)
def test_a_raid_mode_that_hides_drives_is_seen(controllers: Any, why: str) -> None:
    assert hidden_by(controllers) == why


@pytest.mark.parametrize(
    "told", [None, [], "text", {"ata": 3}, {"hidden": {"visible": -1}}, {"nvme": {"sanitize": "all"}}]
)
def test_absurd_capabilities_are_none(told: Any) -> None:
    assert read_capabilities(told) == Capabilities()


def inventory(capabilities: dict[str, Any], controllers: list[dict[str, Any]], size: int = 500 * GB) -> dict[str, Any]:
    """What the agent says of a machine with one SSD."""
    device = {
        "name": "sda",
        "type": "disk",
        "size": size,
        "serial": "S21PNSAG123456A",
        "rota": False,
        "tran": "sata",
    }
    parts = {"lsblk": {"blockdevices": [device]}, "capabilities:sda": capabilities, "controllers": controllers}
    raw = {name: base64.b64encode(gzip.compress(json.dumps(part).encode())).decode() for name, part in parts.items()}
    return {"uuid": str(uuid4()), "format": "ordi-inventory/1", "agent": "0.1.0", "raw": raw, "absences": []}


def taken(session: Session, machine: Machine, cast: Cast, now: datetime, **parts: Any) -> Any:
    """A session adopted by Sam, and its inventory."""
    bench = Bench(session, now).adopted(machine, cast.sam)
    told = inventory(parts.get("capabilities", {}), parts.get("controllers", []), parts.get("size", 500 * GB))
    receive(session, told, json.dumps(told).encode(), sender=bench, at=now)
    return bench


def test_a_job_asks_for_the_technique_that_the_inventory_found(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    bench = taken(session, machine, cast, now, capabilities=ata("block-erase"))
    (sighting,) = open_sightings(session, machine)
    assert plan_of(sighting.drive, last_inventory(session, machine)).level == Level.PURGE
    assert order_wipe(session, bench, sighting.drive, by=cast.sam, at=now).technique == Technique.ATA_BLOCK_ERASE


def test_a_locked_drive_is_not_ordered(session: Session, cast: Cast, now: datetime) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    bench = taken(session, machine, cast, now, capabilities=ata(locked=True, enabled=True))
    (sighting,) = open_sightings(session, machine)
    with pytest.raises(NotWipeable) as refused:
        order_wipe(session, bench, sighting.drive, by=cast.sam, at=now)
    assert refused.value.facts["why"] == "locked"


def test_an_inventory_under_a_raid_mode_does_not_say_what_is_inside(
    session: Session, cast: Cast, now: datetime
) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    taken(session, machine, cast, now, controllers=[{"class": "0x010400", "driver": None, "remapped_nvme": 0}])
    assert open_sightings(session, machine)
    with pytest.raises(NotInventoried):
        clean_drives(session, machine)
