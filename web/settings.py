"""What an installation may set, all from the environment; each has a default that works on one's own computer.

| Variable | Meaning | Default |
|---|---|---|
| `ORDI_DATA_DIR` | files, and the database and keys unless said otherwise | `var` |
| `ORDI_DATABASE_URL` | `sqlite:///…` or `postgresql://…` | `ordi.db` in the data directory |
| `ORDI_KEYS_DIR` | signing and sealing keys; keep it out of backups of the data | `keys` in the data directory |
| `ORDI_SECRET_KEY` | signs cookies, 32 characters or more | the newest session key of the key directory |
| `ORDI_BASE_URL` | the address people and machines use | `http://` + `ORDI_LISTEN` |
| `ORDI_LISTEN` | host and port of `ordi serve` | `127.0.0.1:8000` |
| `ORDI_PROXIES` | how many reverse proxies stand in front | `0` |
| `ORDI_MAIL_URL` | `smtp://user:password@host:587`, or empty: messages stay in the outbox | empty |
| `ORDI_MAIL_FROM` | who messages are from | `ordi@` + the host of `ORDI_BASE_URL` |
| `ORDI_SMS_URL` | where texts are posted, `https://gateway/path`, or empty: they stay in the outbox | a file in a demonstration |
| `ORDI_SMS_BODY` | what is posted, JSON or a form, with `{to}`, `{text}` and, where it takes one, `{key}` | `{"to": "{to}", "text": "{text}"}` |
| `ORDI_SMS_HEADERS` | headers of each post as JSON: the gateway's password | empty |
| `ORDI_SMS_KEY_HEADER` | the header in which it takes a key, `Idempotency-Key`: what may have arrived is sent again by itself | empty |
| `ORDI_HEADS_DIR` | a checkpoint of the public log a day: a folder that leaves this computer | `heads` in the data directory |
| `ORDI_PHONE` | printed on labels, for whoever finds a computer | empty |
| `ORDI_BENCH_NETWORKS` | networks in which SSH starts may reach machines, `192.168.10.0/24,…` | none: no SSH start |
| `ORDI_PRINTER_NETWORKS` | private networks in which label printers may be called, `192.168.10.0/24,…` | none: no network printing |
| `ORDI_DEMONSTRATION` | `1`: sign in with one button, invented data | `1` once `ordi demo` has run |
"""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ordi.messages.gateway import BODY, Gateway, TextFile

DEMONSTRATION_MARK = "demonstration"
"""A file of the data directory: what is here is invented."""

TEXTS = "texts.jsonl"
"""A file of a demonstration's data directory: the texts it would have sent."""

SHORTEST_SECRET = 32
_KNOWN_SECRETS = ("secret", "change", "dev", "example", "default", "insecure", "password")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_THIS_COMPUTER = "127.0.0.0/8,::1/128"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class UnsafeSettings(Exception):
    """Ordi will not start like this; the message says what to change."""


