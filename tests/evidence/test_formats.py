"""What other tools write of a computer is read into the same facts, and nothing else of it is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ordi.machines.drive import Medium
from ordi.machines.formats import FORMATS, NotUnderstood, format_of
from ordi.machines.machine import Form
from tests.evidence.outputs import BYTES, DRIVE, OUTPUTS, SECRETS, SERIAL, UUID, dmidecode, glpi, lshw, lshw_xml, tree
from tests.ground.tiers import SAMPLES

THE_COMPUTER = [name for name in OUTPUTS if name != "smartctl"]
ROUNDED = {"glpi", "ereuse-components", "ereuse-devices"}
"""Tools that write sizes in megabytes."""


@pytest.mark.parametrize("name", OUTPUTS)
def test_each_output_is_recognised_for_what_it_is(name: str) -> None:
    form, text = OUTPUTS[name]
    assert format_of(text.encode()) == form


@pytest.mark.parametrize("name", THE_COMPUTER)
def test_each_tool_tells_the_same_computer(name: str) -> None:
    form, text = OUTPUTS[name]
    told = FORMATS[form].read(FORMATS[form].allowed(text.encode()))
    assert (told.manufacturer, told.serial, told.form) == ("LENOVO", SERIAL, Form.LAPTOP)
    assert told.model in ("ThinkPad T480", "20L5")
    assert "i5-8350U" in told.processor
    assert 7 << 30 < (told.memory_bytes or 0) <= 8 << 30
    if name not in ("ereuse-components", "ereuse-devices"):
        assert told.system_uuid == UUID


@pytest.mark.parametrize("name", [name for name in OUTPUTS if name != "dmidecode"])
def test_each_tool_tells_the_drive_inside_and_no_other(name: str) -> None:
    form, text = OUTPUTS[name]
    told = FORMATS[form].read(text.encode())
    (drive,) = [one for one in told.drives if one.serial]
    assert drive.serial == DRIVE
    assert drive.medium == Medium.NVME
    assert drive.exact is (name not in ROUNDED)
    assert drive.bytes == (256060 * 10**6 if name in ROUNDED else BYTES)


@pytest.mark.parametrize("name", OUTPUTS)
def test_no_user_network_or_name_of_an_owner_is_kept(name: str) -> None:
    form, text = OUTPUTS[name]
    assert any(secret in text for secret in SECRETS)
    kept = FORMATS[form].allowed(text.encode()).decode()
    assert [secret for secret in SECRETS if secret in kept] == []


@pytest.mark.parametrize("name", OUTPUTS)
def test_what_is_kept_says_as_much_as_what_was_sent(name: str) -> None:
    form, text = OUTPUTS[name]
    read, allowed = FORMATS[form].read, FORMATS[form].allowed
    assert read(allowed(text.encode())) == read(text.encode())
    assert allowed(allowed(text.encode())) == allowed(text.encode())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["glpi", "lshw-xml", "dmidecode"])
def test_a_file_that_went_through_windows_is_read_all_the_same(name: str, encoding: str) -> None:
    form, text = OUTPUTS[name]
    assert format_of(text.encode(encoding)) == form
    assert FORMATS[form].read(text.encode(encoding)).serial == SERIAL


def test_xml_with_a_document_type_is_refused_before_anything_is_expanded() -> None:
    bomb = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + lshw_xml().partition("?>")[2].replace(
        SERIAL, "&b;"
    )
    with pytest.raises(NotUnderstood) as refused:
        FORMATS["lshw"].read(bomb.encode())
    assert refused.value.facts["why"] == "entities"
    outside = '<!DOCTYPE l SYSTEM "file:///etc/passwd"><list/>'
    with pytest.raises(NotUnderstood):
        FORMATS["lshw"].allowed(outside.encode())


def test_characters_that_xml_has_not_spoil_themselves_only() -> None:
    broken = lshw_xml().replace("20L5 (", "20L5&#1;\x02\x00 &#xFFFF;(")
    assert FORMATS["lshw"].read(broken.encode()).serial == SERIAL


def test_lshw_of_one_class_without_brackets_is_read() -> None:
    disks = json.dumps(tree()["children"][0]["children"][2]["children"][0]["children"][0] | {"serial": DRIVE})
    told = FORMATS["lshw"].read(f"{disks},\n{disks},".encode())
    assert {one.serial for one in told.drives} == {DRIVE}


def test_a_partial_inventory_says_what_it_says_and_knows_of_no_drive() -> None:
    whole = json.loads(glpi())
    part = {"action": "inventory", "partial": True, "content": {"bios": whole["content"]["bios"]}}
    told = FORMATS["glpi"].read(json.dumps(part).encode())
    assert (told.serial, told.drives, told.drives_known) == (SERIAL, (), False)


@pytest.mark.parametrize(
    "placeholder",
    ["To Be Filled By O.E.M.", "Default string", "--", "0", "Not Specified", "0000000", "$(DEFAULT_STRING)"],
)
def test_a_placeholder_is_no_serial_in_any_format(placeholder: str) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    for form, text in (("dmidecode", dmidecode(placeholder, nobody)), ("glpi", glpi(placeholder, nobody)),
                       ("lshw", lshw(placeholder, nobody)), ("lshw", lshw_xml(placeholder, nobody))):  # fmt: skip
        told = FORMATS[form].read(text.encode())
        assert (told.serial, told.system_uuid) == ("", ""), form


@pytest.mark.parametrize(
    ("form", "body", "why"),
    [
        ("glpi", b"", "empty"),
        ("glpi", b"{", "not-json"),
        ("glpi", b"[" * 100_000, "too-deep"),
        ("glpi", b"[]", "nothing-readable"),
        ("lshw", b"<list><node", "not-xml"),
        ("lshw", b"[]", "empty"),
        ("smartctl", b"[{}]", "nothing-readable"),
        ("dmidecode", b"\x00\xff", "nothing-readable"),
        ("ereuse", b'{"type": "Snapshot", "data": {}}', "nothing-readable"),
    ],
)
def test_what_cannot_be_understood_says_why(form: str, body: bytes, why: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        FORMATS[form].read(body)
    assert refused.value.facts["why"] == why


def test_a_number_too_long_to_be_one_is_nothing_and_breaks_nothing() -> None:
    long = glpi().replace("7800", "9" * 6000)
    told = FORMATS["glpi"].read(FORMATS["glpi"].allowed(long.encode()))
    assert told.serial == SERIAL
    assert told.memory_bytes == 8 << 30


@pytest.mark.samples
def test_every_real_output_is_recognised_and_read() -> None:
    formats = {"glpi-inventory": "glpi", "dmidecode": "dmidecode", "smartctl-json": "smartctl"}
    files = [file for folder in formats for file in sorted(Path(SAMPLES, folder).iterdir())]
    assert files
    for file in files:
        form, body = formats[file.parent.name], file.read_bytes()
        assert format_of(body) == form, file.name
        kept = FORMATS[form].allowed(body)
        told = FORMATS[form].read(kept)
        assert told == FORMATS[form].read(body), file.name
        assert told.drives if form == "smartctl" else told.form or told.model, file.name
        if form == "smartctl":
            assert all(drive.bytes and drive.model and not drive.serial for drive in told.drives), file.name
