"""Where this server may call: only an address of the networks that its settings name, looked up once and called as such."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

from web.settings import Network


class MayNotCall(Exception):
    """This address is not called; `code`: no-networks, unknown-name, outside-networks."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def allowed_address(name: str, port: int, networks: Sequence[Network]) -> str:
    """The one address to call: the first that the name stands for and that lies in an allowed network. Raises `MayNotCall`."""
    if not networks:
        raise MayNotCall("no-networks")
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as unknown:
        raise MayNotCall("unknown-name") from unknown
    for *_, place in found:
        ip = ipaddress.ip_address(str(place[0]).partition("%")[0])
        plain = getattr(ip, "ipv4_mapped", None) or ip
        if any(plain in network for network in networks if network.version == plain.version):
            return str(plain)
    raise MayNotCall("outside-networks")
