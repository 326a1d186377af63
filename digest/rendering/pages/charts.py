"""Bars, drawn on the server as inline SVG without text: labels are HTML beside them, so they stay readable at any width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

_HEIGHT = 40
_GAP = 0.2
_SHADES = 4


@dataclass(frozen=True)
class Series:
    """One row of a chart: a number, or None where nothing is known, for each label of the chart."""

    name: str
    values: tuple[int | None, ...]

    @property
    def total(self) -> int:
        """All known numbers together."""
        return sum(value or 0 for value in self.values)


def bars(values: Sequence[int | None], highest: int) -> Markup:
    """Return bars as an SVG element that stretches to its place; hidden from screen readers, which get the numbers.

    Args:
        values: From left to right; None leaves a gap, 0 a hairline.
        highest: The number that fills the height.
    """
    from markupsafe import Markup

    rects = []
    for place, value in enumerate(values):
        if value is None:
            continue
        height = max(_HEIGHT * value / max(highest, 1), 0.5)
        rects.append(
            f'<rect x="{place + _GAP / 2:g}" y="{_HEIGHT - height:.2f}" width="{1 - _GAP:g}" height="{height:.2f}"/>'
        )
    view = f'viewBox="0 0 {max(len(values), 1)} {_HEIGHT}" preserveAspectRatio="none"'
    return Markup(f'<svg {view} aria-hidden="true" focusable="false">{"".join(rects)}</svg>')  # noqa: S704 - numbers only


def highest(series: Sequence[Series]) -> int:
    """Return the largest number of all rows, at least 1."""
    return max((value or 0 for one in series for value in one.values), default=0) or 1


def shade(value: int, most: int) -> int:
    """Return the shade of a heat map's cell: 0 for none, 1 to 4 by quarters of *most*."""
    if value <= 0 or most <= 0:
        return 0
    return min(1 + value * _SHADES // (most + 1), _SHADES)
