"""A tiny server that speaks docs/protocol.md, checks every signature with a foreign library, and judges nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from http_message_signatures.resolvers import HTTPSignatureComponentResolver

TAG = "K7Q24X-M"


def b64url(data: bytes) -> str:
    """Base64url without padding, written apart from the agent's own."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64url(text: str) -> bytes:
    """Back from `b64url`."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Refusal(Exception):
    """What a handler raises to refuse."""

    def __init__(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.headers = status, code, headers or {}


class Components(HTTPSignatureComponentResolver):
    """The components of the request as the server sees them, `ordi-counter` among the headers."""


class FakeServer:
    """State of the fake, and what a test sets: `jobs`, `down`, `on`, `refuse`."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.kid = "job-key-1"
        self.keys: dict[str, Ed25519PublicKey] = {}
        self.counters: dict[str, int] = {}
        self.sessions: dict[str, dict[str, Any]] = {}
        self.first_answers: dict[str, tuple[int, dict[str, Any]]] = {}
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.requests: list[tuple[str, str]] = []
        self.job_tokens: dict[str, str] = {}
        self.job_payloads: dict[str, dict[str, Any]] = {}
        self.over: set[str] = set()
        self.challenges: dict[str, dict[str, Any]] = {}
        self.adopt = True
        self.down: Callable[[str, str], bool] = lambda method, path: False
        self.refuse: Callable[[str, str], Refusal | None] = lambda method, path: None
        self.on: Callable[[str, dict[str, Any]], dict[str, Any] | None] = lambda path, body: None
        self.answer_check_in: dict[str, Any] = {"health": "good", "every_s": 86400, "stop": False}
        self.expects_jobs = 0
        self.bearer: str | None = None
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.http.daemon_threads = True
        self.lock = threading.RLock()
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        """Base URL."""
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def close(self) -> None:
        """Stop serving."""
        self.http.shutdown()
        self.http.server_close()

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """Bodies stored under a path, once each."""
        return [body for where, body in self.received if where == path]

    def progress(self, job: str) -> list[dict[str, Any]]:
        """Progress of a job."""
        return self.bodies(f"/jobs/{job}/progress")

    def phases(self, job: str) -> list[str]:
        """Phases told of a job, repeats joined."""
        told: list[str] = []
        for body in self.progress(job):
            if not told or told[-1] != body["phase"]:
                told.append(body["phase"])
        return told

    def jwks(self) -> dict[str, Any]:
        """The public half of the job key."""
        x = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {
            "keys": [{"kty": "OKP", "crv": "Ed25519", "kid": self.kid, "x": b64url(x), "use": "sig", "alg": "EdDSA"}]
        }

    def sign_job(self, payload: dict[str, Any], **header: Any) -> str:
        """A compact JWS."""
        head = b64url(json.dumps({"alg": "EdDSA", "kid": self.kid, **header}).encode())
        body = b64url(json.dumps(payload).encode())
        return f"{head}.{body}.{b64url(self.key.sign(f'{head}.{body}'.encode()))}"

    def give(self, serial: str, size: int, *, key: bytes = bytes(range(32)), **changes: Any) -> str:
        """Open a wipe job on a drive; the session is filled in when it is asked for. Return its uuid."""
        job = str(uuid.uuid4())
        now = datetime.now(UTC)
        self.job_payloads[job] = {
            "typ": "ordi-job/1", "job": job, "kind": "wipe", "tag": TAG, "serial": serial, "wwn": None, "bytes": size,
            "nonce": b64url(hashlib.sha256(job.encode()).digest()[:16]), "seq": 1, "technique": "overwrite-aes256ctr",
            "key": b64url(key), "test": True, "issued": now.isoformat().replace("+00:00", "Z"),
            "expires": (now + timedelta(hours=12)).isoformat().replace("+00:00", "Z"), **changes,
        }  # fmt: skip
        self.expects_jobs += 1
        return job

    def give_check(self, serial: str, size: int, offsets: list[int], length: int, **changes: Any) -> str:
        """Open a check job."""
        nonce = b64url(b"n" * 32)
        job = self.give(
            serial, size, kind="check", challenge={"nonce": nonce, "bytes": length, "offsets": offsets}, **changes
        )
        del self.job_payloads[job]["key"]
        return job

    def open_jobs(self, session: str) -> list[str]:
        """The tokens of the open jobs."""
        tokens = []
        for job, payload in self.job_payloads.items():
            if job not in self.over:
                if job not in self.job_tokens:
                    self.job_tokens[job] = self.sign_job({"session": session, **payload})
                tokens.append(self.job_tokens[job])
        return tokens

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                """Keep quiet."""

            def do_GET(self) -> None:
                self._do(b"")

            def do_POST(self) -> None:
                self._do(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def _do(self, body: bytes) -> None:
                path = urlsplit(self.path).path.removeprefix("/api/v1")
                fake.requests.append((self.command, path))
                if fake.down(self.command, path):
                    self.close_connection = True
                    return
                headers: dict[str, str] = {}
                try:
                    refusal = fake.refuse(self.command, path)
                    if refusal:
                        raise refusal
                    status, said = fake.handle(self, path, body)
                except Refusal as no:
                    status, said, headers = no.status, {"status": no.status, "code": no.code}, no.headers
                out = json.dumps(said).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(out)))
                self.end_headers()
                self.wfile.write(out)

        return Handler

    def handle(self, request: BaseHTTPRequestHandler, path: str, raw: bytes) -> tuple[int, dict[str, Any]]:
        """Verify, then answer."""
        body = json.loads(raw) if raw else {}
        with self.lock:
            if path == "/sessions" and body.get("boot_pub"):
                self._learn(unb64url(body["boot_pub"]))
            if path == "/enrolments":
                self._learn(unb64url(body["public_key"]))
            keyid = None
            known = body.get("uuid") or (body.get("session") if path == "/sessions" else None)
            if self.bearer and request.headers.get("Authorization") == f"Bearer {self.bearer}":
                pass
            else:
                keyid = self._verify(request, raw)
                counter = int(request.headers["Ordi-Counter"])
                if counter <= self.counters.get(keyid, 0) and known not in self.first_answers:
                    raise Refusal(409, "counter-replayed")
                self.counters[keyid] = max(counter, self.counters.get(keyid, 0))
        if known in self.first_answers:
            return 200, self.first_answers[known][1]
        override = self.on(path, body)
        with self.lock:
            said = self._answer(request.command, path, body)
            said = override if override is not None else said
            if request.command == "POST":
                self.received.append((path, body))
                self.first_answers[known] = (201, said)
            return (201 if request.command == "POST" else 200), said

    def _learn(self, public: bytes) -> None:
        self.keys[b64url(hashlib.sha256(public).digest())] = Ed25519PublicKey.from_public_bytes(public)

    def _verify(self, request: BaseHTTPRequestHandler, raw: bytes) -> str:
        fake = self

        class Resolver(HTTPSignatureKeyResolver):
            def resolve_public_key(self, key_id: str) -> Any:
                if key_id not in fake.keys:
                    raise Refusal(401, "key-unknown")
                return fake.keys[key_id]

        message = SimpleNamespace(
            method=request.command, url=fake.url + request.path, headers=dict(request.headers.items())
        )
        verifier = HTTPMessageVerifier(
            signature_algorithm=algorithms.ED25519, key_resolver=Resolver(), component_resolver_class=Components
        )
        verifier.max_clock_skew = timedelta(days=365 * 200)
        digest = "sha-256=:" + base64.b64encode(hashlib.sha256(raw).digest()).decode() + ":"
        assert request.headers["Content-Digest"] == digest
        assert request.headers["Content-Type"] == "application/json"
        (result,) = verifier.verify(message, max_age=timedelta(days=365 * 200))
        names = [name.strip('"') for name in result.covered_components if name != '"@signature-params"']
        assert names == ["@method", "@authority", "@path", "content-digest", "content-type", "ordi-counter"], names
        assert list(result.parameters) == ["created", "nonce", "keyid", "alg", "tag"], result.parameters
        assert result.parameters["tag"] == "ordi"
        assert len(unb64url(result.parameters["nonce"])) >= 16
        return str(result.parameters["keyid"])

    def _answer(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        parts = path.strip("/").split("/")
        if path == "/sessions":
            self.sessions[body["session"]] = body
            public = hashlib.sha256(unb64url(body["boot_pub"])).hexdigest()[:20].upper()
            return {
                "session": body["session"],
                "pictograms": ["chat", "vélo", "arbre"],
                "adopt_url": f"HTTPS://ORDI.EXAMPLE/B/{body['session'].replace('-', '').upper()}/{public}",
                "server_keys": self.jwks(),
            }
        if parts[0] == "sessions":
            state = "adopted" if self.adopt else "waiting"
            return {"session": parts[1], "state": state, "tag": TAG if self.adopt else None, "poll_after_s": 0.05}
        if path == "/jobs":
            session = next(iter(self.sessions))
            return {"session_state": "adopted", "poll_after_s": 0.05, "jobs": self.open_jobs(session)}
        if path == "/evidence":
            return {"evidence": body["uuid"], "tag": TAG, "recognised": "session", "parsed": True, "reason": None}
        if parts[0] == "jobs" and parts[2] == "progress":
            return {"cancel": False}
        if path == "/sanitisations":
            challenge = self.challenges.get(body["job"]) if body["raw_status"]["outcome"] == "completed" else None
            if challenge is None:
                self.over.add(body["job"])
            return {"sanitisation": body["uuid"], "challenge": challenge, "verdict": None, "reasons": []}
        if parts[0] == "jobs" and parts[2] == "answers":
            self.over.add(parts[1])
            return {"verdict": "PASS", "reasons": [], "certificate": "C-1"}
        if path == "/enrolments":
            keyid = b64url(hashlib.sha256(unb64url(body["public_key"])).digest())
            return {"tag": TAG, "keyid": keyid, "every_s": 86400}
        if path == "/check-ins":
            return self.answer_check_in
        raise Refusal(404, "not-found")
