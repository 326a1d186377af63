"""One paper on its own: where it was announced, in which versions, and which feeds would show it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.arxiv import schedule
from digest.config.views import SummaryMode
from digest.feeds.papers import FeedRequest, with_builtin
from digest.listings.windows import Announcement
from digest.models import Entry, Paper
from digest.reports.receipts import DayReceipt, day_receipts


@dataclass(frozen=True)
class StoredPaper:
    """A paper from the stored listings.

    Attributes:
        entry: All its announcements merged, with the built-in summary.
        announcements: Oldest first.
        receipts: What is known of the listings that it is in.
        feeds: The configured feeds and topics whose categories and filter it passes.
    """

    entry: Entry
    announcements: tuple[Announcement, ...]
    receipts: tuple[DayReceipt, ...]
    feeds: tuple[FeedRequest, ...]

    @property
    def paper(self) -> Paper:
        """The paper."""
        return self.entry.paper

    @property
    def updated(self) -> datetime:
        """When what is known of it last changed, UTC: the newest of its announcements."""
        return schedule.announcement_instant(max(one.day for one in self.announcements))

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions that the listings name, oldest first."""
        return tuple(sorted({one.paper.version for one in self.announcements if one.paper.version}))


def stored_paper(paper: Paper, announcements: Sequence[Announcement], feeds: Iterable[FeedRequest]) -> StoredPaper:
    """Return a paper with what the listings say of it."""
    (entry,) = with_builtin([Entry(paper=paper)], SummaryMode.BUILTIN)
    receipts = [day_receipts([one.state], [one.day], frozenset())[0] for one in announcements]
    return StoredPaper(entry, tuple(announcements), tuple(receipts), tuple(feeds))
