"""The status page: what is stored of what arXiv announced, how the sources answer, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from digest.feeds.papers import FeedContent
from digest.rendering.pages.charts import Series, highest, shade
from digest.rendering.pages.receipt_words import STATUS_KEYS
from digest.rendering.pages.templating import Site, render_template
from digest.reports.receipts import DayReceipt, DayStatus
from digest.reports.status import ContextStatus, Status
from digest.selection import PaperIndex, Selection, Topic, select
from digest.words import Words

_SIGNS = {DayStatus.MISSING: "?", DayStatus.FILLING: "…", DayStatus.QUIET: "–"}


@dataclass(frozen=True)
class Cell:
    """One category on one day.

    Attributes:
        text: What stands in it: the number held, and of how many where that differs.
        words: The same in words.
        state: A `DayStatus`, or "" where nothing is known.
        shade: 0 to 4, by the largest number of the row.
    """

    text: str
    words: str
    state: str
    shade: int


@dataclass(frozen=True)
class Row:
    """One category: its cells by day, oldest first, and its numbers."""

    name: str
    cells: tuple[Cell, ...]
    series: Series


def render_status(status: Status, site: Site, trends: str) -> str:
    """Render the page.

    Args:
        status: Of the server, now.
        site: Whose page it is.
        trends: HTML of `render_trends`, "" for none.
    """
    from markupsafe import Markup

    days = sorted({receipt.day for context in status.contexts for receipt in context.days})
    rows = [_row(context, days, site.words) for context in status.contexts]
    return render_template(
        "status.html.j2",
        site,
        status=status,
        days=days,
        rows=rows,
        series=[row.series for row in rows],
        most=highest([row.series for row in rows]),
        late=[context.context for context in status.contexts if context.behind_calendar],
        short=[receipt for context in status.contexts for receipt in context.days if receipt.status is DayStatus.SHORT],
        trends=Markup(trends),  # noqa: S704 - rendered by a template
    )


def render_trends(content: FeedContent, terms: Sequence[str], topics: Sequence[Topic], site: Site) -> str:
    """Render how often each term and topic occurs, day by day.

    Args:
        content: All papers of the window.
        terms: Words and phrases.
        topics: Named queries.
        site: Whose page it is.
    """
    days = sorted({receipt.day for receipt in content.receipt.days if receipt.status.is_held})
    papers = [entry.paper for entry in content.entries]
    index = PaperIndex()
    selections = [(term, Selection(include=(term,))) for term in terms]
    selections += [(topic.label, Selection(q=topic.q)) for topic in topics]
    rows = []
    for name, selection in selections:
        found = [entry.paper.announced for entry in select(papers, selection, index=index).entries]
        rows.append(Series(name, tuple(found.count(day) for day in days)))
    return render_template("trends.html.j2", site, rows=rows, days=days, most=highest(rows))


def _row(context: ContextStatus, days: Sequence[date], say: Words) -> Row:
    known = {receipt.day: receipt for receipt in context.days}
    most = max((receipt.held.total for receipt in context.days), default=0)
    cells = tuple(_cell(known.get(day), most, say) for day in days)
    numbers = tuple(known[day].held.total if day in known and known[day].status.is_held else None for day in days)
    return Row(context.context, cells, Series(context.context, numbers))


def _cell(receipt: DayReceipt | None, most: int, say: Words) -> Cell:
    if receipt is None:
        return Cell("", say("state.cell_unknown"), "", 0)
    held, state = receipt.held.total, receipt.status
    announced = receipt.announced.total if receipt.announced else 0
    if state in _SIGNS:
        return Cell(_SIGNS[state], receipt.note or say(STATUS_KEYS[state]), state, 0)
    text = f"{held}/{announced}" if state is DayStatus.SHORT else str(held)
    key = "state.cell_unconfirmed" if state is DayStatus.UNCONFIRMED else "state.cell_of"
    values = {"held": held} if state is DayStatus.UNCONFIRMED else {"held": held, "announced": announced}
    return Cell(text, say(key, **values), state, shade(held, most))
