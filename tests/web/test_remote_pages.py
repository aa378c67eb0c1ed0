"""The list of bench hosts, and what a page says before anything is called."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from ordi.bench.hosts import BenchHost, add_host, fingerprint, read_host_key
from ordi.bench.remote_starts import RemoteStart
from ordi.errors import Invalid
from ordi.machines.lifecycle import State
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEgHWll+choVbi4Hmd5cwMUyTcbn6vHN1GJQho7FMhXd"

pytestmark = pytest.mark.usefixtures("app")


def added(browser: TestApp, status: int = 302, **told: str) -> TestResponse:
    form = form_to(browser.get("/bench-hosts"), "/bench-hosts")
    for name, value in {"name": "Établi 3", "address": "bench3.example", "host_key": KEY, **told}.items():
        form[name] = value
    return form.submit(status=status)


def test_a_lead_keeps_the_list(session: Session, cast: Cast, enter: Enter) -> None:
    lou = enter(cast.lou)
    page = added(lou, host_key=f"bench3.example {KEY} root@bench3").follow()
    assert fingerprint(KEY) in page
    host = session.scalars(select(BenchHost)).one()
    assert (host.host_key, host.workshop_id, host.login, host.port) == (KEY, cast.workshop.id, "root", 22)
    page = form_to(page, "/retire").submit().follow()
    assert fingerprint(KEY) not in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "bench 3"),
        ("address", "-oProxyCommand=id"),
        ("login", "root;id"),
        ("folder", "work"),
        ("folder", "/run/../etc"),
        ("folder", "/run/$(id)"),
        ("port", "70000"),
        ("host_key", "ssh-ed25519 AAAA"),
        ("host_key", KEY.replace("ssh-ed25519", "ssh-dss", 1)),
    ],
)
def test_what_cannot_be_an_address_or_a_key_is_told_beside_its_field(
    session: Session, cast: Cast, enter: Enter, field: str, value: str
) -> None:
    page = added(enter(cast.lou), 422, **{field: value})
    assert page.html.select_one(f"#{field}-error")
    assert session.scalars(select(BenchHost)).all() == []


def test_each_workshop_has_a_key_of_its_own(app: Flask, cast: Cast) -> None:
    ring = app.extensions["ordi-keys"]
    keys = {ring.ssh_key(one.id, NOW).private_bytes_raw() for one in (cast.workshop, cast.second_workshop)}
    assert len(keys) == 2
    assert ring.ssh_key(cast.workshop.id, NOW).private_bytes_raw() in keys


def test_a_server_without_bench_network_says_so_and_calls_nobody(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    add_host(session, cast.workshop, name="Établi 3", address="192.0.2.9", by=cast.lou, at=NOW)
    session.commit()
    page = enter(cast.sam).get(f"/machines/{machine.tag}/remote")
    assert "ORDI_BENCH_NETWORKS" in page
    assert not page.html.select(".choice")


def test_a_host_of_another_workshop_is_not_called(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    theirs = add_host(session, cast.other_workshop, name="Là-bas", address="192.0.2.9", by=cast.noor, at=NOW)
    session.commit()
    sam = enter(cast.sam)
    token = sam.get("/bench").html.select_one("input[name=csrf_token]")["value"]
    sam.post(f"/machines/{machine.tag}/remote", {"host": theirs.id, "csrf_token": token}, status=404)
    assert session.scalars(select(RemoteStart)).all() == []


@pytest.mark.parametrize("line", ["", "ssh-ed25519", f"ssh-rsa {KEY.split()[1]}", "ssh-ed25519 !!!!", KEY[:-6]])
def test_half_a_key_is_no_key(line: str) -> None:
    with pytest.raises(Invalid):
        read_host_key(line)
