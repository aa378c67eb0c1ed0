"""`/sys/class/power_supply`: the batteries of the machine itself, and how worn they are.

Files and units: Linux, Documentation/ABI/testing/sysfs-class-power (energies in µWh, charges in µAh).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.parsers.reading import whole

FILES = (
    "type", "scope", "present", "status", "technology", "manufacturer", "model_name", "serial_number", "cycle_count",
    "capacity", "capacity_level", "energy_now", "energy_full", "energy_full_design", "charge_now", "charge_full",
    "charge_full_design", "voltage_min_design", "voltage_now", "power_now", "current_now",
)  # fmt: skip


@dataclass(frozen=True)
class Battery:
    """All batteries of a machine as one. `full` and `full_design` in mWh, or mAh where the machine counts charge."""

    percent: int | None
    full: int | None
    full_design: int | None
    cycles: int | None


def of_the_machine(supplies: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """The supplies that are batteries of the machine, not of a mouse or a telephone (scope Device), nor an empty bay."""
    return [
        supply
        for supply in supplies
        if supply.get("type", "").lower() == "battery"
        and supply.get("scope", "").lower() != "device"
        and supply.get("present", "1") != "0"
    ]


def battery(supplies: Iterable[Mapping[str, str]]) -> Battery | None:
    """The batteries of the machine together, None when it has none.

    Capacities add up where all are told in one unit; cycles are those of the most used.
    """
    own = of_the_machine(supplies)
    if not own:
        return None
    unit = next((u for u in ("energy", "charge") if all(whole(b.get(f"{u}_full_design")) for b in own)), None)
    full = total(own, f"{unit}_full") if unit else None
    now = total(own, f"{unit}_now") if unit else None
    percents = [value for value in (whole(b.get("capacity")) for b in own) if value is not None]
    cycles = [value for value in (whole(b.get("cycle_count")) for b in own) if value]
    percent = round(sum(percents) / len(percents)) if percents else round(100 * now / full) if now and full else None
    return Battery(
        percent=None if percent is None else min(percent, 100),
        full=None if full is None else full // 1000,
        full_design=(total(own, f"{unit}_full_design") or 0) // 1000 if unit else None,
        cycles=max(cycles) if cycles else None,
    )


def total(supplies: Iterable[Mapping[str, str]], name: str) -> int | None:
    """The sum of one file over all supplies, None unless each has it."""
    values = [whole(supply.get(name)) for supply in supplies]
    told = [value for value in values if value is not None]
    return sum(told) if told and len(told) == len(values) else None
