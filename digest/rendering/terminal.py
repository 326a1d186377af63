"""A feed's papers as text for a terminal: the newest day first, a few lines each."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby

from digest.feeds.papers import FeedContent
from digest.models import Entry
from digest.rendering.content import byline
from digest.text import terminal_safe, to_plain

_WIDTH = 80
_INDENT = "    "
_AUTHORS_SHOWN = 6


def render_terminal(content: FeedContent) -> str:
    r"""Return the papers with `\n` line ends; nothing in them moves a terminal's cursor."""
    title = f"{content.request.shown_title}: {len(content.entries)} papers"
    blocks = [title, *_blocks(content)]
    return terminal_safe("\n\n".join(blocks) + "\n")


def _blocks(content: FeedContent) -> Iterator[str]:
    number = 0
    for day, entries in groupby(content.entries, key=lambda entry: entry.paper.announced):
        yield f"{day:%A}, {day.isoformat()}"
        for entry in entries:
            number += 1
            yield "\n".join(_lines(number, entry))


def _lines(number: int, entry: Entry) -> Iterator[str]:
    paper = entry.paper
    mark = "[withdrawn] " if paper.withdrawn else ""
    yield _wrapped(f"{number}. {mark}{to_plain(paper.title) or paper.id}", "", _INDENT)
    if paper.authors:
        yield _wrapped(byline(paper, _AUTHORS_SHOWN))
    facts = [", ".join(paper.categories), paper.announce_type.value]
    yield _wrapped("; ".join([*facts, *([f"{entry.score:g} points"] if entry.score else [])]))
    if entry.summary and entry.summary.tldr:
        yield _wrapped(to_plain(entry.summary.tldr))
    yield _INDENT + paper.links.abs


def _wrapped(text: str, first: str = _INDENT, others: str = _INDENT) -> str:
    return textwrap.fill(
        " ".join(text.split()), _WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False
    )
