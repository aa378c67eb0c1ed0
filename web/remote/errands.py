"""Starting over SSH without keeping a page waiting: a thread leads the start, and every step is a short transaction.

If the program ends meanwhile, the worker says so after a few minutes; the agent goes on, and starting again finds it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask, current_app
from sqlalchemy.orm import Session

from ordi.bench.remote_starts import Step, fail, give_up_silent, host_key_for, started, step_to
from web.clock import now
from web.keyring import keyring
from web.remote.launching import Package, launch
from web.remote.line import LineFailed, Target, open_line
from web.remote.package import agent_archive
from web.session import apart
from web.settings import Network, Settings
from web.traces import trace
from web.worker import duty

Errand = Callable[[], None]


def in_a_thread(errand: Errand) -> None:
    """Do an errand beside the request that asked for it."""
    threading.Thread(target=errand, name="remote start", daemon=True).start()


def set_off(app: Flask, uuid: str) -> None:
    """Lead the start `uuid`, already committed, without waiting for it."""
    app.extensions["ordi-errands"](lambda: lead(app, uuid))


@duty("silent remote starts")
def _give_up_silent(session: Session, _settings: Settings, at: datetime) -> int:
    return give_up_silent(session, at=at)


@dataclass(frozen=True)
class _Plan:
    """All that the line needs, read from the database once."""

    target: Target
    key: Ed25519PrivateKey
    networks: tuple[Network, ...]
    package: Package


def lead(app: Flask, uuid: str) -> None:
    """One start from its first step to its end, whatever that is."""
    with app.app_context():
        try:
            plan = _planned(uuid)
            if plan is None:
                return
            with open_line(plan.target, plan.key, plan.networks) as line:
                agent = launch(line, plan.package, lambda step: _told(uuid, step))
            with apart() as session:
                started(session, uuid, agent.session, agent.key_fingerprint, at=now())
        except LineFailed as failed:
            with apart() as session:
                fail(session, uuid, failed.code, failed.detail, at=now())
        except Exception as error:
            app.logger.error("the remote start %s broke\n%s", uuid, trace(error))
            with apart() as session:
                fail(session, uuid, "broken", "", at=now())


def _planned(uuid: str) -> _Plan | None:
    settings: Settings = current_app.extensions["ordi-settings"]
    with apart() as session:
        start = step_to(session, uuid, Step.CONNECTING, at=now())
        if start is None:
            return None
        host = start.host
        jobs = [key for key in keyring().jwks(now())["keys"] if key["purpose"] == "job"]
        config = {"server": settings.base_url, "server_keys": {"keys": jobs}}
        return _Plan(
            Target(host.address, host.port, host.login, host_key_for(session, start, at=now())),
            keyring().ssh_key(host.workshop_id, now()),
            settings.bench_networks,
            Package(agent_archive(), config, host.folder),
        )


def _told(uuid: str, step: Step) -> None:
    with apart() as session:
        step_to(session, uuid, step, at=now())
