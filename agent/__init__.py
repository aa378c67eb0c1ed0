"""The program that runs on a machine: at the bench (inventory, wipe) and afterwards, at a family's (check-ins).

It shares nothing with the server but `docs/protocol.md`, and needs only Python 3.11, cryptography and psutil.
"""

__version__ = "0.1.0"
