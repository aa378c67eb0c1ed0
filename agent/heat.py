"""How warm the processor is."""

import psutil

PROCESSOR_SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "acpitz")
"""Names the kernel gives to sensors of a processor, the best first."""


def processor_temperature() -> int | None:
    """Degrees Celsius of the warmest part of the processor; None on a machine without such a sensor."""
    try:
        sensors = psutil.sensors_temperatures()
    except (AttributeError, OSError):
        return None
    for name in PROCESSOR_SENSORS:
        degrees = [reading.current for reading in sensors.get(name, []) if 0 < reading.current < 150]
        if degrees:
            return round(max(degrees))
    return None
