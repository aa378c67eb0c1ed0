"""What every answer says to browsers: nothing inline, nothing from elsewhere, no frames, no cache of private pages."""

from __future__ import annotations

from flask import Flask, Response, abort, g, request

from web.settings import Settings

_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; script-src 'self'{wasm}; "
    "style-src 'self'; img-src 'self' data: blob:; font-src 'self'; media-src 'self'; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'"
)
PUBLIC_POLICY = _POLICY.format(wasm="")
SIGNED_IN_POLICY = _POLICY.format(wasm=" 'wasm-unsafe-eval'")
"""The barcode reader is WebAssembly: only people who sign in scan."""

_ALWAYS = {
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # no-referrer would make browsers send `Origin: null` with our own forms
}


def install(app: Flask, settings: Settings) -> None:
    """Check where requests come from, and dress every answer."""

    def check_origin() -> None:
        if request.method in ("GET", "HEAD", "OPTIONS") or getattr(_view(app), "csrf_free", False):
            return
        origin = request.headers.get("Origin")
        if origin is not None and origin not in (settings.base_url, request.host_url.rstrip("/")):
            abort(403)
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            abort(403)

    def dress(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        person = g.get("person")
        response.headers.setdefault("Content-Security-Policy", SIGNED_IN_POLICY if person else PUBLIC_POLICY)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store" if person else "private, no-cache")
        if settings.secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        return response

    app.before_request(check_origin)
    app.after_request(dress)


def _view(app: Flask) -> object:
    return app.view_functions.get(request.endpoint or "")
