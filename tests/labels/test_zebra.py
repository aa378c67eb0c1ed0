"""A printer on the network: asked first, given labels only when it can print, and never twice in silence."""

import ipaddress
import socket

import pytest

from tests.ground.zebra import Zebra, a_zebra
from web.labels import zebra
from web.labels.zebra import NotPrinted, PerhapsPrinted, print_on, read_status, status_of

HERE = (ipaddress.ip_network("127.0.0.0/8"),)
PAGES = [b"^XA^FO1,1^FDone^FS^XZ\n", b"^XA^FO1,1^FDtwo^FS^XZ\n"]


def give(printer: Zebra, networks: tuple[ipaddress.IPv4Network, ...] = HERE) -> None:
    print_on("127.0.0.1", printer.port, networks, PAGES)


def test_labels_come_out_once_and_the_printer_was_asked_before_and_after() -> None:
    with a_zebra() as printer:
        give(printer)
        assert [label.count(b"^FD") for label in printer.labels] == [1, 1]
        assert printer.asked >= 2


@pytest.mark.parametrize(
    ("flag", "code"), [("paper_out", "paper-out"), ("head_open", "head-open"), ("paused", "paused")]
)
def test_a_printer_that_cannot_print_is_given_nothing(flag: str, code: str) -> None:
    with a_zebra() as printer:
        setattr(printer, flag, True)
        with pytest.raises(NotPrinted) as refusal:
            give(printer)
        assert refusal.value.code == code
        assert printer.labels == []
        assert status_of("127.0.0.1", printer.port, HERE).trouble == code


def test_a_mute_printer_is_given_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zebra, "ANSWER_S", 0.2)
    with a_zebra() as printer:
        printer.mute = True
        with pytest.raises(NotPrinted) as refusal:
            give(printer)
        assert refusal.value.code == "no-answer"
        assert printer.labels == []


def test_paper_that_runs_out_meanwhile_leaves_a_doubt() -> None:
    with a_zebra() as printer:
        printer.breaks_after = 1
        with pytest.raises(PerhapsPrinted) as doubt:
            give(printer)
        assert doubt.value.code == "paper-out"


def test_a_line_cut_meanwhile_leaves_a_doubt() -> None:
    with a_zebra() as printer:
        printer.hangs_up_after = 1
        with pytest.raises(PerhapsPrinted) as doubt:
            give(printer)
        assert doubt.value.code == "dropped"


def test_nobody_there_is_said() -> None:
    with socket.socket() as held:  # bound and not listening: nobody else takes this port, nobody answers on it
        held.bind(("127.0.0.1", 0))
        with pytest.raises(NotPrinted) as refusal:
            print_on("127.0.0.1", held.getsockname()[1], HERE, PAGES)
    assert refusal.value.code == "unreachable"


@pytest.mark.parametrize(
    ("name", "networks", "code"),
    [
        ("127.0.0.1", (), "no-networks"),
        ("127.0.0.1", (ipaddress.ip_network("192.168.7.0/24"),), "outside-networks"),
        ("a..b", HERE, "unknown-name"),
        ("::ffff:8.8.8.8", (ipaddress.ip_network("0.0.0.0/0"),), "outside-networks"),
        ("8.8.8.8", (ipaddress.ip_network("0.0.0.0/0"),), "outside-networks"),
    ],
)
def test_only_a_private_address_of_the_networks_allowed_is_called(
    name: str, networks: tuple[ipaddress.IPv4Network, ...], code: str
) -> None:
    with pytest.raises(NotPrinted) as refusal:
        print_on(name, 9100, networks, PAGES)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 400 Bad Request\r\n", b"\x02a\x03\x02b\x03\x02c\x03", b"\x02\xff\x03" * 3]
)
def test_what_is_no_status_is_refused(answer: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
        read_status(answer)
