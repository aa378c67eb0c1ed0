"""The face of Ordi: pages, doors and papers around the domain. `create_app(settings)` builds it."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from ordi.database import make_engine
from ordi.keys import KeyRing
from web import clock, guards, headers, keyring, languages, refusals, rooms, session
from web.settings import Settings

LARGEST_BODY = 16 * 2**20


def create_app(
    settings: Settings | None = None,
    *,
    sessions: session.Sessions | None = None,
    ring: KeyRing | None = None,
) -> Flask:
    """The application for these settings. Tests give their own sessions and keys. Raises `UnsafeSettings`."""
    settings = settings or Settings.from_environment()
    settings.check()
    app = Flask(__name__)
    clock.set_clock(app)
    if ring is None:
        with app.app_context():
            ring = KeyRing.open(settings.keys_dir, at=clock.now())
    _configure(app, settings, ring)
    if sessions is None:
        engine = make_engine(settings.database_url, pool_pre_ping=True)
        app.extensions["ordi-engine"] = engine
        sessions = session.sessions_on(engine)
    session.install(app, sessions)
    keyring.install(app, ring)
    languages.install(app)
    headers.install(app, settings)
    csrf = CSRFProtect(app)
    guards.install(app)
    refusals.install(app)
    rooms.install(app, csrf)
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    return app


def engine_of(app: Flask) -> Engine:
    """The database of an app that was not given sessions."""
    engine: Engine = app.extensions["ordi-engine"]
    return engine


def settings_of(app: Flask) -> Settings:
    """The settings an app was made with."""
    settings: Settings = app.extensions["ordi-settings"]
    return settings


def _configure(app: Flask, settings: Settings, ring: KeyRing) -> None:
    app.extensions["ordi-settings"] = settings
    secrets = [settings.secret_key.encode()] if settings.secret_key else []
    secrets += ring.session_secrets()
    app.config.update(
        SECRET_KEY=secrets[0],
        SECRET_KEY_FALLBACKS=secrets[1:],
        SESSION_COOKIE_NAME="__Host-ordi" if settings.secure else "ordi",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=2 * 2**20,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=False,  # headers.py checks Origin on every change
        TRUSTED_HOSTS=[settings.host, *(("localhost", "127.0.0.1", "[::1]") if settings.loopback else ())],
        PREFERRED_URL_SCHEME="https" if settings.secure else "http",
        BABEL_TRANSLATION_DIRECTORIES=str(Path(__file__).parent / "translations"),
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
