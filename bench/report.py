"""Figures and how they are printed: one line each, with its goal and whether it holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Figure(NamedTuple):
    """One measured number; `at_least` tells on which side of the goal it should be."""

    what: str
    value: float
    unit: str = ""
    goal: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def holds(self) -> bool:
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def print_figures(title: str, figures: Iterable[Figure]) -> bool:
    """Print the figures as they come, and return whether all goals hold."""
    print(f"\n{title}", flush=True)
    hold = True
    for figure in figures:
        value = f"{figure.value:,.2f}" if not figure.unit else f"{figure.value:,.1f} {figure.unit}"
        verdict = ""
        if figure.goal is not None:
            verdict = f"{'≥' if figure.at_least else '≤'} {figure.goal:g} {'ok' if figure.holds else 'over'}"
        print(f"  {figure.what:44}{value:>14}  {verdict:14}{figure.note}".rstrip(), flush=True)
        hold = hold and figure.holds
    return hold
