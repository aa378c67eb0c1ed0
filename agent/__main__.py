"""`ordi-agent`: inventory | wipe | enrol | check-in | show | off."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from agent import __version__, bench_commands, resident_commands
from agent.config import BadConfiguration, load
from agent.resident import NotEnrolled
from agent.running import REFUSED, USAGE
from agent.server import Refused
from agent.wording import say


def arguments() -> argparse.ArgumentParser:
    """What can be asked."""
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
    inventory.set_defaults(do=bench_commands.inventory)

    wipe = verbs.add_parser("wipe", help="effacement et contre-contrôle / do the server's jobs")
    wipe.add_argument("--once", action="store_true", help="end when at least one job was done and none is left")
    wipe.add_argument("--give-up-after", type=float, metavar="SECONDS", help="end after so long, whatever is going on")
    wipe.set_defaults(do=bench_commands.wipe)

    enrol = verbs.add_parser("enrol", help="inscription de la machine / enrol this machine, once")
    enrol.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="one-time token (else ORDI_ENROLMENT_TOKEN, else standard input)",
    )
    enrol.set_defaults(do=resident_commands.enrol)

    check_in = verbs.add_parser("check-in", help="nouvelles de la machine / tell the server how this machine is")
    half = check_in.add_mutually_exclusive_group()
    half.add_argument("--queue-only", action="store_true", help="gather and keep, use no network")
    half.add_argument("--send-only", action="store_true", help="send what was kept, gather nothing")
    check_in.set_defaults(do=resident_commands.check_in)

    verbs.add_parser("show", help="le prochain envoi, octet par octet / the next payload").set_defaults(
        do=resident_commands.show
    )
    verbs.add_parser("off", help="arrêter les nouvelles / stop check-ins for good").set_defaults(
        do=resident_commands.off
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Do what was asked; return the status to end with."""
    asked = arguments().parse_args(argv)
    try:
        return int(asked.do(load(), asked))
    except BadConfiguration as bad:
        say("bad-configuration", why=bad)
        return USAGE
    except NotEnrolled:
        say("not-enrolled")
        return USAGE
    except Refused as refusal:
        say("refused-by-server", code=refusal.code)
        return REFUSED


if __name__ == "__main__":
    sys.exit(main())
