"""Bringing the agent to a machine over an open line, starting it there so that nothing of ours can end it, and finding it again.

Four small scripts, each one command whose exit status says what went wrong. Everything lies in one folder of the machine's
memory; an agent that already runs there is found, never started twice.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ordi.bench.remote_starts import Step
from web.remote.line import Done, Line, LineFailed, inert

HELLO_S = 45.0
"""How long the agent has to gather its inventory and say hello: an old hard disk reads Python slowly."""

_LOOK_EVERY_S = 1.0
_SHORT_OF_SPACE = ("No space left on device", "Disk quota exceeded")
_ADOPT = re.compile(r"/B/([0-9A-F]{32})/([0-9A-F]{20})\b")

_CHECK = """
command -v python3 >/dev/null || exit 91
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || exit 92
python3 -c 'import cryptography, psutil' 2>/dev/null || exit 93
"""
_CHECKED = {90: "no-root", 91: "no-python", 92: "old-python", 93: "no-modules"}

# A folder of root's own: a link or somebody else's folder in its place is not used.
_FOLDER = """
umask 077
mkdir -p {folder} && [ -O {folder} ] && [ ! -L {folder} ] && cd {folder} || exit 94
"""
_COPY = (
    _FOLDER
    + """
cat >{name}.new || { rm -f {name}.new; exit 95; }
python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' {name}.new
"""
)
_START = (
    _FOLDER
    + """
mv agent.pyz.new agent.pyz && mv config.json.new config.json && : >log && rm -f pid || exit 95
job='echo $$ >pid; exec python3 {folder}/agent.pyz wipe >>log 2>&1 </dev/null'
export ORDI_AGENT_CONFIG={folder}/config.json LANG=fr_FR.UTF-8
if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then
  exec systemd-run --quiet --collect --unit=ordi-agent-ssh --working-directory={folder} \\
    --setenv=ORDI_AGENT_CONFIG --setenv=LANG sh -c "$job"
fi
if command -v setsid >/dev/null; then
  setsid sh -c "$job" >/dev/null 2>&1 </dev/null &
else
  nohup sh -c "$job" >/dev/null 2>&1 </dev/null &
fi
"""
)
_LOOK = """
cd {folder} 2>/dev/null || exit 96
tail -c 12000 log 2>/dev/null
pid=$(cat pid 2>/dev/null) || exit 97
tr '\\0' ' ' </proc/$pid/cmdline 2>/dev/null | grep -q agent.pyz || exit 97
"""
_NOT_THERE, _NOT_RUNNING = 96, 97


@dataclass(frozen=True)
class Agent:
    """The agent that runs there: its bench session, and the start of its boot key's hash."""

    session: str
    key_fingerprint: str


@dataclass(frozen=True)
class Package:
    """What is brought: the agent, and what it is told."""

    archive: bytes
    config: Mapping[str, Any]
    folder: str


def launch(line: Line, package: Package, tell: Callable[[Step], None]) -> Agent:
    """Check the machine, bring the agent, start it, wait until it said hello. Raises `LineFailed`.

    `tell` hears each step before it begins. An agent found running is only looked at.
    """
    tell(Step.CHECKING)
    as_root = _root(line)
    _refuse(as_root(line, _CHECK), _CHECKED)
    if as_root(line, _filled(_LOOK, package.folder)).status != 0:
        tell(Step.COPYING)
        told = {**package.config, "directory": f"{package.folder}/state"}
        _bring(line, as_root, package.folder, "agent.pyz", package.archive)
        _bring(line, as_root, package.folder, "config.json", json.dumps(told).encode())
        tell(Step.STARTING)
        started = as_root(line, _filled(_START, package.folder))
        _refuse_full(started)
        _refuse(started, {94: "no-folder"})
    tell(Step.WAITING)
    return _await_hello(line, as_root, package.folder)


AsRoot = Callable[..., Done]


def _root(line: Line) -> AsRoot:
    """How to run a script as root there: as the user, or through sudo without a password."""
    who = line.run("id -u")
    root = bytes(who.out).strip() == b"0"
    if not root:
        allowed = line.run("sudo -n true")
        if allowed.status != 0:
            raise LineFailed("no-root", allowed.said)
    before = "LC_ALL=C sh -c " if root else "sudo -n env LC_ALL=C sh -c "

    def run(line: Line, script: str, given: bytes = b"") -> Done:
        # The login shell may be any: it is given one plain word to pass on.
        return line.run(("env " if root else "") + before + shlex.quote(script), given)

    return run


def _bring(line: Line, as_root: AsRoot, folder: str, name: str, data: bytes) -> None:
    """Copy one file beside its place, and read it back."""
    done = as_root(line, _filled(_COPY, folder, name), data)
    _refuse_full(done)
    _refuse(done, {94: "no-folder", 95: "copy-failed"})
    if bytes(done.out).decode(errors="replace").strip() != hashlib.sha256(data).hexdigest():
        raise LineFailed("copy-differs", name)


def _await_hello(line: Line, as_root: AsRoot, folder: str) -> Agent:
    end = time.monotonic() + HELLO_S
    begun = time.monotonic() + 3 * _LOOK_EVERY_S
    while True:
        looked = as_root(line, _filled(_LOOK, folder))
        text = bytes(looked.out).decode(errors="replace")
        found = _ADOPT.findall(text)
        if looked.status == 0 and found:
            return Agent(str(UUID(hex=found[-1][0])), found[-1][1])
        if looked.status in (_NOT_RUNNING, _NOT_THERE) and time.monotonic() > begun:
            raise LineFailed("agent-ended", _last_line(text))
        if looked.status not in (0, _NOT_RUNNING):
            raise LineFailed("failed", looked.said)
        if time.monotonic() > end:
            raise LineFailed("no-hello", _last_line(text))
        time.sleep(_LOOK_EVERY_S)


def _filled(script: str, folder: str, name: str = "") -> str:
    return script.replace("{folder}", shlex.quote(folder)).replace("{name}", name)


def _refuse(done: Done, meanings: Mapping[int, str]) -> None:
    if done.status != 0:
        raise LineFailed(meanings.get(done.status, "failed"), done.said)


def _refuse_full(done: Done) -> None:
    if done.status != 0 and any(sign.encode() in done.err for sign in _SHORT_OF_SPACE):
        raise LineFailed("disk-full", done.said)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return inert(lines[-1]) if lines else ""
