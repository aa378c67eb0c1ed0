"""Talk to the server: one request, one answer, or the reason there is none. TLS is verified, no redirect followed."""

import http.client
import json
import ssl
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import IO, Any
from urllib.parse import urlsplit

from agent import __version__
from agent.config import is_loopback
from agent.encoding import clock_is_plausible
from agent.signing import Signer

PREFIX = "/api/v1"
LARGEST_ANSWER = 8 * 1024 * 1024
LATER = {408, 425, 429}
"""Refusals that are not final (docs/protocol.md, "Refusals"), with 409 `someone-just-did-this`."""

X509_V_FLAG_NO_CHECK_TIME = 0x200000
"""OpenSSL, x509_vfy.h: check chain and name, not dates. Only for a machine whose clock cannot be right."""


@dataclass(frozen=True)
class Answer:
    """What the server said yes with. `at` is the server's own clock, when it told it."""

    status: int
    body: dict[str, Any]
    at: datetime | None = None


class Refused(Exception):
    """A final refusal: sending the same thing again is useless."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code') or problem.get('title') or ''}".rstrip())
        self.status = status
        self.problem = problem

    @property
    def code(self) -> str:
        """The server's code for the rule that refused, or the status."""
        code = self.problem.get("code")
        return code if isinstance(code, str) else str(self.status)


class Unreachable(Exception):
    """No answer to use, for now. `retry_after_s` is what the server asked to wait, if it did."""

    def __init__(self, why: str, retry_after_s: float | None = None) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A signature names one place: an answer that points elsewhere is no answer."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        """Follow nothing: urllib then raises the redirect as an HTTPError."""


def tls() -> ssl.SSLContext:
    """A verifying context. A clock in 1970 would refuse every certificate: then dates, and only dates, go unchecked."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not clock_is_plausible():
        context.verify_flags |= ssl.VerifyFlags(X509_V_FLAG_NO_CHECK_TIME)
    return context


@dataclass
class Server:
    """The server at `base`, spoken to one request at a time, signed by `signer` or carrying `bearer`."""

    base: str
    signer: Signer | None = None
    bearer: str | None = None
    timeout_s: float = 20
    turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def get(self, path: str) -> Answer:
        """Ask. Raise Refused or Unreachable."""
        return self.send("GET", path, b"")

    def post(self, path: str, body: bytes) -> Answer:
        """Tell. Raise Refused or Unreachable."""
        return self.send("POST", path, body)

    def send(self, method: str, path: str, body: bytes) -> Answer:
        """Sign and send one request; counters leave in order because nobody else sends meanwhile."""
        url = self.base + PREFIX + path
        with self.turn:
            headers = {"Accept": "application/json", "User-Agent": f"ordi-agent/{__version__}"}
            if self.bearer:
                headers |= {"Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json"}
            elif self.signer:
                headers |= self.signer.headers(method, url, body)
            else:
                headers |= {"Content-Type": "application/json"}
            request = urllib.request.Request(  # noqa: S310 - Config.base_url lets http and https through, nothing else
                url, data=body if method == "POST" else None, headers=headers, method=method
            )
            return self._exchange(request)

    def _exchange(self, request: urllib.request.Request) -> Answer:
        handlers: list[urllib.request.BaseHandler] = [NoRedirects(), urllib.request.HTTPSHandler(context=tls())]
        if is_loopback(urlsplit(self.base).hostname or ""):
            handlers.append(urllib.request.ProxyHandler({}))
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=self.timeout_s) as response:
                return Answer(response.status, read_object(response), when(response.headers))
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise told_no(refusal) from refusal
        except (OSError, http.client.HTTPException) as lost:
            raise Unreachable(str(lost) or type(lost).__name__) from lost


def read_object(response: IO[bytes]) -> dict[str, Any]:
    """The JSON object of an answer. Raise Unreachable when it is none: a portal on the way, or a broken server."""
    try:
        raw = response.read(LARGEST_ANSWER + 1)
        body = json.loads(raw) if len(raw) <= LARGEST_ANSWER else None
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as broken:
        raise Unreachable(f"not an answer: {broken}") from broken
    if not isinstance(body, dict):
        raise Unreachable("not an answer")
    return body


def told_no(refusal: urllib.error.HTTPError) -> Refused | Unreachable:
    """Whether an HTTP error is final. Only a 4xx can be, and not all of them."""
    try:
        problem = read_object(refusal)
    except Unreachable:
        problem = {}
    status = refusal.code
    just_now = status == 409 and problem.get("code") == "someone-just-did-this"
    if 400 <= status < 500 and status not in LATER and not just_now:
        return Refused(status, problem)
    return Unreachable(f"HTTP {status}", retry_after(refusal.headers))


def when(headers: Message) -> datetime | None:
    """The server's clock, from its Date header."""
    try:
        at = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def retry_after(headers: Message) -> float | None:
    """Seconds the server asks to wait: a number, or a date against its own clock (RFC 9110, 10.2.3)."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return float(min(int(said[:9]), 7 * 86400))
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - (when(headers) or datetime.now(UTC))).total_seconds())
