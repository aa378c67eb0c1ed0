"""The page of trials, opened in this machine's own browser once it is adopted: nobody types anything."""

import shlex
import subprocess

from agent.server import Refused
from agent.session import Session
from agent.wording import say


def open_page(command: str, session: Session, base: str) -> bool:
    """Ask the server for the page's address and open it with `command`, which goes on by itself.

    False when the server will not give one, gives one that is not its own, or the browser cannot be started. Raise Unreachable.
    """
    try:
        address = session.server.post(f"/sessions/{session.uuid}/trial", b"{}").body.get("url")
    except Refused:
        return False
    if not isinstance(address, str) or not address.startswith(f"{base}/T#"):
        return False
    quiet = subprocess.DEVNULL
    try:
        subprocess.Popen(
            [*shlex.split(command), address], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except OSError:
        return False
    say("trials")
    return True
