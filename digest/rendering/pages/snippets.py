"""Text to copy: Markdown, and a feed as a piece of `config.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from digest.config.views import View
from digest.feeds.papers import DEFAULT_DAYS, FeedRequest
from digest.models import Entry
from digest.rendering.content import byline, title_text
from digest.selection import Filters
from digest.text import to_markdown

_MOST_AUTHORS = 3
_NO_NAME = re.compile(r"[^A-Za-z0-9]+")


def markdown(entries: Iterable[Entry]) -> str:
    """Return the entries as a Markdown list: title with link, authors, what the paper says."""
    return "\n".join(_markdown_entry(entry) for entry in entries)


def _markdown_entry(entry: Entry) -> str:
    paper = entry.paper
    authors = byline(paper, _MOST_AUTHORS)
    said = (entry.summary and entry.summary.tldr) or ""
    title = to_markdown(paper.title) if paper.title else title_text(paper)
    lines = [f"- [{title}]({paper.links.abs}){' (withdrawn)' if paper.withdrawn else ''}"]
    if authors:
        lines.append(f"  {to_markdown(authors)}, arXiv:{paper.id} [{paper.primary_category}]")
    if said:
        lines.append(f"  {to_markdown(said)}")
    return "  \n".join(lines) + "\n"


def _feed_name(request: FeedRequest) -> str:
    """Return a name for the feed, as `config.yaml` wants them: `cs-lg-stat-ml`."""
    return "-".join(_NO_NAME.sub("-", context) for context in request.spec.contexts[:3]).lower()


def config_yaml(request: FeedRequest) -> str:
    """Return the request as a piece of `config.yaml` that means the same."""
    import yaml

    chosen: dict[str, Any] = {"title": request.asked_title} if request.asked_title else {}
    chosen["categories"] = list(request.spec.contexts)
    if request.days != DEFAULT_DAYS:
        chosen["days"] = request.days
    filters = request.selection.model_dump(mode="json", include=set(Filters.model_fields))
    chosen |= {name: value for name, value in filters.items() if value not in (None, [])}
    rules = request.selection.scoring
    keywords = {" | ".join(one.terms): one.weight for one in rules.keywords}
    scoring = {"keywords": keywords, "like": list(rules.like), "dislike": list(rules.dislike)}
    if any(scoring.values()):
        chosen["scoring"] = {name: value for name, value in scoring.items() if value}
    defaults = View()
    chosen |= {
        name: str(getattr(request.view, name))
        for name in ("math", "summary")
        if getattr(request.view, name) != getattr(defaults, name)
    }
    feeds = {"feeds": {_feed_name(request): chosen}}
    text: str = yaml.safe_dump(feeds, sort_keys=False, allow_unicode=True, width=90, default_flow_style=None)
    return text
