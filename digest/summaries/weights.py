"""The fitted numbers, read once from `weights.json` beside this module (see `tools/fit_summaries.py`).

The file is one JSON object. `roles.table` has a line a feature: its name, a tab, and one printable character a role;
the character's distance from `ZERO`, times `roles.step`, is the weight, and roles without a character weigh nothing. `words.table` lists, for each number of steps,
the features that weigh so much. `ranks` maps names to weights.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

ZERO = 80
"""Code point that stands for weight 0 in `roles.table`."""
FIELD_BITS = 20
"""Width of one role's field in a packed row."""
_HALF = 1 << (FIELD_BITS - 1)


class Weights(NamedTuple):
    """What the summariser learned."""

    roles: tuple[str, ...]
    """The roles of the chain, then the kinds of conclusion other than the plain one."""
    role_step: float
    role_rows: dict[str, int]
    """One integer a feature: the steps of all roles side by side, `FIELD_BITS` each, so that one addition adds all."""
    moves: tuple[tuple[float, ...], ...]
    """exp(weight) of going from one role of the chain to the next."""
    words: dict[str, float]
    ranks: dict[str, float]
    shapes: dict[Any, float]
    """Sums of `words` over the features of word shapes, kept as they are met."""


def pack(steps: list[int]) -> int:
    """Put small signed integers side by side into one; sums of packed rows hold the sums of their fields."""
    return sum(step << (FIELD_BITS * place) for place, step in enumerate(steps))


def unpack(row: int, count: int) -> list[int]:
    """Take the fields of a (sum of) packed row(s) apart."""
    bias = sum(_HALF << (FIELD_BITS * place) for place in range(count))
    row += bias
    mask = (1 << FIELD_BITS) - 1
    return [((row >> (FIELD_BITS * place)) & mask) - _HALF for place in range(count)]


def parse_weights(text: str) -> Weights:
    """Read the weights file.

    Raises:
        ValueError: A row has more characters than there are roles.
        KeyError: A table is missing.
    """
    import json

    data = json.loads(text)
    roles = tuple(data["roles"]["names"])
    rows: dict[str, int] = {}
    for line in data["roles"]["table"]:
        name, _, codes = line.rpartition("\t")
        if len(codes) > len(roles):
            raise ValueError(f"row {name!r} has {len(codes)} weights for {len(roles)} roles")
        rows[name] = pack([ord(code) - ZERO for code in codes])
    step = data["words"]["step"]
    return Weights(
        roles=roles,
        role_step=data["roles"]["step"],
        role_rows=rows,
        moves=tuple(tuple(math.exp(weight) for weight in row) for row in data["roles"]["moves"]),
        words={name: int(steps) * step for steps, names in data["words"]["table"].items() for name in names.split(" ")},
        ranks=data["ranks"],
        shapes={},
    )


@cache
def load_weights() -> Weights:
    """The shipped weights, read on first use."""
    from pathlib import Path

    return parse_weights(Path(__file__).with_name("weights.json").read_text(encoding="utf-8"))
