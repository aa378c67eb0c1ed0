"""What the agent is told: a JSON file, then the environment, which wins."""

import ipaddress
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CONFIG_FILE = Path("/etc/ordi-agent/config.json")
RESIDENT_DIRECTORY = Path("/var/lib/ordi-agent")
BENCH_DIRECTORY = Path("/run/ordi-agent")
"""On the live system /run is in memory: the boot key never reaches a disk."""

SETTINGS = (
    "server",
    "directory",
    "token",
    "test_disks",
    "image_sha256",
    "server_keys",
    "tag",
    "plain_http",
    "memory_seconds",
)


class BadConfiguration(ValueError):
    """The agent was told something it cannot use; the message says what."""


@dataclass(frozen=True)
class TestDisk:
    """A loop device named in ORDI_TEST_DISKS and the serial number it plays under."""

    path: str
    serial: str

    __test__ = False  # not a test class, whatever pytest thinks of its name

    @property
    def name(self) -> str:
        """The kernel's name, as in `loop0`."""
        return self.path.removeprefix("/dev/")


@dataclass(frozen=True)
class Config:
    """Everything the agent was told."""

    server: str | None = None
    directory: Path = RESIDENT_DIRECTORY
    bench_directory: Path = BENCH_DIRECTORY
    token: str | None = None
    test_disks: tuple[TestDisk, ...] = ()
    image_sha256: str | None = None
    server_keys: Mapping[str, Any] | None = None
    tag: str | None = None
    plain_http: bool = False
    browser: str | None = None
    """The command that opens an address in this machine's browser, where the image has one."""
    memory_seconds: float = 0
    """How long free memory is tested at an inventory; not at all unless the image says so."""

    @property
    def test(self) -> bool:
        """Whether only loop devices named by a tester are drives."""
        return bool(self.test_disks)

    def base_url(self) -> str:
        """The server's base URL without a final slash. Raise BadConfiguration when none was told, or an unsafe one.

        Without TLS the answers could be anybody's: `http` is for this very machine, or asked for with ORDI_PLAIN_HTTP.
        """
        if not self.server:
            raise BadConfiguration("ORDI_SERVER")
        parts = urlsplit(self.server)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.username
            or parts.query
            or parts.fragment
        ):
            raise BadConfiguration(f"ORDI_SERVER={self.server}")
        if parts.scheme == "http" and not (self.plain_http or is_loopback(parts.hostname)):
            raise BadConfiguration(f"ORDI_SERVER={self.server}: https")
        return self.server.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether `host` is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def load(environ: Mapping[str, str] = os.environ) -> Config:
    """Read the file (ORDI_AGENT_CONFIG, or /etc/ordi-agent/config.json when it is there), then the environment.

    Raise BadConfiguration on a file that is not an object of known settings, or a value of the wrong kind.
    """
    told = read_file(environ.get("ORDI_AGENT_CONFIG"))

    def setting(name: str, variable: str) -> str | None:
        value = environ.get(variable) or told.get(name)
        if value is not None and not isinstance(value, str):
            raise BadConfiguration(f"{name}: {value!r}")
        return value or None

    directory = setting("directory", "ORDI_AGENT_DIR")
    image = setting("image_sha256", "ORDI_IMAGE_SHA256")
    if image is not None and not re.fullmatch(r"[0-9a-f]{64}", image):
        raise BadConfiguration(f"image_sha256: {image!r}")
    plain = environ.get("ORDI_PLAIN_HTTP", told.get("plain_http", False))
    return Config(
        server=setting("server", "ORDI_SERVER"),
        directory=Path(directory) if directory else RESIDENT_DIRECTORY,
        bench_directory=Path(directory) / "bench" if directory else BENCH_DIRECTORY,
        token=setting("token", "ORDI_TOKEN"),
        test_disks=named_test_disks(setting("test_disks", "ORDI_TEST_DISKS") or ""),
        image_sha256=image,
        server_keys=pinned_keys(environ.get("ORDI_SERVER_KEYS") or told.get("server_keys")),
        tag=setting("tag", "ORDI_TAG"),
        plain_http=plain in (True, "1", "yes", "true"),
        browser=setting("browser", "ORDI_BROWSER"),
        memory_seconds=seconds(environ.get("ORDI_MEMORY_TEST") or told.get("memory_seconds") or 0),
    )


def seconds(told: object) -> float:
    """A time up to an hour. Raise BadConfiguration."""
    try:
        value = float(str(told))
    except ValueError as broken:
        raise BadConfiguration(f"ORDI_MEMORY_TEST={told}") from broken
    if not 0 <= value <= 3600:
        raise BadConfiguration(f"ORDI_MEMORY_TEST={told}")
    return value


def read_file(named: str | None) -> dict[str, Any]:
    """The settings of the configuration file; none when no file was named and the usual one is not there."""
    path = Path(named) if named else CONFIG_FILE
    if not named and not path.exists():
        return {}
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as broken:
        raise BadConfiguration(f"{path}: {broken}") from broken
    if not isinstance(told, dict) or set(told) - set(SETTINGS):
        raise BadConfiguration(f"{path}: {', '.join(SETTINGS)}")
    return told


def pinned_keys(told: object) -> Mapping[str, Any] | None:
    """The server's public keys (a JWKS) of the image: an object, or the path of a file holding one."""
    if told is None or isinstance(told, dict):
        return told
    try:
        keys = json.loads(Path(str(told)).read_bytes())
    except (OSError, ValueError, RecursionError) as broken:
        raise BadConfiguration(f"server_keys: {broken}") from broken
    if not isinstance(keys, dict):
        raise BadConfiguration("server_keys")
    return keys


def named_test_disks(text: str) -> tuple[TestDisk, ...]:
    """`/dev/loop0=SERIAL,/dev/loop1` as disks. Loop devices and nothing else; serials must differ."""
    disks = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        path, _, serial = part.partition("=")
        if not re.fullmatch(r"/dev/loop\d+", path):
            raise BadConfiguration(f"ORDI_TEST_DISKS: {part}")
        disks.append(TestDisk(path, serial.strip() or f"TEST-{path.removeprefix('/dev/').upper()}"))
    if len({disk.path for disk in disks}) < len(disks) or len({disk.serial for disk in disks}) < len(disks):
        raise BadConfiguration(f"ORDI_TEST_DISKS: {text}")
    return tuple(disks)
