"""lshw, as JSON or XML: a tree of nodes. Networks, volumes, inputs and the host's name are cut off before anything is stored.

XML is read by expat with every document type refused: no entity is ever declared, so none is expanded.
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

from ordi.machines.drive import Medium
from ordi.machines.formats.decoding import (
    DEEPEST,
    NotUnderstood,
    json_of,
    objects,
    only,
    packed,
    size_of,
    text_of,
)
from ordi.machines.hardware import DriveFacts, Hardware, form_of, meant, meant_uuid, model_of, plain

_CLASSES = frozenset({"system", "bus", "memory", "processor", "storage", "disk", "power", "bridge", "generic"})
"""What is walked: bridges and buses only lead to disks. `network`, `volume`, `input`, `display`… are left out, children and all."""

_FIELDS = (
    *("id", "class", "disabled", "handle", "description", "product", "vendor", "version", "units", "size", "capacity"),
    *("slot", "businfo", "logicalname", "width", "date"),
)
_TELLS_SERIAL = frozenset({"system", "bus", "memory", "disk", "storage", "power"})
_SETTINGS = ("chassis", "family", "sku", "uuid", "ansiversion", "sectorsize", "logicalsectorsize", "nqn")
_CAPABILITIES = re.compile(r"removable|\d{1,5}rpm|nvme|pm", re.ASCII)
_MOST = 4096
_INVALID = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(x[0-9a-f]{1,6}|[0-9]{1,7});", re.IGNORECASE | re.ASCII)
_DECLARED = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")

Node = dict[str, Any]


def allowed(body: bytes) -> bytes:
    """The tree without what is not hardware. XML is stored as the JSON of the same tree."""
    return packed([keep(root, DEEPEST) for root in _roots(body)])


def keep(node: Node, depth: int) -> Node:
    """One node and what may stay beneath it. The root's id is the host's name: it is called by what it is."""
    kind = str(node.get("class", ""))
    kept = only(node, _FIELDS)
    if kind == "system":
        kept["id"] = "computer"
    if kind in _TELLS_SERIAL:
        kept |= only(node, ("serial",))
    names = node.get("logicalname")
    if isinstance(names, list):
        kept["logicalname"] = [name for name in names[:8] if isinstance(name, str) and name.startswith("/dev/")]
    for part, wanted in (("configuration", _SETTINGS), ("capabilities", _ticks(node.get("capabilities")))):
        told = only(node.get(part), wanted)
        if told:
            kept[part] = told
    children = [one for one in objects(node.get("children"), _MOST) if depth and one.get("class") in _CLASSES]
    if children:
        kept["children"] = [keep(one, depth - 1) for one in children]
    return kept


def read(body: bytes) -> Hardware:
    """What a tree says of the computer and its disks. Raises `NotUnderstood`."""
    return hardware_of(_roots(body))


def hardware_of(roots: list[Node]) -> Hardware:
    """The same, from the roots themselves."""
    nodes = [pair for root in roots for pair in _walk(root)]
    if not any(node.get("class") in _CLASSES for node, _ in nodes):
        raise NotUnderstood(why="nothing-readable" if nodes else "empty")
    system = next((node for node, _ in nodes if node.get("class") == "system"), {})
    board = next((node for node, _ in nodes if _called(node, "core") and node.get("class") == "bus"), {})
    settings = only(system.get("configuration"), _SETTINGS)
    dmi = {
        "Manufacturer": str(system.get("vendor", "")),
        # lshw writes the maker's stock number in brackets after the name
        "Product Name": re.sub(r"\s*\([^()]*\)\s*$", "", str(system.get("product", ""))[:200]),
        "Version": str(system.get("version", "")),
    }
    return Hardware(
        manufacturer=meant(system.get("vendor")) or meant(board.get("vendor")),
        model=model_of(dmi) or meant(board.get("product")),
        serial=meant(system.get("serial")),
        system_uuid=meant_uuid(settings.get("uuid")),
        form=form_of(str(settings.get("chassis", ""))),
        processor=next((name for node, _ in nodes if _computes(node) and (name := meant(node.get("product")))), ""),
        memory_bytes=_memory([node for node, _ in nodes]),
        drives=tuple(_drive(node, path) for node, path in nodes if _fixed(node, path)),
        drives_known=bool(system) or any(node.get("class") == "disk" for node, _ in nodes),
    )


def _roots(body: bytes) -> list[Node]:
    text = text_of(body)
    if text.lstrip().startswith("<"):
        return _from_xml(text)
    try:
        told = json_of(text)
    except NotUnderstood as refused:
        if refused.facts["why"] != "not-json":
            raise
        told = json_of(f"[{text.strip().rstrip(',')}]")  # `lshw -json -class disk` wrote no brackets for years
    return objects(told, 64)


def _walk(root: Node) -> list[tuple[Node, tuple[Node, ...]]]:
    """Every node with those above it, without recursion, to a bounded depth and number."""
    found: list[tuple[Node, tuple[Node, ...]]] = []
    waiting: list[tuple[Node, tuple[Node, ...]]] = [(root, ())]
    while waiting and len(found) < _MOST:
        node, path = waiting.pop()
        found.append((node, path))
        if len(path) < DEEPEST:
            waiting += [(one, (*path, node)) for one in reversed(objects(node.get("children"), _MOST))]
    return found


def _called(node: Node, name: str) -> bool:
    said = str(node.get("id", ""))
    return said == name or said.startswith(f"{name}:")


def _computes(node: Node) -> bool:
    return node.get("class") == "processor" and node.get("disabled") is not True and _called(node, "cpu")


def _memory(nodes: list[Node]) -> int | None:
    banks = [node for node in nodes if node.get("class") == "memory"]
    whole = [size_of(node.get("size")) or 0 for node in banks if _called(node, "memory")]
    return sum(whole) or sum(size_of(node.get("size")) or 0 for node in banks if _called(node, "bank")) or None


def _names(node: Node) -> list[str]:
    names = node.get("logicalname")
    return [str(one) for one in (names if isinstance(names, list) else [names]) if one]


def _ticks(told: Any) -> tuple[str, ...]:
    return tuple(name for name in told if _CAPABILITIES.fullmatch(name)) if isinstance(told, dict) else ()


def _fixed(node: Node, path: tuple[Node, ...]) -> bool:
    """A disk that stays inside: no optical drive, card reader, removable medium, or anything behind USB."""
    if node.get("class") != "disk" or _called(node, "cdrom") or _called(node, "medium"):
        return False
    if _ticks(node.get("capabilities")).count("removable") or any(_called(one, "usb") for one in (node, *path)):
        return False
    told = plain(node.get("description")).casefold()
    return not any(word in told for word in ("dvd", "cd-r", "floppy", "card reader")) and bool(
        size_of(node.get("size")) or meant(node.get("serial"))
    )


def _drive(node: Node, path: tuple[Node, ...]) -> DriveFacts:
    above = path[-1] if path and path[-1].get("class") == "storage" and path[-1].get("serial") else {}
    name = next((one.rsplit("/", 1)[-1] for one in _names(node) if one.startswith("/dev/")), "")
    said = plain(f"{node.get('description')} {above.get('description')}", 200).casefold()
    nvme = name.startswith("nvme") or "nvme" in said
    spins = any(tick.endswith("rpm") for tick in _ticks(node.get("capabilities")))
    medium = Medium.NVME if nvme else Medium.EMMC if name.startswith("mmcblk") else Medium.UNKNOWN
    return DriveFacts(
        name=plain(name, 32),
        serial=meant(node.get("serial")) or meant(above.get("serial")),
        bytes=size_of(node.get("size")) or 0,
        model=meant(node.get("product")) or meant(above.get("product")),
        firmware=meant(node.get("version") or above.get("version"), 24),
        medium=Medium.HDD if spins else medium,
        transport="nvme" if nvme else "sata" if "ata disk" in said else "",
    )


def _from_xml(text: str) -> list[Node]:
    reader = _Reader()
    clean = _REFERENCE.sub(_referred, _INVALID.sub(" ", _DECLARED.sub("", text)))
    try:
        reader.parser.Parse(clean.encode(errors="replace"), True)
    except expat.ExpatError:
        raise NotUnderstood(why="not-xml") from None
    return reader.roots


def _referred(found: re.Match[str]) -> str:
    """A character reference as it stands, or a space for a character that XML has not."""
    said = found[1]
    number = int(said[1:], 16) if said[0] in "xX" else int(said)
    return " " if number > 0x10FFFF or _INVALID.fullmatch(chr(number)) else found[0]


class _Reader:
    """Builds the same tree from XML as `lshw -json` writes. Below `DEEPEST` nothing is kept; a document type ends it."""

    def __init__(self) -> None:
        self.roots: list[Node] = []
        self._open: list[Node | None] = []
        self._count = 0
        self._text: list[str] = []
        self._part = ""
        self._units = ""
        self.parser = expat.ParserCreate(encoding="UTF-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text.append

    def _refuse(self, *_said: Any) -> None:
        raise NotUnderstood(why="entities")

    def _start(self, tag: str, said: dict[str, str]) -> None:
        self._text.clear()
        here = self._open[-1] if self._open else None
        if tag == "node":
            self._open.append(self._node(said, here))
        elif tag in ("configuration", "capabilities"):
            self._part = tag
        elif tag in ("setting", "capability") and here is not None and self._part and "id" in said:
            here.setdefault(self._part, {})[said["id"]] = said.get("value", True)
        elif tag in ("size", "capacity"):
            self._units = said.get("units", "")

    def _node(self, said: dict[str, str], above: Node | None) -> Node | None:
        self._count += 1
        if len(self._open) >= DEEPEST or self._count > _MOST or (self._open and above is None):
            return None
        node: Node = {name: said[name] for name in ("id", "class", "handle") if name in said}
        if said.get("disabled") == "true":
            node["disabled"] = True
        (self.roots if above is None else above.setdefault("children", [])).append(node)
        return node

    def _end(self, tag: str) -> None:
        said = "".join(self._text).strip()
        self._text.clear()
        here = self._open[-1] if self._open else None
        if tag == "node":
            self._open.pop()
        elif tag in ("configuration", "capabilities"):
            self._part = ""
        elif here is not None and not self._part and said and tag in (*_FIELDS, "serial"):
            self._learn(here, tag, said)

    def _learn(self, here: Node, tag: str, said: str) -> None:
        if tag in ("size", "capacity"):
            here["units"] = self._units
            here[tag] = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else said
        elif tag == "logicalname" and tag in here:
            first = here[tag]
            here[tag] = [*(first if isinstance(first, list) else [first]), said]
        else:
            here[tag] = said
