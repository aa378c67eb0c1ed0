"""The post against a real SMTP server: what it takes, refuses, hangs up on, and what is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ordi.messages import bounds
from ordi.messages.post import Post
from ordi.messages.written import NotSent, PerhapsSent, Written
from tests.ground.clock import NOW
from tests.ground.mail import mail_server, own_certificate
from tests.ground.texts import dripping

SENDER = "ordi@ordi.example"


def a_message(**changes: object) -> Written:
    told: dict[str, object] = {
        "uuid": "0b0e1a57-2b1c-4c8e-9f5e-0d3a9f1f6d11",
        "recipient": "audit@cabinet.example",
        "subject": "Journal public : été",
        "body": "Voilà.\n.une ligne qui commence par un point\nFin.\n",
        "attachment_name": "",
        "attachment": b"",
    }
    return Written(**told | changes)  # type: ignore[arg-type]


def test_a_message_arrives_whole_with_its_attachment() -> None:
    with mail_server() as server:
        message = a_message(attachment_name="ordi-journal-7.jws", attachment=b"a.b.c\n")
        Post.at(server.url, SENDER).deliver(message, at=NOW)
    (mail,) = server.mails
    assert server.recipients == ["audit@cabinet.example"]
    assert mail["Subject"] == message.subject
    assert mail["Message-ID"] == "<0b0e1a57-2b1c-4c8e-9f5e-0d3a9f1f6d11@ordi.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    body = mail.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == message.body
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("ordi-journal-7.jws", b"a.b.c\n")
    assert all(byte < 128 for byte in server.given[0])


@pytest.mark.parametrize(
    ("word", "answer", "for_good"),
    [
        ("MAIL", "451 later", False),
        ("RCPT", "450 busy", False),
        ("RCPT", "550 nobody", True),
        ("DATA", "451 later", False),
        (".", "452 full", False),
        (".", "554 no", True),
    ],
)
def test_a_refusal_is_for_now_or_for_good(word: str, answer: str, for_good: bool) -> None:
    with mail_server() as server:
        server.answers[word] = answer
        with pytest.raises(NotSent) as refused:
            Post.at(server.url, SENDER).deliver(a_message(), at=NOW)
    assert (refused.value.trouble, refused.value.for_good) == (f"smtp-{answer[:3]}", for_good)
    assert not refused.value.unreachable


@pytest.mark.parametrize("word", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_line_cut_before_the_text_has_sent_nothing(word: str) -> None:
    with mail_server() as server:
        server.hangs_up_at = word
        with pytest.raises(NotSent) as refused:
            Post.at(server.url, SENDER).deliver(a_message(), at=NOW)
    assert refused.value.unreachable
    assert not refused.value.for_good
    assert not server.given


def test_a_line_cut_after_the_text_may_have_sent_it() -> None:
    with mail_server() as server:
        server.hangs_up_at = "."
        with pytest.raises(PerhapsSent):
            Post.at(server.url, SENDER).deliver(a_message(), at=NOW)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with mail_server() as server:
        url = server.url
    with pytest.raises(NotSent) as refused:
        Post.at(url, SENDER).deliver(a_message(), at=NOW)
    assert refused.value.unreachable


def test_the_line_is_encrypted_when_offered_and_the_password_goes_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encryption, certificate = own_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(encryption=encryption, asks_password=True) as server:
        url = server.url.replace("//", "//ordi:mot%20de%20passe@")
        Post.at(url, SENDER).deliver(a_message(), at=NOW)
    assert [word.split()[0].upper() for word in server.words[:4]] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
    assert len(server.given) == 1


def test_a_server_whose_certificate_nobody_knows_is_given_nothing(tmp_path: Path) -> None:
    encryption, _certificate = own_certificate(tmp_path)
    with mail_server(encryption=encryption, asks_password=True) as server, pytest.raises(NotSent) as refused:
        Post.at(server.url.replace("//", "//ordi:secret@"), SENDER).deliver(a_message(), at=NOW)
    assert refused.value.unreachable
    assert "AUTH" not in server.words
    assert "secret" not in str(refused.value)


def test_a_password_is_not_given_on_an_open_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ordi.messages.post._LOOPBACK", ())
    with mail_server(asks_password=True) as server, pytest.raises(NotSent, match="no-encryption"):
        Post.at(server.url.replace("//", "//ordi:secret@"), SENDER).deliver(a_message(), at=NOW)
    assert "AUTH" not in server.words


def test_a_wrong_password_is_told_without_it() -> None:
    with mail_server(asks_password=True) as server:
        server.answers["AUTH"] = "535 no"
        with pytest.raises(NotSent, match="sign-in-535") as refused:
            Post.at(server.url.replace("//", "//ordi:secret@"), SENDER).deliver(a_message(), at=NOW)
    assert "secret" not in repr(refused.value)


@pytest.mark.parametrize("url", ["", "http://x", "smtp://", "mail.example.org"])
def test_what_is_no_mail_server_is_said_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://"):
        Post.at(url, SENDER)


def test_a_server_that_greets_a_letter_a_time_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "EXCHANGE_S", 0.5)
    with dripping(b"220 ") as port, pytest.raises(NotSent) as refused:
        Post.at(f"smtp://127.0.0.1:{port}", SENDER).deliver(a_message(), at=NOW)
    assert refused.value.unreachable
