"""`ordi-agent`: inventory | wipe | send | enrol | check-in | show | off.

Each half of the agent is loaded when it is asked for: on a machine in use the code that wipes is never in memory.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from agent import __version__
from agent.config import BadConfiguration, load
from agent.running import REFUSED, USAGE
from agent.server import Refused
from agent.wording import say

BENCH, OFFLINE, RESIDENT = "agent.bench_commands", "agent.offline", "agent.resident_commands"


def arguments() -> argparse.ArgumentParser:
    """What can be asked. `half` and `verb` say which function of which module does it."""
    parser = argparse.ArgumentParser(
        prog="ordi-agent",
        description="Ordi sur une machine : inventaire et effacement à l'atelier, nouvelles de la machine ensuite.",
        epilog="Configuration: /etc/ordi-agent/config.json, ORDI_SERVER, ORDI_AGENT_DIR, ORDI_TOKEN, ORDI_TEST_DISKS.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    inventory = verbs.add_parser("inventory", help="inventaire, envoyé au serveur / gather and send evidence")
    shown = inventory.add_mutually_exclusive_group()
    shown.add_argument("--print", action="store_true", help="print the envelope as it would be sent, send nothing")
    shown.add_argument("--json", action="store_true", help="print it with its raw parts readable, send nothing")
    inventory.set_defaults(half=BENCH, verb="inventory")

    wipe = verbs.add_parser("wipe", help="effacement et contre-contrôle / do the server's jobs")
    wipe.add_argument("--once", action="store_true", help="end when at least one job was done and none is left")
    wipe.add_argument("--give-up-after", type=float, metavar="SECONDS", help="end after so long, whatever is going on")
    wipe.add_argument("--jobs", type=Path, metavar="FILE", help="do the jobs of a stick, without a server")
    wipe.set_defaults(half=BENCH, verb="wipe")

    send = verbs.add_parser("send", help="rendre une clé hors ligne / send what a stick brought back")
    send.add_argument("file", type=Path, metavar="FILE", help="the stick's file of jobs")
    send.set_defaults(half=OFFLINE, verb="send")

    enrol = verbs.add_parser("enrol", help="inscription de la machine / enrol this machine, once")
    where = "one-time token (else ORDI_ENROLMENT_TOKEN, else standard input)"
    enrol.add_argument("--token-file", type=Path, metavar="FILE", help=where)
    enrol.set_defaults(half=RESIDENT, verb="enrol")

    check_in = verbs.add_parser("check-in", help="nouvelles de la machine / tell the server how this machine is")
    half = check_in.add_mutually_exclusive_group()
    half.add_argument("--queue-only", action="store_true", help="gather and keep, use no network")
    half.add_argument("--send-only", action="store_true", help="send what was kept, gather nothing")
    check_in.set_defaults(half=RESIDENT, verb="check_in")

    show = verbs.add_parser("show", help="le prochain envoi, octet par octet / the next payload")
    show.set_defaults(half=RESIDENT, verb="show")
    off = verbs.add_parser("off", help="arrêter les nouvelles pour de bon / stop check-ins for good")
    off.set_defaults(half=RESIDENT, verb="off")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Do what was asked; return the status to end with."""
    asked = arguments().parse_args(argv)
    try:
        return int(getattr(importlib.import_module(asked.half), asked.verb)(load(), asked))
    except BadConfiguration as bad:
        say("bad-configuration", why=bad)
        return USAGE
    except PermissionError as denied:
        say("not-permitted", why=denied.filename or denied)
        return USAGE
    except Refused as refusal:
        say("refused-by-server", code=refusal.code)
        return REFUSED


if __name__ == "__main__":
    sys.exit(main())