@dataclass(frozen=True)
class Settings:
    """One installation. Made by `from_environment`; tests build it directly."""

    data_dir: Path
    database_url: str
    keys_dir: Path
    base_url: str = "http://127.0.0.1:8000"
    listen: str = "127.0.0.1:8000"
    secret_key: str = ""
    mail_url: str = ""
    mail_sender: str = ""
    sms_url: str = ""
    sms_body: str = BODY
    sms_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    sms_key_header: str = ""
    heads: Path | None = None
    phone: str = ""
    proxies: int = 0
    demonstration: bool = False
    bench_networks: tuple[Network, ...] = ()
    printer_networks: tuple[Network, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of this process."""
        given = os.environ if environment is None else environment
        data = Path(given.get("ORDI_DATA_DIR") or "var").absolute()
        listen = given.get("ORDI_LISTEN") or "127.0.0.1:8000"
        demonstration = given.get("ORDI_DEMONSTRATION", "")
        invented = demonstration == "1" if demonstration else (data / DEMONSTRATION_MARK).exists()
        return cls(
            data_dir=data,
            database_url=given.get("ORDI_DATABASE_URL") or f"sqlite:///{data / 'ordi.db'}",
            keys_dir=Path(given.get("ORDI_KEYS_DIR") or data / "keys").absolute(),
            base_url=(given.get("ORDI_BASE_URL") or f"http://{listen}").rstrip("/"),
            listen=listen,
            secret_key=given.get("ORDI_SECRET_KEY", ""),
            mail_url=given.get("ORDI_MAIL_URL", ""),
            mail_sender=given.get("ORDI_MAIL_FROM", ""),
            sms_url=given.get("ORDI_SMS_URL", ""),
            sms_body=given.get("ORDI_SMS_BODY") or BODY,
            sms_headers=_headers(given.get("ORDI_SMS_HEADERS", "")),
            sms_key_header=given.get("ORDI_SMS_KEY_HEADER", ""),
            heads=Path(given["ORDI_HEADS_DIR"]).absolute() if given.get("ORDI_HEADS_DIR") else None,
            phone=given.get("ORDI_PHONE", ""),
            proxies=int(given.get("ORDI_PROXIES") or 0),
            demonstration=invented,
            bench_networks=_networks(given, "ORDI_BENCH_NETWORKS", invented),
            printer_networks=_networks(given, "ORDI_PRINTER_NETWORKS", invented),
        )

    @property
    def mail_from(self) -> str:
        """Who messages are from."""
        return self.mail_sender or f"ordi@{self.host or 'localhost'}"

    @property
    def text_gateway(self) -> Gateway | TextFile | None:
        """Where texts go. Raises `UnsafeSettings` for what is no gateway."""
        if not self.sms_url:
            return TextFile(self.data_dir / TEXTS) if self.demonstration else None
        try:
            return Gateway(self.sms_url, self.sms_body, dict(self.sms_headers), self.sms_key_header)
        except ValueError as bad:
            raise UnsafeSettings(f"ORDI_SMS_URL, ORDI_SMS_BODY: {bad}") from bad

    @property
    def heads_dir(self) -> Path:
        """Where the day's checkpoint of the public log is written."""
        return self.heads or self.data_dir / "heads"

    @property
    def host(self) -> str:
        """The host people use, without port."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def secure(self) -> bool:
        """Whether people reach it by HTTPS."""
        return self.base_url.startswith("https://")

    @property
    def loopback(self) -> bool:
        """Whether nobody but this computer can reach it."""
        return self.host in _LOOPBACK and self.listen.rpartition(":")[0].strip("[]") in _LOOPBACK

    def check(self) -> None:
        """Raise `UnsafeSettings` for what must not leave one's own computer."""
        _ = self.text_gateway
        if self.secret_key and len(self.secret_key) < SHORTEST_SECRET:
            raise UnsafeSettings(
                f"ORDI_SECRET_KEY is shorter than {SHORTEST_SECRET} characters: unset it or lengthen it"
            )
        if self.loopback:
            return
        if not self.secure:
            raise UnsafeSettings("outside this computer ORDI_BASE_URL must begin with https://")
        if self.demonstration:
            raise UnsafeSettings(
                "a demonstration opens with one button: it stays on 127.0.0.1 (ORDI_LISTEN, ORDI_BASE_URL)"
            )
        if any(word in self.secret_key.casefold() for word in _KNOWN_SECRETS):
            raise UnsafeSettings("ORDI_SECRET_KEY looks like a default one: unset it, Ordi makes its own")


def _networks(given: Mapping[str, str], name: str, invented: bool) -> tuple[Network, ...]:
    """Networks out of a list with commas; a demonstration calls this computer alone. Raises `UnsafeSettings`."""
    text = given.get(name) or (_THIS_COMPUTER if invented else "")
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as bad:
        raise UnsafeSettings(f"{name}: {bad}") from bad


def _headers(text: str) -> dict[str, str]:
    """Headers out of a JSON object. Raises `UnsafeSettings`."""
    try:
        read = json.loads(text or "{}")
    except ValueError:
        read = None
    if not isinstance(read, dict) or not all(isinstance(one, str) and one.isprintable() for one in read.values()):
        raise UnsafeSettings('ORDI_SMS_HEADERS is JSON: {"Authorization": "Bearer …"}')
    return read
