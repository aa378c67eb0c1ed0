"""`make bench`: every figure declared in this folder, beside its floor.

make bench                        all of them
make bench FIGURES="wipe"         those whose name holds the word
python -m benchmarks.run --json   for a machine to read
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import pkgutil
import sys

import benchmarks
from benchmarks.figures import FIGURES, Figure, Result, measure


def told(one: Figure, result: Result) -> str:
    """A figure for people: its value, its floor, how many times that, and whether it keeps its limit."""
    lines = [f"{one.name}: {amount(result.measured, one.unit)}"]
    if one.unit == "s":
        lines[0] += f" ({1 / result.measured:.3g} a second)" if result.measured else ""
    if one.limit is not None:
        kept = "kept" if result.measured <= one.limit else "NOT KEPT in this run"
        lines.append(f"    limit {amount(one.limit, one.unit)}: {kept}")
    lines.append(f"    floor ({one.floor}): {amount(result.floor, one.unit)}; {result.ratio:.2f} times")
    if one.times is not None:
        lines[-1] += f", at most {one.times:.2f}: {'kept' if result.ratio <= one.times else 'NOT KEPT in this run'}"
    lines.append(
        f"    median of {result.rounds}, spread {result.spread:.0%}, processor {amount(result.processor, 's')} a round"
    )
    return "\n".join(lines)


def amount(value: float, unit: str) -> str:
    """`38 ms`, `42 kB`."""
    if unit == "s" and value < 1:
        return f"{value * 1000:.3g} ms"
    return f"{value / 1000:.3g} kB" if unit == "B" else f"{value:.3g} {unit}"


def main() -> int:
    """Measure what was asked for and print it."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("words", nargs="*", help="only figures whose name holds one of these")
    asked.add_argument("--rounds", type=int, help="how often each is measured")
    asked.add_argument("--json", action="store_true", help="one JSON object a line")
    options = asked.parse_args()
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name != "run":
            importlib.import_module(f"benchmarks.{module.name}")
    wanted = [one for one in FIGURES if not options.words or any(word in one.name for word in options.words)]
    if not wanted:
        print("no such figure", file=sys.stderr)
        return 2
    for one in wanted:
        if why := one.impossible():
            print(f"NOT MEASURED: {one.name}: {why}", file=sys.stderr)
            continue
        result = measure(one, options.rounds)
        if options.json:
            print(json.dumps({"name": one.name, "unit": one.unit, **dataclasses.asdict(result), "ratio": result.ratio}))
            continue
        print(told(one, result), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
