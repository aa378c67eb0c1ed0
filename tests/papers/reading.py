"""Reading a PDF as others read it: poppler's programs, and a camera's eye at 200 dots an inch."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import zxingcpp
from PIL import Image
from pypdf import PdfReader


def run(program: str, pdf: bytes, *options: str, tmp_path: Path) -> str:
    """What a program of poppler says about `pdf`."""
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf)
    done = subprocess.run([program, *options, str(file)], capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout + done.stderr


def words(pdf: bytes, tmp_path: Path) -> str:
    """All its text, on one line, spaces as spaces."""
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.replace("\u00a0", " ").split())


def pictures(pdf: bytes, tmp_path: Path, dpi: int = 200) -> list[Image.Image]:
    """Its pages as printed."""
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", str(file), str(tmp_path / "page")], check=True)
    return [Image.open(io.BytesIO(path.read_bytes())) for path in sorted(tmp_path.glob("page-*.png"))]


def squares(pdf: bytes, tmp_path: Path) -> list[str]:
    """Every QR code on its pages."""
    found = [code for picture in pictures(pdf, tmp_path) for code in zxingcpp.read_barcodes(picture)]
    return [code.text for code in found if code.format == zxingcpp.BarcodeFormat.QRCode]


def catalog(pdf: bytes) -> str:
    """What the document says of itself."""
    return str(PdfReader(io.BytesIO(pdf)).trailer["/Root"].get_object())


def attached(pdf: bytes) -> list[dict[str, object]]:
    """The records of its attached files."""
    tree = PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/Names"]["/EmbeddedFiles"]["/Names"]  # type: ignore[index]
    return [tree[place].get_object() for place in range(1, len(tree), 2)]


def letters_of_each_page(pdf: bytes, tmp_path: Path) -> list[str]:
    """The letters of each page in the order they were drawn, without spaces: words at an angle too."""
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-raw", str(file), "-"], capture_output=True, text=True, check=True)
    return ["".join(page.split()) for page in done.stdout.split("\f")[:-1]]
