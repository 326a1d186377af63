"""Statistics as a page: papers a day, the share with code, words that are new; drawn on the server, with tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from digest.feeds.papers import FeedContent, FeedRequest
from digest.rendering.pages.charts import Series, highest
from digest.rendering.pages.templating import Site, render_template
from digest.reports.statistics import EARLIER_DAYS, RECENT_DAYS, ContextStatistics, Statistics

YEARS = (1, 2, 3)


@dataclass(frozen=True)
class Chart:
    """Rows of bars on one scale, with the table below them.

    Attributes:
        labels: Of the columns of bars, which are the rows of the table.
        most: The number that fills the height.
        unit: What is behind each number, "%" or nothing.
    """

    caption: str
    labels: tuple[str, ...]
    rows: tuple[Series, ...]
    most: int
    unit: str = ""


def render_statistics(
    statistics: Statistics, request: FeedRequest, site: Site, *, years: int, parts: Sequence[str] = ()
) -> str:
    """Render the page.

    Args:
        statistics: Of the request's categories.
        request: Whose statistics.
        site: What every page says about the server.
        years: How far back they go at most.
        parts: What concerns the feed alone, as HTML.
    """
    return render_template(
        "statistics.html.j2",
        site,
        statistics=statistics,
        title=request.shown_title if request.name else str(request.spec),
        path=f"/feeds/{request.name}" if request.name else f"/list/{request.spec}",
        own=f"/stats/feeds/{request.name}" if request.name else f"/stats/{request.spec}",
        years=years,
        all_years=YEARS,
        parts=[Markup(part) for part in parts],  # noqa: S704 - rendered by templates
        papers=_papers(statistics, site),
        code=_code(statistics, site),
        recent_days=RECENT_DAYS,
        earlier_days=EARLIER_DAYS,
    )


def render_feed_days(content: FeedContent, site: Site) -> str:
    """Render how many papers a feed shows a day, over its window."""
    days = sorted({receipt.day for receipt in content.receipt.days if receipt.status.is_held})
    shown = Counter(entry.paper.announced for entry in content.entries)
    row = Series(content.request.shown_title, tuple(shown[day] for day in days))
    chart = Chart(site.words("stats.shown"), tuple(map(str, days)), (row,), highest([row]))
    return render_template("statistics_chart.html.j2", site, chart=chart)


def _papers(statistics: Statistics, site: Site) -> Chart:
    rows = tuple(Series(one.context, _rounded(one)) for one in statistics.contexts)
    words = "stats.papers_by_week" if statistics.by_week else "stats.papers_a_day"
    return Chart(site.words(words), _labels(statistics), rows, highest(rows))


def _code(statistics: Statistics, site: Site) -> Chart:
    rows = tuple(Series(one.context, _percent(one)) for one in statistics.contexts)
    return Chart(site.words("stats.code"), _labels(statistics), rows, 100, "%")


def _labels(statistics: Statistics) -> tuple[str, ...]:
    return tuple(span.label for span in statistics.contexts[0].spans) if statistics.contexts else ()


def _rounded(one: ContextStatistics) -> tuple[int | None, ...]:
    return tuple(round(span.papers_a_day) if span.days else None for span in one.spans)


def _percent(one: ContextStatistics) -> tuple[int | None, ...]:
    return tuple(None if span.code_share is None else round(100 * span.code_share) for span in one.spans)
