#!/bin/sh
# -P: nothing of the current directory is ever imported.
PYTHONPATH=/usr/lib/ordi-agent exec /usr/bin/python3 -P -m agent "$@"
