"""Performance as ratios within one run.

    python -m bench                  the table: everything that has a goal, below three minutes
    python -m bench NAME [ARGUMENT…] one benchmark, also those that aren't in the table
    python -m bench --list           their names

Absolute times depend on the machine and on what else it does; compare ratios, and times within one run.
"""

from __future__ import annotations

import os
import platform
import runpy
import sys
from importlib import import_module
from pathlib import Path

from bench.report import print_figures

TABLE = ("serving", "mix", "restart", "cold_miss", "imports", "memory", "growth")
_PARTS = {"__main__", "bare", "material", "processes", "report"}


def names() -> list[str]:
    found = {path.stem for path in Path(__file__).parent.glob("*.py")} - _PARTS
    return [*TABLE, *sorted(found.difference(TABLE))]


def first_line(name: str) -> str:
    return (import_module(f"bench.{name}").__doc__ or "").partition("\n")[0]


def main(arguments: list[str]) -> int:
    if arguments == ["--list"]:
        for name in names():
            print(f"{name:22}{'' if name in TABLE else '(by name) '}{first_line(name)}")
        return 0
    if arguments and arguments[0] in names():
        sys.argv = arguments
        runpy.run_module(f"bench.{arguments[0]}", run_name="__main__")
        return 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 0 if arguments[0] in {"-h", "--help"} else 2
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    hold = True
    for name in TABLE:
        hold &= print_figures(first_line(name), import_module(f"bench.{name}").measure())
    print("\nAll goals hold." if hold else "\nNot all goals hold.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
