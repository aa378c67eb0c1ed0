"""Somebody at a real server without a browser: follows links, fills in the forms that pages offer, remembers every address asked."""

from __future__ import annotations

import http.cookiejar
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin

from bs4 import BeautifulSoup, Tag


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirections are followed here, so that each address is remembered."""

    def redirect_request(self, *_given: object, **_more: object) -> None:  # type: ignore[override]
        return None


@dataclass
class Page:
    """What a server answered."""

    url: str
    status: int
    body: bytes

    @property
    def text(self) -> str:
        """Its words, as sent."""
        return self.body.decode("utf-8", "replace")


@dataclass
class Visitor:
    """One person's cookies before one server."""

    url: str
    asked: list[str] = field(default_factory=list)
    """Every address asked for, and every one the server sent on to."""

    def __post_init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies, _Stay)

    def get(self, path: str) -> Page:
        """A page, redirections followed."""
        return self._ask(urljoin(self.url, path), None, self.url)

    def await_it(self, process: subprocess.Popen[bytes]) -> None:
        """Until the server answers. Fails when it ended instead."""
        for _ in range(300):
            assert process.poll() is None, "the server did not start"
            try:
                self.get("/sign-in")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the server does not answer")

    def submit(self, page: Page, action: str, **answers: str | list[str]) -> Page:
        """Fill in the form of a page whose action ends so, keep what it already says, and send it."""
        forms = BeautifulSoup(page.body, "html.parser").find_all("form")
        form = next(one for one in forms if str(one.get("action", "")).partition("?")[0].endswith(action))
        told: dict[str, list[str]] = {}
        for one in form.find_all(["input", "textarea", "select"]):
            for value in _said(one):
                told.setdefault(str(one["name"]), []).append(value)
        told |= {name: [value] if isinstance(value, str) else value for name, value in answers.items()}
        assert str(form.get("method", "get")).lower() == "post", "a form that writes its answers into an address"
        return self._ask(urljoin(page.url, str(form["action"])), urlencode(told, doseq=True).encode(), page.url)

    def _ask(self, url: str, body: bytes | None, came: str) -> Page:
        self.asked.append(url)
        request = urllib.request.Request(url, body, {"Origin": self.url, "Referer": came})
        try:
            answer = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            onward = answer.headers.get("Location") if 300 <= answer.status < 400 else None
            page = Page(url, answer.status, answer.read())
        return self._ask(urljoin(url, onward), None, url) if onward else page


def _said(one: Tag) -> list[str]:
    """What a field sends as it stands."""
    if not one.get("name"):
        return []
    if one.name == "select":
        options = one.find_all("option")
        chosen = [option for option in options if option.has_attr("selected")] or options[:1]
        return [str(option.get("value", option.get_text())) for option in chosen]
    if one.name == "textarea":
        return [one.get_text()]
    if one.get("type") in ("checkbox", "radio"):
        return [str(one.get("value", "on"))] if one.has_attr("checked") else []
    return [str(one.get("value", ""))] if one.get("type") not in ("submit", "file") else []
