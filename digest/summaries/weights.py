"""The fitted numbers, read once from `weights.json` beside this module (see `tools/fit_summaries.py`).

The file is one JSON object. `roles.table` has a line a feature: its name (the parts of a tuple joined by blanks), a tab,
and one printable character a role; the character's distance from `ZERO`, times `roles.step`, is the weight, and roles
without a character weigh nothing. `words.table` lists, for each number of steps, the features that weigh so much; those of
a word itself begin with `=`. `ranks` maps names to weights.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from struct import Struct

Feature = str | tuple[str, ...]
"""What a row of `roles.table` is for."""

ZERO = 80
"""Code point that stands for weight 0 in `roles.table`."""
FIELD_BITS = 32
"""Width of one role's field in a packed row, as many as in an unsigned integer of `struct`."""
_HALF = 1 << (FIELD_BITS - 1)


class Weights(NamedTuple):
    """What the summariser learned."""

    roles: tuple[str, ...]
    """The roles of the chain, then the kinds of conclusion other than the plain one."""
    role_step: float
    role_rows: dict[Feature, int]
    """One integer a feature: the steps of all roles side by side, `FIELD_BITS` each, so that one addition adds all."""
    moves: tuple[tuple[float, ...], ...]
    """exp(weight) of going from one role of the chain to the next."""
    words: dict[str, float]
    """Weights of what is counted about words, by name."""
    lexicon: dict[str, float]
    """Weights of words themselves."""
    ranks: dict[str, float]
    shapes: dict[Any, float]
    """Sums of `words` over the features of word shapes, kept as they are met.

    Several threads share it: each entry is the same whoever makes it, so at worst one is made twice.
    """


def pack(steps: list[int]) -> int:
    """Put small signed integers side by side into one; sums of packed rows hold the sums of their fields."""
    return sum(step << (FIELD_BITS * place) for place, step in enumerate(steps))


def unpack(row: int, count: int) -> list[int]:
    """Take the fields of a (sum of) packed row(s) apart."""
    layout, bias = _layout(count)
    return [field - _HALF for field in layout.unpack((row + bias).to_bytes(layout.size, "little"))]


@cache
def _layout(count: int) -> tuple[Struct, int]:
    """Of a row of *count* fields: its bytes, and what to add so that no field is negative."""
    from struct import Struct

    return Struct(f"<{count}I"), sum(_HALF << (FIELD_BITS * place) for place in range(count))


def parse_feature(name: str) -> Feature:
    """A feature from its name."""
    return tuple(name.split(" ")) if " " in name else name


def format_feature(feature: Feature) -> str:
    """The name of a feature."""
    return feature if isinstance(feature, str) else " ".join(feature)


def parse_weights(text: str) -> Weights:
    """Read the weights file.

    Raises:
        ValueError: A row has more characters than there are roles.
        KeyError: A table is missing.
    """
    import json

    data = json.loads(text)
    roles = tuple(data["roles"]["names"])
    rows: dict[Feature, int] = {}
    for line in data["roles"]["table"]:
        name, _, codes = line.rpartition("\t")
        if len(codes) > len(roles):
            raise ValueError(f"row {name!r} has {len(codes)} weights for {len(roles)} roles")
        rows[parse_feature(name)] = pack([ord(code) - ZERO for code in codes])
    step = data["words"]["step"]
    words = {name: int(steps) * step for steps, names in data["words"]["table"].items() for name in names.split(" ")}
    return Weights(
        roles=roles,
        role_step=data["roles"]["step"],
        role_rows=rows,
        moves=tuple(tuple(math.exp(weight) for weight in row) for row in data["roles"]["moves"]),
        words={name: weight for name, weight in words.items() if name[:1] != "="},
        lexicon={name[1:]: weight for name, weight in words.items() if name[:1] == "="},
        ranks=data["ranks"],
        shapes={},
    )


@cache
def load_weights() -> Weights:
    """The shipped weights, read on first use."""
    from pathlib import Path

    return parse_weights(Path(__file__).with_name("weights.json").read_text(encoding="utf-8"))
