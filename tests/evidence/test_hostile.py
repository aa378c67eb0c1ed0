"""Whatever is sent, nothing breaks, nothing is lost, and nothing of it acts: not on a page, in an export, a terminal or a log."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.database import make_engine, make_sessions
from ordi.giving import offers
from ordi.giving.collections import collect
from ordi.giving.reception import receive
from ordi.machines.evidence import Evidence, content_of, keep
from ordi.machines.formats import FORMATS, NotUnderstood, format_of
from ordi.machines.hardware import Hardware
from ordi.machines.machine import Form, Machine
from ordi.parties.people import Person
from tests.cast import Cast
from tests.evidence.conftest import SendFile
from tests.evidence.outputs import OUTPUTS, dmidecode, glpi, lshw, lshw_xml, smartctl
from tests.ground.clock import NOW
from tests.ground.databases import Databases
from tests.ground.tiers import SAMPLES
from web.commands import cli

LONGEST = 1.0
"""Seconds one file may take, however it was made: an honest one of this size takes milliseconds."""

_SAMPLES = [
    file
    for folder in ("glpi-inventory", "dmidecode", "smartctl-json")
    for file in sorted(Path(SAMPLES, folder).glob("*"))
]
BODIES = [text.encode() for _form, text in OUTPUTS.values()] + [file.read_bytes() for file in _SAMPLES[::6]]

WORDS = (
    b"\x00", b"\xff\xfe", b"\x1b[2J\x1b]0;x\x07", b"\n", b"<script>alert(1)</script>", b"^XZ^FO0,0", b"=cmd|' /C calc'!A0", b"&a;", b"]]>",
    b"<!DOCTYPE a [<!ENTITY a 'b'>]>", b"[" * 5000, b'{"a":' * 3000, b"<node>" * 3000, b"9" * 5000, b"-1e999", b"NaN", b"\\ud800",
    b"\xe2\x80\xae", b'"', b"}", b"Handle 0x0001", b"\tSize: 99999999999999999999 TB\n", "\u2028é".encode(),
)  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """A real output, cut, doubled or with something hostile put somewhere in it, a few times over."""
    body = draw(st.sampled_from(BODIES))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(body)))
        kind = draw(st.sampled_from(("cut", "put", "over", "double", "bytes")))
        word = draw(st.binary(max_size=40)) if kind == "bytes" else draw(st.sampled_from(WORDS))
        if kind == "cut":
            body = body[:place]
        elif kind == "double":
            body = body[:place] + body[max(0, place - 2000) : place] * draw(st.integers(1, 3)) + body[place:]
        elif kind == "over":
            body = body[:place] + word + body[place + len(word) :]
        else:
            body = body[:place] + word + body[place:]
    return body


def inert(hardware: Hardware) -> bool:
    """One line of printable characters each, short, and numbers that a table holds."""
    texts = [hardware.manufacturer, hardware.model, hardware.serial, hardware.system_uuid, hardware.processor]
    for drive in hardware.drives:
        texts += [drive.name, drive.serial, drive.model, drive.firmware, drive.transport, drive.wwn or ""]
    numbers = [hardware.memory_bytes or 0, *(drive.bytes for drive in hardware.drives)]
    return (
        all(text.isprintable() and len(text) <= 120 for text in texts)
        and all(0 <= number < 1 << 53 for number in numbers)
        and isinstance(hardware.form, Form)
    )


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(spoiled(), st.sampled_from(sorted(FORMATS)))
def test_no_reader_breaks_on_a_spoiled_file_nor_takes_long(body: bytes, asked: str) -> None:
    began = time.process_time()
    for form in {asked, format_of(body) or asked}:
        with suppress(NotUnderstood):
            kept = FORMATS[form].allowed(body)
            assert inert(FORMATS[form].read(kept))
    assert time.process_time() - began < LONGEST


@settings(max_examples=100, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(("content", "bios", "storages", "device", "components", "data", "lshw", "smart", "smartctl", "children", "class", "id", "size", "user_capacity", "hardware", "evidence", "operation", "output", "type", "serial", "configuration", "capabilities", "logicalname")), inner, max_size=6), max_leaves=60), st.sampled_from(sorted(FORMATS)))  # fmt: skip
def test_any_json_of_any_shape_is_read_or_said_to_be_nothing(told: object, form: str) -> None:
    body = json.dumps(told).encode()
    with suppress(NotUnderstood):
        assert inert(FORMATS[form].read(FORMATS[form].allowed(body)))


def test_whatever_arrives_is_answered_and_kept(send_file: SendFile, session: Session) -> None:
    sent = set()

    @settings(max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(spoiled(), st.sampled_from(sorted(set(FORMATS) - {"ordi"})))
    def send(body: bytes, form: str) -> None:
        told = send_file(form, body)
        assert told.status_int in (200, 201), told.text[:200]
        assert not str(told.json["reason"] or "").startswith("reader-failed"), told.json
        sent.add(hashlib.sha256(body).hexdigest())

    send()
    assert set(session.scalars(select(Evidence.sha256))) == sent


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("glpi", b'{"content": ' + b'{"bios": ' * 5000),
        ("ereuse", b"[" * 5000 + b"]" * 5000),
        ("lshw", b"<node>" * 200_000),
        ("lshw", ("<list>" + "<node id='core' class='bus'>" * 60_000 + "</node>" * 60_000 + "</list>").encode()),
        ("lshw", ("{" + '"class": "bus", "children": [{' * 900 + "}]" * 900 + "}").encode()),
        ("dmidecode", b"Handle 0x0001, DMI type 17\nMemory Device\n\tSize: 8 GB\n" * 60_000),
        ("smartctl", b'[{"serial_number": "S", "model_name": "M"}' + b',{"serial_number": "S", "model_name": "M"}' * 90_000 + b"]"),
        ("lshw", b"&#x0;" * 400_000),
        ("glpi", b'{"content": {"bios": {"ssn": "' + b"A" * 3_000_000 + b'"}}}'),
        ("glpi", b'{"content": {"hardware": {"memory": ' + b"9" * 1_000_000 + b"}}}"),
    ],
    ids=["deep-open", "deep", "xml-open", "xml-deep", "json-deep", "dmi-long", "drives-many", "references", "serial-long", "number-long"],
)  # fmt: skip
def test_the_largest_and_deepest_take_bounded_time_and_are_kept(
    send_file: SendFile, session: Session, form: str, body: bytes
) -> None:
    began = time.process_time()
    told = send_file(form, body)
    assert told.status_int == 201, told.text[:200]
    assert time.process_time() - began < 6 * LONGEST
    (stored,) = session.scalars(select(Evidence))
    assert stored.sha256 == hashlib.sha256(body).hexdigest()
    assert len(content_of(stored)) <= 2 * len(body) + 4096
    assert not str(told.json["reason"] or "").startswith("reader-failed"), told.json


def test_a_file_larger_than_any_inventory_is_refused_with_why(send_file: SendFile) -> None:
    told = send_file("glpi", b"x" * ((8 << 20) + 1))
    assert (told.status_int, told.json["facts"]["why"]) == (413, "too-large")


HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "^XZ^FO0,0^A0", "\x1b[31mred\x1b]0;t\x07", "a\nb\r\nc", "{{1234*1234}}", "%(tag)s", "\u202egnp.exe", "Wx" * 250)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_machine_says_of_itself_acts_nowhere(
    send_file: SendFile, session: Session, cast: Cast, enter: Callable[[Person], TestApp], text: str
) -> None:
    told = json.loads(glpi())
    told["content"]["bios"] |= {"smanufacturer": text, "smodel": text, "ssn": text}
    told["content"]["cpus"][0]["name"] = text
    tag = send_file("glpi", json.dumps(told)).json["tag"]
    machine = session.scalars(select(Machine).where(Machine.tag == tag)).one()
    machine.donor = cast.donor
    session.commit()
    for who, path in (
        (cast.sam, f"/machines/{tag}"),
        (cast.sam, f"/bench/{tag}"),
        (cast.ada, "/machines"),
        (cast.ada, f"/machines?q={machine.serial[:20].strip().split(' ')[0]}"),
        (cast.lou, f"/machines/{tag}/merge"),
        (cast.sam, f"/labels/for/machine/{tag}"),
    ):
        page = enter(who).get(path)
        assert "<script>alert" not in page.text, path
        assert not page.html.select("img[onerror]"), path
        assert not any(sign in page.text for sign in ("\x1b", "\x07", "\u202e")), path
        assert "1522756" not in page.text, path  # longer than a tag's six characters: no tag says it by chance


@pytest.mark.parametrize("text", HOSTILE)
def test_a_spreadsheet_calculates_nothing_of_what_a_machine_says(
    send_file: SendFile, session: Session, cast: Cast, enter: Callable[[Person], TestApp], text: str
) -> None:
    offered = offers.offer(session, cast.donor, {Form.LAPTOP: 1}, note="", by=cast.bruno, at=NOW)
    lot = offers.accept(session, offered, cast.workshop, cast.theo, NOW.date(), by=cast.ada, at=NOW)
    machine = session.scalars(select(Machine).where(Machine.lot_id == lot.id)).one()
    collect(session, lot, count=1, signature=b"png", by=cast.theo, at=NOW)
    receive(session, machine, by=cast.sam, at=NOW)
    session.commit()
    told = json.loads(glpi())
    told["content"]["bios"] |= {"smanufacturer": text, "smodel": text, "ssn": text}
    assert send_file("glpi", json.dumps(told), tag=machine.tag).json["tag"] == machine.tag
    sheet = enter(cast.bruno).get(f"/giving/lots/{lot.code}/outcomes.csv", expect_errors=True)
    assert sheet.status_int == 200, sheet.text[:100]
    for row in csv.reader(
        io.StringIO(sheet.body.decode("utf-8-sig")), delimiter=";" if ";" in sheet.text.splitlines()[0] else ","
    ):
        assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in row), row


def test_the_terminal_shows_and_reads_again_without_acting(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = databases.copy()
    engine = make_engine(url)
    with make_sessions(engine)() as first:
        for number, (form, body) in enumerate(
            (("glpi", b"{\x1b[2J"), ("\x1b[31mevil", b"\x1b"), ("smartctl", smartctl().encode()))
        ):
            stored = keep(first, f"00000000-0000-4000-8000-00000000000{number}", form, body, source="person:0", at=NOW)
            stored.reason = "\x1b]0;x\x07 bad\nline" if number == 1 else ""
        first.commit()
    engine.dispose()
    monkeypatch.setenv("ORDI_DATABASE_URL", url)
    monkeypatch.setenv("ORDI_DATA_DIR", str(tmp_path))
    run = CliRunner()
    for words in (["evidence", "list"], ["evidence", "reparse"], ["evidence", "reparse", "--all"],
                  ["evidence", "reparse", "00000000-0000-4000-8000-000000000000"], ["evidence", "list"]):  # fmt: skip
        told = run.invoke(cli, words)
        assert told.exit_code == 0, told.output
        assert not any(sign in told.output for sign in ("\x1b", "\x07")), told.output
    assert "not understood" in run.invoke(cli, ["evidence", "reparse"]).output
    missing = run.invoke(cli, ["evidence", "reparse", "\x1b[2Jnone"])
    assert missing.exit_code == 1
    assert "\x1b" not in missing.output
    databases.drop(url)


def test_nothing_a_file_says_is_in_the_log(send_file: SendFile, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    for form, body in (
        ("lshw", lshw_xml()),
        ("lshw", lshw()),
        ("dmidecode", dmidecode("EVIL^XZ")),
        ("glpi", "{mdupont"),
    ):
        send_file(form, body)
    assert "mdupont" not in caplog.text
    assert "EVIL^XZ" not in "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("sqlalchemy")
    )
