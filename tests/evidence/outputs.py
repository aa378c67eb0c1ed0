"""Outputs of the tools whose formats we take, written for these tests: one laptop, told by each, with what must never be stored.

`SECRETS` are put wherever the tool would put them: a user, a host, an address, a network, a process, a package, a label of a volume.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any

SERIAL, UUID, DRIVE = "PF0EVID1", "6f0d7c1e-93b4-4d2f-8a55-1c1d7be0a0e1", "S4EVNX0M123456"
BYTES = 256060514304
SECRETS = (
    "mdupont",
    "poste-compta-7",
    "192.168.71.9",
    "a4:bb:6d:71:00:09",
    "Livebox-71C9",
    "turbotax",
    "PHOTOS-DUPONT",
    "INV-71-00412",
)


def dmidecode(serial: str = SERIAL, uuid: str = UUID, maker: str = "LENOVO") -> str:
    """A whole text: the records we read, and others with an owner's marks."""
    return f"""# dmidecode 3.4
Getting SMBIOS data from sysfs.
SMBIOS 3.1.1 present.

Handle 0x0000, DMI type 0, 26 bytes
BIOS Information
\tVendor: {maker}
\tVersion: N24ET61W

Handle 0x0001, DMI type 1, 27 bytes
System Information
\tManufacturer: {maker}
\tProduct Name: 20L5
\tVersion: ThinkPad T480
\tSerial Number: {serial}
\tUUID: {uuid}
\tSKU Number: LENOVO_MT_20L5

Handle 0x0003, DMI type 3, 22 bytes
Chassis Information
\tManufacturer: {maker}
\tType: Notebook
\tSerial Number: {serial}
\tAsset Tag: INV-71-00412

Handle 0x0007, DMI type 4, 48 bytes
Processor Information
\tSocket Designation: U3E1
\tVersion: Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz
\tFlags:
\t\tFPU (Floating-point unit on-chip)

Handle 0x0010, DMI type 17, 40 bytes
Memory Device
\tSize: 4096 MB
\tLocator: ChannelA-DIMM0

Handle 0x0011, DMI type 17, 40 bytes
Memory Device
\tSize: 4 GB

Handle 0x0012, DMI type 17, 40 bytes
Memory Device
\tSize: No Module Installed

Handle 0x0020, DMI type 11, 5 bytes
OEM Strings
\tString 1: poste-compta-7

Handle 0x0021, DMI type 38, 18 bytes
IPMI Device Information
\tI2C Slave Address: 192.168.71.9
"""


