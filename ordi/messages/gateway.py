"""Texts leave by a gateway: any that takes one HTTP POST a text, or a file in a demonstration.

The body is a template of the installation, JSON or a form, in which `{to}`, `{text}` and `{key}` are replaced after it was
taken apart: no word of a message can change its shape. Where the gateway knows a text by a key (`key_header`), what may have
arrived is sent again under it; elsewhere only a person has it sent again. Redirects are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import re
import socket
import ssl
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from ordi.canonical import canonical
from ordi.messages import bounds
from ordi.messages.written import NotSent, PerhapsSent, Written

TIMEOUT_S = 20
BODY = '{"to": "{to}", "text": "{text}"}'
BUSY = (429, 503)
"""Not taken, by what these say; later."""
OURS_TO_MEND = (401, 403, 404, 405, 407)
"""The address or the password is wrong: no other text would fare better."""
NOBODY_KNOWS = (408, 409, 425)
_MARK = re.compile(r"\{(?:to|text|key)\}")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Gateway:
    """A gateway on the network."""

    url: str
    body: str = BODY
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    key_header: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not safe or not parts.hostname or parts.username or parts.query:
            raise ValueError("a text gateway is https://host/path, its secrets in ORDI_SMS_HEADERS")
        if "{to}" not in self.body or "{text}" not in self.body:
            raise ValueError("ORDI_SMS_BODY needs {to} and {text}")
        self._body(Written("", "", "", ""))

    @property
    def keyed(self) -> bool:
        """Whether the gateway knows a text that comes twice."""
        return bool(self.key_header) or "{key}" in self.body

    def deliver(self, text: Written) -> None:
        """Give a text to the gateway. Raises `NotSent`, `PerhapsSent`."""
        kind, body = self._body(text)
        headers = {"Content-Type": kind, "User-Agent": "Ordi", **self.headers}
        if self.key_header:
            headers[self.key_header] = text.uuid
        line = self._line()
        try:
            with bounds.within(bounds.EXCHANGE_S, line):
                line.request("POST", urlsplit(self.url).path or "/", body, headers)
                status = line.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise PerhapsSent(type(error).__name__) from None
        finally:
            line.close()
        _judge(status, keyed=self.keyed)

    def _body(self, text: Written) -> tuple[str, bytes]:
        words = {"{to}": text.recipient, "{text}": text.body, "{key}": text.uuid}
        if self.body.lstrip().startswith(("{", "[")):
            return "application/json", json.dumps(_filled(json.loads(self.body), words)).encode()
        pairs = [(name, _filled(value, words)) for name, value in parse_qsl(self.body, keep_blank_values=True)]
        return "application/x-www-form-urlencoded", urlencode(pairs).encode()

    def _line(self) -> http.client.HTTPConnection:
        """A line to the gateway, to the very address that was checked. Raises `NotSent`."""
        parts = urlsplit(self.url)
        host, tls = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if tls else 80)
        try:
            address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
            _check(str(address), host)
            wire = socket.create_connection((str(address), port), timeout=TIMEOUT_S)
            if tls:
                wire = ssl.create_default_context().wrap_socket(wire, server_hostname=host)
        except OSError as error:
            raise NotSent(type(error).__name__, unreachable=True) from None
        kind = http.client.HTTPSConnection if tls else http.client.HTTPConnection
        line = kind(host, port, timeout=TIMEOUT_S)
        line.sock = wire
        return line


@dataclass(frozen=True)
class TextFile:
    """A file instead of a gateway: what a demonstration would have sent, a line a text, each key once."""

    path: Path
    keyed: bool = True

    def deliver(self, text: Written) -> None:
        """Write it down. Raises `NotSent`."""
        line = canonical({"key": text.uuid, "to": text.recipient, "text": text.body})
        try:
            with open(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+", encoding="utf-8") as file:
                if not any(json.loads(old)["key"] == text.uuid for old in file):
                    file.write(line + "\n")
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            raise NotSent(type(error).__name__, unreachable=True) from None


def _judge(status: int, *, keyed: bool) -> None:
    if 200 <= status < 300:
        return
    trouble = f"http-{status}"
    if status in BUSY:
        raise NotSent(trouble)
    if 300 <= status < 400 or status in OURS_TO_MEND:
        raise NotSent(trouble, unreachable=True)
    if status >= 500 or (status in NOBODY_KNOWS and (keyed or status != HTTPStatus.CONFLICT)):
        raise PerhapsSent(trouble)
    raise NotSent(trouble, for_good=True)


def _check(address: str, host: str) -> None:
    """A name that leads into this computer, or to no ordinary address, is not a gateway. Raises `NotSent`."""
    found = ipaddress.ip_address(address.partition("%")[0])
    odd = found.is_link_local or found.is_multicast or found.is_unspecified or found.is_reserved
    if odd or (found.is_loopback and host not in _LOOPBACK):
        raise NotSent("address-refused", unreachable=True)


def _filled(part: Any, words: dict[str, str]) -> Any:
    if isinstance(part, dict):
        return {name: _filled(value, words) for name, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, words) for value in part]
    if not isinstance(part, str):
        return part
    return _MARK.sub(lambda mark: words[mark[0]], part)  # one pass: a text that says "{key}" is left as it is
