"""The filter of a list as chips: one a condition, with the papers it leaves and the page without it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from digest.feeds.addresses import FeedAddress
from digest.feeds.papers import FeedRequest
from digest.rendering.pages.templating import TYPE_KEYS
from digest.selection import Condition, Selection
from digest.selection.lists import written_list
from digest.words import Words

_LISTS = {"include": "chip.include", "exclude": "chip.exclude", "author": "chip.author"}
_VALUES = {
    "q": "chip.q",
    "min_score": "chip.min_score",
    "top": "chip.top",
    "limit": "chip.limit",
    "sort": "chip.sort",
    "keywords": "chip.keywords",
}
_NUMBERS = {"days": "chip.days"}
_EXAMPLES = {"like": "chip.like", "dislike": "chip.dislike"}


class Chip(NamedTuple):
    """One condition of a filter.

    Attributes:
        text: In words.
        papers: How many papers it leaves by itself, None where that isn't counted.
        without: The path of the list without it.
    """

    text: str
    papers: int | None
    without: str


def chips(address: FeedAddress, request: FeedRequest, conditions: Sequence[Condition], say: Words) -> list[Chip]:
    """Return the conditions that an address sets, in its order.

    Args:
        address: Of the list.
        request: What the address asks for.
        conditions: How many papers each leaves, as `account_for` returns them.
        say: The words of the page.
    """
    counts: dict[str, list[int]] = {}
    for one in conditions:
        counts.setdefault(one.parameter, []).append(one.papers)
    found: list[Chip] = []
    for name, value in address.query:
        numbers = counts.get(name, [])
        if name in _LISTS:
            found += _of_list(address, name, request.selection, numbers, say)
        elif text := _text(name, value, say):
            found.append(Chip(text, numbers[-1] if numbers else None, address.without(name).page()))
    return found


def without_filter(address: FeedAddress) -> str:
    """Return the path of the list without any condition."""
    return replace(address, query=()).page()


def _text(name: str, value: str, say: Words) -> str:
    """Return a condition of one value in words, "" for a parameter that is none."""
    if name in _VALUES:
        return say(_VALUES[name], value=value)
    if name in _NUMBERS:
        return say(_NUMBERS[name], count=int(value))
    if name in _EXAMPLES:
        return say(_EXAMPLES[name], count=value.count(",") + 1)
    if name == "types":
        names = {str(one): say(key) for one, key in TYPE_KEYS.items()}
        return say("chip.types", value=", ".join(names[one] for one in value.split(",")))
    return say("chip.has") if name == "has" else ""


def _of_list(
    address: FeedAddress, name: str, selection: Selection, numbers: Sequence[int], say: Words
) -> Iterator[Chip]:
    terms: tuple[str, ...] = getattr(selection, name)
    for place, term in enumerate(terms):
        others = [one for one in terms if one != term]
        value = ";".join(sorted(set(others))) if name == "author" else written_list(others)
        without = address.without(name)
        if value:
            without = replace(without, query=tuple(sorted([*without.query, (name, value)])))
        yield Chip(say(_LISTS[name], value=term), numbers[place] if place < len(numbers) else None, without.page())
