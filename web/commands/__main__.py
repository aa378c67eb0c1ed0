"""`python -m web.commands` is `ordi`."""

from web.commands import cli

cli(prog_name="ordi")
