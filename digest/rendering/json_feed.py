"""JSON Feed 1.1 with arXiv's facts in `_arxiv`.

Source: JSON Feed, version 1.1, https://www.jsonfeed.org/version/1.1/.
"""

from __future__ import annotations

import json
from typing import Any

from digest.config.views import Compat
from digest.feeds.document import FeedDocument, arxiv_text, published_at, updated_at
from digest.models import Entry, Summary
from digest.rendering.content import BUILTIN, author_names, entry_title, item_html, labels, summary_text, title_text
from digest.rendering.day_feeds import DayFeed
from digest.rendering.day_item import DayItem
from digest.rendering.feed_heads import FeedHead, json_head


def render_papers(document: FeedDocument) -> bytes:
    """Render *document*."""
    return _written(document, [_item(entry, document) for entry in document.entries])


def render_days(feed: DayFeed) -> bytes:
    """Render a feed of days."""
    return _written(feed, [_day(item) for item in feed.items])


def _written(head: FeedHead, items: list[dict[str, Any]]) -> bytes:
    return json.dumps({**json_head(head), "items": items}, ensure_ascii=False, separators=(",", ":")).encode()


def _day(item: DayItem) -> dict[str, Any]:
    return {
        "id": item.guid.text,
        "url": item.url,
        "title": item.title,
        "summary": item.summary,
        "content_html": item.content,
        "date_published": item.published.isoformat(),
        "date_modified": item.updated.isoformat(),
        "tags": list(item.labels),
    }


def _item(entry: Entry, document: FeedDocument) -> dict[str, Any]:
    paper, title = entry.paper, entry_title(entry, document.title_form)
    item: dict[str, Any] = {
        "id": document.guid_of(entry).text,
        "url": paper.links.abs,
        "title": paper.title if document.compat is Compat.ARXIV else title,
    }
    if document.compat is Compat.ARXIV:
        item["content_text"] = arxiv_text(paper)
    else:
        if summary := summary_text(entry):
            item["summary"] = summary
        item["content_html"] = item_html(entry, document)
    item |= {
        "date_published": published_at(entry, document).isoformat(),
        "date_modified": updated_at(entry).isoformat(),
        "authors": [{"name": name} for name in author_names(paper)],
        "tags": list(paper.categories) if document.compat is Compat.ARXIV else labels(entry),
        "_arxiv": paper.model_dump(
            mode="json",
            include={
                "id",
                "version",
                "announce_type",
                "announced",
                "replaced",
                "primary_category",
                "comment",
                "journal_ref",
                "doi",
                "license",
                "withdrawn",
                "code_url",
                "links",
            },
            exclude_none=True,
        ),
    }
    item["_arxiv"] |= {
        "score": entry.score,
        "matches": [match.model_dump(exclude_none=True) for match in entry.matches],
    }
    if title != title_text(paper):
        item["_arxiv"]["title"] = title_text(paper)
    if entry.summary:
        item["_arxiv"]["summary"] = _summary(entry.summary)
        if entry.summary.language != "und":
            item["language"] = entry.summary.language
    return item


def _summary(summary: Summary) -> dict[str, Any]:
    """Return a summary's parts; the built-in's are sentences of the abstract, which the content has already."""
    own = {"engine", "language", "tldr"} if summary.engine == BUILTIN else None
    return summary.model_dump(mode="json", include=own, exclude_none=True)
