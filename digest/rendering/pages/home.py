"""The home page: what this server offers today and how to subscribe."""

from __future__ import annotations

from collections.abc import Sequence

from digest.arxiv.taxonomy import name_of
from digest.feeds.papers import FeedContent, FeedRequest
from digest.rendering.pages.receipt_words import Sentence, sentences
from digest.rendering.pages.templating import Site, render_template
from digest.selection.selecting import LeftOut

_TITLES_SHOWN = 3
POPULAR = (
    "cs.LG", "cs.AI", "cs.CL", "cs.CV", "cs.RO", "stat.ML",
    "quant-ph", "hep-th", "hep-ph", "astro-ph", "cond-mat", "math",
)  # fmt: skip
"""What most people look for, by arXiv's submissions."""


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
        sentences=_told(content, site),
        problem="",
    )


def _told(content: FeedContent, site: Site) -> list[Sentence]:
    """Return how many papers a feed has and what is still to come; what its filter hides is its page's to say."""
    receipt = content.receipt.model_copy(update={"left_out": LeftOut(), "examples": None})
    return sentences(receipt, site.words, only_revisions=True)


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
        popular=[(code, name_of(code)) for code in POPULAR],
        cards=[Markup(card) for card in cards],  # noqa: S704 - made above
        topics=[Markup(card) for card in topics],  # noqa: S704 - made above
    )