def drive(serial: str = DRIVE) -> dict[str, Any]:
    """A drive, as `smartctl --json -x` tells it."""
    return {
        "json_format_version": [1, 0],
        "smartctl": {"version": [7, 3], "argv": ["smartctl", "--json", "-x", "/dev/nvme0n1"], "exit_status": 0},
        "device": {"name": "/dev/nvme0n1", "type": "nvme", "protocol": "NVMe"},
        "model_name": "SAMSUNG MZVLB256HBHQ-000L7",
        "serial_number": serial,
        "firmware_version": "4L2QEXM7",
        "nvme_total_capacity": BYTES,
        "user_capacity": {"blocks": BYTES // 512, "bytes": BYTES},
        "power_on_time": {"hours": 4012},
        "smart_status": {"passed": True},
        "nvme_smart_health_information_log": {"percentage_used": 3, "media_errors": 0},
        "login": "mdupont",
    }


def smartctl(serial: str = DRIVE) -> str:
    """One drive."""
    return json.dumps(drive(serial))


def glpi(serial: str = SERIAL, uuid: str = UUID) -> str:
    """A whole inventory."""
    content = {
        "accesslog": {"logdate": "2026-11-20 09:00:00"},
        "bios": {"smanufacturer": "LENOVO", "smodel": "20L5", "ssn": serial, "mmanufacturer": "LENOVO", "assettag": "INV-71-00412"},
        "hardware": {"chassis_type": "Notebook", "memory": 7800, "uuid": uuid, "name": "poste-compta-7", "defaultgateway": "192.168.71.9", "lastloggeduser": "mdupont"},
        "cpus": [{"name": "Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz", "core": 4, "thread": 8, "speed": 1700}],
        "memories": [{"capacity": 4096, "serialnumber": "11"}, {"capacity": 4096, "serialnumber": "12"}],
        "storages": [
            {"name": "nvme0n1", "type": "disk", "disksize": 256060, "serial": DRIVE, "model": "SAMSUNG MZVLB256HBHQ", "firmware": "4L2QEXM7"},
            {"name": "sdb", "type": "removable", "disksize": 16000, "serial": "AA010203", "model": "Cruzer", "interface": "USB"},
        ],
        "users": [{"login": "mdupont"}],
        "local_users": [{"login": "mdupont", "home": "/home/mdupont"}],
        "networks": [{"ipaddress": "192.168.71.9", "mac": "a4:bb:6d:71:00:09", "wifi_ssid": "Livebox-71C9"}],
        "softwares": [{"name": "turbotax", "publisher": "x"}],
        "processes": [{"cmd": "turbotax --user mdupont", "user": "mdupont"}],
        "drives": [{"label": "PHOTOS-DUPONT", "type": "/", "volumn": "/dev/mapper/root"}],
        "operatingsystem": {"fqdn": "poste-compta-7", "ssh_key": "ssh-rsa mdupont"},
        "versionclient": "GLPI-Agent_v1.7",
    }  # fmt: skip
    return json.dumps(
        {"deviceid": "poste-compta-7-2026-11-20", "action": "inventory", "tag": "INV-71-00412", "content": content}
    )


def tree(serial: str = SERIAL, uuid: str = UUID) -> dict[str, Any]:
    """A tree as `lshw -json` writes it."""
    disk = {
        "id": "namespace:0",
        "class": "disk",
        "description": "NVMe disk",
        "logicalname": "/dev/nvme0n1",
        "units": "bytes",
        "size": BYTES,
        "children": [{"id": "volume", "class": "volume", "configuration": {"label": "PHOTOS-DUPONT"}}],
    }
    return {
        "id": "poste-compta-7",
        "class": "system",
        "description": "Notebook",
        "product": "20L5 (LENOVO_MT_20L5)",
        "vendor": "LENOVO",
        "version": "ThinkPad T480",
        "serial": serial,
        "configuration": {"boot": "normal", "chassis": "notebook", "uuid": uuid, "administrator_password": "x"},
        "children": [
            {
                "id": "core",
                "class": "bus",
                "product": "20L5",
                "vendor": "LENOVO",
                "children": [
                    {"id": "memory", "class": "memory", "description": "System Memory", "units": "bytes", "size": 8 << 30},
                    {"id": "cpu", "class": "processor", "product": "Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz"},
                    {
                        "id": "pci",
                        "class": "bridge",
                        "children": [
                            {"id": "nvme", "class": "storage", "product": "SAMSUNG MZVLB256HBHQ-000L7", "serial": DRIVE, "version": "4L2QEXM7", "children": [disk]},
                            {"id": "cdrom", "class": "disk", "description": "DVD-RAM writer", "logicalname": "/dev/sr0", "size": 4},
                            {"id": "network", "class": "network", "serial": "a4:bb:6d:71:00:09", "configuration": {"ip": "192.168.71.9"}},
                            {"id": "usb", "class": "bus", "children": [{"id": "disk", "class": "disk", "serial": "AA010203", "size": 16 * 10**9}]},
                        ],
                    },
                ],
            },
            {"id": "network", "class": "network", "logicalname": "wlan0", "serial": "a4:bb:6d:71:00:09"},
        ],
    }  # fmt: skip


def lshw(serial: str = SERIAL, uuid: str = UUID) -> str:
    """The tree as JSON: newer versions put it in a list."""
    return json.dumps([tree(serial, uuid)])


def lshw_xml(serial: str = SERIAL, uuid: str = UUID) -> str:
    """The same tree as XML."""
    return f'<?xml version="1.0" standalone="yes" ?>\n<!-- generated by lshw-B.02.18 -->\n<list>\n{_xml(tree(serial, uuid))}\n</list>\n'


def _xml(node: dict[str, Any]) -> str:
    inner = ""
    for name in ("description", "product", "vendor", "version", "serial", "logicalname"):
        if name in node:
            inner += f"<{name}>{html.escape(str(node[name]))}</{name}>\n"
    if "size" in node:
        inner += f'<size units="bytes">{node["size"]}</size>\n'
    settings = node.get("configuration", {})
    if settings:
        inner += (
            "<configuration>"
            + "".join(f'<setting id="{k}" value="{v}" />' for k, v in settings.items())
            + "</configuration>"
        )
    inner += "".join(_xml(child) for child in node.get("children", []))
    return f'<node id="{node["id"]}" claimed="true" class="{node["class"]}" handle="DMI:0001">\n{inner}</node>\n'


def _components(at: str = "") -> dict[str, Any]:
    kind = f"{at}type"
    return {
        "device": {kind: "Laptop", "manufacturer": "LENOVO", "model": "20L5", "serialNumber": SERIAL, "chassis": "Netbook", "actions": [{"author": "mdupont"}]},
        "components": [
            {kind: "Processor", "model": "Intel Core i5-8350U", "cores": 4},
            {kind: "RamModule", "size": 4096}, {kind: "RamModule", "size": "4096.0 mebibyte"},
            {kind: "NetworkAdapter", "serialNumber": "a4:bb:6d:71:00:09"},
            {kind: "SolidStateDrive", "serialNumber": DRIVE, "size": "256060.0 MB", "interface": "NVMe", "model": "SAMSUNG MZVLB256HBHQ"},
            {kind: "HardDrive", "serialNumber": None, "size": 500107, "interface": "ATA"},
        ],
    }  # fmt: skip


_INXI = json.dumps([{"000#1#0#System": [{"Host": "poste-compta-7", "User": "mdupont"}]}])


def ereuse(shape: str = "components") -> str:
    """A snapshot in one of `EREUSE`."""
    return json.dumps(EREUSE[shape]())


EREUSE: dict[str, Callable[[], dict[str, Any]]] = {
    "components": lambda: {"type": "Snapshot", "uuid": "9c169711-3d72-4e6c-aabf-de9b3af56b55", "software": "Workbench", "version": "11.0b9", "closed": True} | _components(),
    "devices": lambda: {"@type": "devices:Snapshot", "_uuid": "x", "owner": "mdupont"} | _components("@"),
    "lite": lambda: {"type": "Snapshot", "software": "Workbench", "version": "2022.03.3", "schema_api": "1.0.0", "sid": "G8V4Y",
                     "data": {"lshw": tree(), "dmidecode": dmidecode(), "smart": [drive()], "hwinfo": "poste-compta-7", "lspci": ""}},
    "lite-text": lambda: {"type": "Snapshot", "software": "Workbench", "data": {"lshw": json.dumps(tree()), "smart": [drive()]}},
    "script": lambda: {"type": "Snapshot", "software": "workbench-script", "version": "0.0.1", "operator_id": "mdupont",
                       "data": {"smartctl": json.dumps([drive()]), "dmidecode": dmidecode(), "inxi": _INXI}, "erase": []},
    "to-sign": lambda: {"type": "DeviceSnapshotV1", "save": False,
                        "data": {"operator_id": "mdupont", "dmidecode": dmidecode(), "smartctl": json.dumps([drive()]), "inxi": _INXI}},
    "to-sign-whole": lambda: {"type": "DeviceSnapshotV1", "data": EREUSE["script"]()},
    "signed": lambda: {"@context": ["https://www.w3.org/2018/credentials/v1"], "type": ["VerifiableCredential", "DeviceSnapshot"],
                       "credentialSubject": {"operatorId": "mdupont", "deviceId": [{"name": "EthernetMacAddress", "value": "a4:bb:6d:71:00:09"}]},
                       "evidence": [{"type": "HardwareList", "operation": "dmidecode", "output": html.escape(dmidecode())},
                                    {"type": "HardwareList", "operation": "smartctl", "output": html.escape(json.dumps([drive()]))},
                                    {"type": "HardwareList", "operation": "inxi", "output": html.escape(_INXI)}]},
}  # fmt: skip
"""Each shape that a version of Workbench writes."""

OUTPUTS: dict[str, tuple[str, str]] = {
    "glpi": ("glpi", glpi()),
    "lshw": ("lshw", lshw()),
    "lshw-xml": ("lshw", lshw_xml()),
    "dmidecode": ("dmidecode", dmidecode()),
    "smartctl": ("smartctl", smartctl()),
    **{f"ereuse-{shape}": ("ereuse", ereuse(shape)) for shape in EREUSE},
}
"""By a name for people: the format, and the text."""
