"""The scorer of arxiv_rss_bot, for people who come from there.

1.0 for each keyword that is a substring of `title + " " + abstract` in lower case, 0.5 more if it is one
of the title; excluded words likewise are substrings. So `RL` is in *world* here, as it was there.
"""

from __future__ import annotations

from collections.abc import Sequence

from digest.models import Match, Paper


def substring_matches(paper: Paper, keywords: Sequence[str]) -> tuple[Match, ...]:
    """Return the points of each keyword, in the order given."""
    title, text = paper.title.lower(), _text(paper)
    matches: list[Match] = []
    for keyword in keywords:
        lower = keyword.lower()
        if lower in title:
            matches.append(Match(rule="substring", term=keyword, field="title", points=1.5))
        elif lower in text:
            # A keyword may begin in the title and end in the abstract: the rule looks at both together.
            matches.append(Match(rule="substring", term=keyword, field="abstract", points=1.0))
    return tuple(matches)


def find_substring(paper: Paper, words: Sequence[str]) -> str | None:
    """Return the first of the words that is a substring of title and abstract, None if none is."""
    text = _text(paper)
    return next((word for word in words if word.lower() in text), None)


def _text(paper: Paper) -> str:
    return f"{paper.title} {paper.abstract}".lower()
