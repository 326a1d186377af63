"""Long lists of papers cut into pages for people: short enough to load at once on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from digest.errors import NotFoundError

T = TypeVar("T")

PAGE_SIZE = 25
"""Papers on a page: with abstracts and summaries about 90 kB."""


def last_page(count: int) -> int:
    """Return the number of the last page of *count* papers: 1 where there are none."""
    return max(-(-count // PAGE_SIZE), 1)


def page_of(position: int) -> int:
    """Return the number of the page that shows the paper at *position*, which counts from 0."""
    return position // PAGE_SIZE + 1


def slice_of(items: Sequence[T], number: int) -> Sequence[T]:
    """Return what page *number*, counting from 1, shows of all *items*.

    Raises:
        NotFoundError: There are fewer pages.
    """
    last = last_page(len(items))
    if number > last:
        raise NotFoundError(f"there is no page {number}: these papers fill {last} page{'s' if last > 1 else ''}")
    return items[place_of(number)]


def place_of(number: int) -> slice:
    """Return the places of the items that page *number*, counting from 1, shows."""
    return slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE)
