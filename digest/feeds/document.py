"""What every feed format is rendered from, and the words of an item that they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import Field

from digest.arxiv import schedule
from digest.config.views import Compat, MathMode, Replacements, TitleForm
from digest.feeds.guids import Guid, paper_guid
from digest.models import AnnounceType, Entry, Frozen, Paper
from digest.reports.receipts import FeedReceipt


class Action(NamedTuple):
    """Something that a reader can do with a paper: a link to a page with one button."""

    label: str
    url: str


class Elsewhere(Frozen):
    """Where the papers of a window are that found no room in a document; "" for nowhere.

    Attributes:
        older: The next document, with older ones.
        current: In such a document where the feed itself is.
    """

    older: str = ""
    current: str = ""


class FeedDocument(Frozen):
    """One feed, ready to render.

    Attributes:
        self_url: The exact public address of this feed in this format.
        page_url: The same papers as a page for people.
        base_url: The public address of the server, where its icons are; "" for none.
        elsewhere: Where the rest of the window is.
        updated: The newest change of content, UTC; never the time of rendering.
        entries: In the order to show.
        receipt: What was announced, held and shown; None where there is nothing to account for.
        actions: What a reader can do with an entry, by paper id: labels and addresses, which its content ends with.
    """

    title: str
    description: str
    self_url: str
    page_url: str
    base_url: str = ""
    elsewhere: Elsewhere = Elsewhere()
    updated: datetime
    entries: tuple[Entry, ...]
    receipt: FeedReceipt | None = None
    compat: Compat = Compat.NONE
    math: MathMode = MathMode.AUTO
    title_form: TitleForm = TitleForm.ORIGINAL
    replacements: Replacements = Replacements.UPDATE
    actions: Mapping[str, Sequence[Action]] = Field(default_factory=dict)

    def guid_of(self, entry: Entry) -> Guid:
        """Return an entry's identity."""
        return paper_guid(entry.paper, self.compat, self.replacements)


def announced_at(paper: Paper) -> datetime:
    """Return the instant of the announcement that brought the paper, UTC: its date in every feed, for ever."""
    return schedule.announcement_instant(paper.announced)


def updated_at(entry: Entry) -> datetime:
    """Return when the entry's content last changed, UTC: announced, replaced, or summarised by a model."""
    instants = [announced_at(entry.paper)]
    if entry.paper.replaced:
        instants.append(schedule.announcement_instant(entry.paper.replaced))
    if entry.summary and entry.summary.created:
        instants.append(entry.summary.created)
    return max(instants)


def published_at(entry: Entry, document: FeedDocument) -> datetime:
    """Return an entry's date in *document*: the announcement, UTC; in the form of arXiv's own feed midnight of its day in New York."""
    if document.compat is Compat.ARXIV:
        return schedule.midnight(entry.paper.announced)
    return announced_at(entry.paper)


def arxiv_authors(paper: Paper) -> str:
    """Return the authors as arXiv's own feed gives them: in one line, each with the affiliation that was given."""
    return ", ".join(
        f"{author.name} ({author.affiliation})" if author.affiliation else author.name for author in paper.authors
    )


def arxiv_text(paper: Paper) -> str:
    """Return the description that arXiv's own feed gives."""
    return f"arXiv:{paper.id}v{paper.version or 1} Announce Type: {paper.announce_type} \nAbstract: {paper.abstract}"


ANNOUNCE_WORDS: dict[AnnounceType, str] = {
    AnnounceType.NEW: "new",
    AnnounceType.CROSS: "cross-list",
    AnnounceType.REPLACE: "replacement",
    AnnounceType.REPLACE_CROSS: "replacement (cross-list)",
}

Renderer = Callable[[FeedDocument], bytes]
