"""The agent as one file that any Python runs: built from the installed source, the same bytes each time."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from functools import cache
from pathlib import Path

_ENTRY = "import sys\n\nfrom agent.__main__ import main\n\nsys.exit(main())\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)


@cache
def agent_archive() -> bytes:
    """A zipapp of the package `agent`: `python3 agent.pyz wipe`."""
    # Found, never imported: nothing of ours runs the agent's code.
    spec = importlib.util.find_spec("agent")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the agent is not installed")
    root = Path(next(iter(spec.submodule_search_locations)))
    files = {"__main__.py": _ENTRY.encode()}
    for path in root.rglob("*.py"):
        files[f"agent/{path.relative_to(root).as_posix()}"] = path.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name], zipfile.ZIP_DEFLATED)
    return packed.getvalue()
