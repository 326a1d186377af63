"""Import time of the application against bare FastAPI, both with bytecode.

The children write and read bytecode in a folder of their own, whatever this environment says: with
`PYTHONDONTWRITEBYTECODE` set, the application would be compiled in every round and FastAPI in none.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from bench.report import Figure, print_figures

ROUNDS = 9
GOAL = 1.5
_STATEMENTS = {
    "bare": "import fastapi; app = fastapi.FastAPI()",
    "ours": "import api.index",
}
# Processor time: on a busy machine it says more than the clock does.
_CHILD = "import time; start = time.process_time(); {}; print((time.process_time() - start) * 1000)"


def import_ms(statement: str, bytecode: str) -> float:
    """Return the processor time of *statement* in a fresh interpreter, its own start left out.

    Args:
        statement: What is run.
        bytecode: The folder for bytecode.
    """
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-X", f"pycache_prefix={bytecode}", "-c", _CHILD.format(statement)]
    made = subprocess.run(command, check=True, capture_output=True, text=True, env=environ)
    return float(made.stdout)


def measure() -> Iterator[Figure]:
    times: dict[str, list[float]] = {name: [] for name in _STATEMENTS}
    with tempfile.TemporaryDirectory() as bytecode:
        for statement in _STATEMENTS.values():
            import_ms(statement, bytecode)  # writes the bytecode
        for _ in range(ROUNDS):
            for name, statement in _STATEMENTS.items():
                times[name].append(import_ms(statement, bytecode))
    ratios = [ours / bare for ours, bare in zip(times["ours"], times["bare"], strict=True)]
    yield Figure("bare FastAPI", statistics.median(times["bare"]), "ms")
    yield Figure("the application", statistics.median(times["ours"]), "ms")
    yield Figure("ratio", statistics.median(ratios), goal=GOAL, note="median of interleaved runs")


def main() -> None:
    print_figures((__doc__ or "").partition("\n")[0], measure())


if __name__ == "__main__":
    main()
