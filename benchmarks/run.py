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
from benchmarks.figures import FIGURES, measure


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
        print(f"{one.name}: {result.measured:.4g} {one.unit}")
        print(f"    floor ({one.floor}): {result.floor:.4g} {one.unit}; {result.ratio:.2f} times")
        print(f"    median of {result.rounds}, spread {result.spread:.0%}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
