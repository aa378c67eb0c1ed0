"""Texts against a real gateway: what it takes, refuses, hangs up on; and the file that stands for one."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from ordi.messages import bounds, gateway
from ordi.messages.gateway import Gateway, TextFile
from ordi.messages.written import NotSent, PerhapsSent, Written
from tests.ground.texts import dripping, text_house

KEY = "6c2f6a4e-58a1-4e0e-9a63-2f4a1f3a7a10"
TEXT = Written(KEY, "+33639980001", "", 'Ordi: "26/11" {key} & = é')


def test_a_text_arrives_in_the_shape_the_installation_gives() -> None:
    with text_house() as house:
        Gateway(house.url, headers={"Authorization": "Bearer secret"}, key_header="Idempotency-Key").deliver(TEXT)
        Gateway(house.url, body='{"messages": [{"dest": "{to}", "msg": "{text}"}], "id": "ordi-{key}"}').deliver(TEXT)
        Gateway(house.url, body="to={to}&message={text}&sender=Ordi").deliver(TEXT)
    plain, nested, form = house.bodies
    assert json.loads(plain) == {"to": TEXT.recipient, "text": TEXT.body}
    assert json.loads(nested) == {"messages": [{"dest": TEXT.recipient, "msg": TEXT.body}], "id": f"ordi-{KEY}"}
    assert dict(parse_qsl(form.decode())) == {"to": TEXT.recipient, "message": TEXT.body, "sender": "Ordi"}
    assert house.headers[0]["Authorization"] == "Bearer secret"
    assert house.keys == [KEY, "", ""]


@pytest.mark.parametrize(
    ("status", "ends", "for_good", "unreachable"),
    [
        (400, NotSent, True, False),
        (422, NotSent, True, False),
        (401, NotSent, False, True),
        (404, NotSent, False, True),
        (307, NotSent, False, True),
        (429, NotSent, False, False),
        (503, NotSent, False, False),
        (500, PerhapsSent, None, None),
        (502, PerhapsSent, None, None),
        (0, PerhapsSent, None, None),
    ],
)
def test_each_answer_means_what_it_says(
    status: int, ends: type[Exception], for_good: bool | None, unreachable: bool | None
) -> None:
    with text_house() as house:
        house.answers = [status]
        with pytest.raises(ends) as ended:
            Gateway(house.url).deliver(TEXT)
    assert len(house.bodies) == 1, "a redirect is not followed, and nothing is tried twice by itself"
    if isinstance(ended.value, NotSent):
        assert (ended.value.for_good, ended.value.unreachable) == (for_good, unreachable)


def test_a_key_already_known_may_have_arrived_and_a_conflict_without_one_is_a_refusal() -> None:
    with text_house() as house:
        house.answers = [409, 409]
        with pytest.raises(PerhapsSent):
            Gateway(house.url, key_header="Idempotency-Key").deliver(TEXT)
        with pytest.raises(NotSent):
            Gateway(house.url).deliver(TEXT)


def test_a_gateway_that_never_answers_leaves_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "TIMEOUT_S", 0.3)
    with text_house() as house:
        house.silent = threading.Event()
        with pytest.raises(PerhapsSent):
            Gateway(house.url).deliver(TEXT)
        house.silent.set()


def test_a_gateway_that_answers_a_letter_a_time_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "EXCHANGE_S", 0.5)
    with dripping(b"HTTP/1.1 ") as port, pytest.raises(PerhapsSent):
        Gateway(f"http://127.0.0.1:{port}/send").deliver(TEXT)
    with dripping(b"HTTP/1.1 200 OK\r\nX-Never-Ends: ") as port:
        Gateway(f"http://127.0.0.1:{port}/send").deliver(TEXT)  # it said that it took it, before it drawled


def test_nobody_there_means_that_nothing_was_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: whoever calls is refused
        with pytest.raises(NotSent) as ended:
            Gateway(f"http://127.0.0.1:{taken.getsockname()[1]}/send").deliver(TEXT)
    assert ended.value.unreachable


def test_a_name_that_leads_into_this_computer_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    for inside in ("127.0.0.1", "169.254.169.254", "0.0.0.0"):
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (inside, 443))]
        monkeypatch.setattr(gateway.socket, "getaddrinfo", lambda *_, found=found, **__: found)
        with pytest.raises(NotSent) as ended:
            Gateway("https://gateway.example/send").deliver(TEXT)
        assert ended.value.trouble == "address-refused"


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("http://gateway.example/send", gateway.BODY),
        ("https://user:secret@gateway.example/send", gateway.BODY),
        ("https://gateway.example/send?key=secret", gateway.BODY),
        ("ftp://gateway.example", gateway.BODY),
        ("https://gateway.example/send", '{"to": "{to}"}'),
        ("https://gateway.example/send", '{"to": "{to}", "text": "{text}"'),
    ],
)
def test_what_is_no_safe_gateway_is_refused_at_the_start(url: str, body: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error is one of them
        Gateway(url, body)


def test_a_demonstrations_file_holds_each_text_once_and_is_its_owners(tmp_path: Path) -> None:
    file = TextFile(tmp_path / "texts.jsonl")
    for _ in range(2):
        file.deliver(TEXT)
    (line,) = (tmp_path / "texts.jsonl").read_text().splitlines()
    assert json.loads(line) == {"key": KEY, "to": TEXT.recipient, "text": TEXT.body}
    assert (tmp_path / "texts.jsonl").stat().st_mode & 0o777 == 0o600
    with pytest.raises(NotSent):
        TextFile(tmp_path / "nowhere" / "texts.jsonl").deliver(TEXT)
