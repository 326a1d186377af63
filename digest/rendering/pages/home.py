"""The home page: what this server offers today and how to subscribe."""

from __future__ import annotations

from collections.abc import Sequence

from digest.feeds.papers import FeedContent, FeedRequest
from digest.rendering.pages.templating import Site, render_template
from digest.reports.receipts import DayStatus, in_words

_TITLES_SHOWN = 3


def render_card(content: FeedContent, site: Site) -> str:
    """Render one configured feed: counts, freshness, newest titles, receipt, addresses.

    Args:
        content: Of a named feed.
        site: Whose page it is.
    """
    entries = content.entries
    newest_day = max((entry.paper.announced for entry in entries), default=None)
    return render_template(
        "card.html.j2",
        site,
        request=content.request,
        newest=entries[:_TITLES_SHOWN],
        newest_day=newest_day,
        in_newest=sum(entry.paper.announced == newest_day for entry in entries),
        total=len(entries),
        days=len({receipt.day for receipt in content.receipt.days}),
        words=in_words(content.receipt),
        is_complete=content.receipt.is_complete,
        short=sorted({str(day.day) for day in content.receipt.days if day.status is DayStatus.SHORT}),
        problem="",
    )


def render_card_without_papers(request: FeedRequest, site: Site, problem: str) -> str:
    """Render a configured feed of which nothing can be shown now, and why."""
    return render_template("card.html.j2", site, request=request, newest=(), newest_day=None, problem=problem)


def render_home(site: Site, cards: Sequence[str], topics: Sequence[str], *, later: str = "") -> str:
    """Render the page around the cards of configured feeds and topics, which are HTML.

    Where cards lack their papers, *later* is the path of the same page that waits for them.
    """
    from markupsafe import Markup

    return render_template(
        "home.html.j2",
        site,
        later=later,
        cards=[Markup(card) for card in cards],  # noqa: S704 - made above
        topics=[Markup(card) for card in topics],  # noqa: S704 - made above
    )
