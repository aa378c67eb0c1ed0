"""`ordi …`: everything an installation is asked to do from a terminal. Each command tells itself with `--help`."""

from __future__ import annotations

import click

from web.commands import (
    audits,
    backups,
    claims,
    demonstration,
    doctor,
    evidence,
    keys,
    labels,
    log,
    network,
    places,
    proofs,
    serving,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="ordi", prog_name="ordi")
def cli() -> None:
    """Ordi: from a donated computer to a family's desk.

    Settings come from the environment (ORDI_…); `ordi doctor` says what is missing and how to mend it.
    """


for command in (
    serving.serve,
    serving.worker,
    serving.upgrade,
    demonstration.demo,
    network.organisation,
    network.person,
    network.token,
    proofs.journal,
    log.log,
    proofs.certificate,
    audits.audit,
    claims.claim,
    labels.labels,
    evidence.evidence,
    places.places,
    backups.backup,
    backups.restore,
    keys.keys,
    doctor.doctor,
):
    cli.add_command(command)
