"""One feed, from request to document: what is asked for, what comes of a window's listings. Pure.

listings of the window → merge → select → attach summaries → document
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from digest.arxiv import schedule
from digest.arxiv.taxonomy import Spec
from digest.config.views import Compat, Replacements, SummaryMode, TitleForm, View
from digest.feeds.document import Elsewhere, FeedDocument, updated_at
from digest.listings.examples import Ranking
from digest.listings.merging import merge_listings
from digest.listings.windows import LoadedWindow, SearchResult, Window
from digest.models import Entry, Paper, Summary
from digest.reports.receipts import DayReceipt, ExampleCount, FeedReceipt, day_receipts
from digest.selection import (
    Condition,
    Example,
    PaperIndex,
    Selected,
    Selection,
    Step,
    account_for,
    explain,
    filter_words,
    narrow,
    select,
)
from digest.selection.remembered import remembered_profiles
from digest.selection.selecting import candidates
from digest.selection.wishes import NOTHING_JUDGED, Judged
from digest.summaries.kept import builtin_summary

DEFAULT_DAYS = 7
EVERY = slice(None)
NOWHERE = Elsewhere()
NONE = slice(0)
_PARTS = tuple(name for name in Summary.model_fields if name not in {"engine", "language", "created"})


@dataclass(frozen=True)
class FeedRequest:
    """Which papers, of which days, shown how. Equal requests are equal objects."""

    spec: Spec
    selection: Selection
    days: int = DEFAULT_DAYS
    name: str | None = None
    """The name in the configuration, None for an ad-hoc feed."""
    title: str | None = None
    description: str | None = None
    view: View = field(default_factory=View)
    asked_title: str | None = None
    """The title that whoever asks gave it."""
    days_given: bool = False
    """Whether the address or the configuration says how many days."""

    def narrowed(self, by: Selection, days: int | None, view: View, title: str | None = None) -> FeedRequest:
        """Return a request for some of the same papers: never for others, whatever the arguments say."""
        return replace(
            self,
            selection=self.selection if by == Selection() else narrow(self.selection, by),
            days=min(self.days, days or self.days),
            view=view,
            asked_title=title,
            days_given=self.days_given or days is not None,
        )

    @property
    def is_sized(self) -> bool:
        """Whether the address or the configuration says how many days or papers."""
        return self.days_given or _has_limit(self.selection)

    @property
    def filter_words(self) -> str:
        """The filter in plain words; of a configured feed, which has a title of its own, only what narrows it."""
        return "" if self.name and self.selection.within is None else filter_words(self.selection)

    @property
    def shown_title(self) -> str:
        """The feed's title: readers list feeds by it, so those with different filters have different ones."""
        return self.asked_title or _with_words(self.title or f"arXiv {self.spec}", self.filter_words)

    @property
    def shown_description(self) -> str:
        """The feed's description."""
        return _with_words(self.description or f"New papers in {self.spec.name}", self.filter_words)


def _has_limit(selection: Selection) -> bool:
    return selection.limit is not None or (selection.within is not None and _has_limit(selection.within))


def _with_words(text: str, words: str) -> str:
    return f"{text.rstrip('.')}: {words}" if words else text


@dataclass(frozen=True)
class FeedContent:
    """What a feed holds, before it has a format.

    Attributes:
        updated: The newest change of content, UTC: an announcement, or a model's summary.
        last_modified: The same, or later if this server learned something later (days filled in).
        conditions: How many papers each condition leaves; where no paper passes, or it was asked for.
        is_settling: Whether examples are being looked up, so that the order may change in a moment.
        examples: What papers were compared with.
        candidates: In a feed with wishes the entries whose grades count, before any is known.
        judged: The grades that are known.
        is_cut: Whether entries behind the last one found no room.
    """

    request: FeedRequest
    entries: tuple[Entry, ...]
    receipt: FeedReceipt
    updated: datetime
    last_modified: datetime
    conditions: tuple[Condition, ...] = ()
    is_settling: bool = False
    examples: tuple[Example, ...] = ()
    candidates: tuple[Entry, ...] = ()
    judged: Judged = NOTHING_JUDGED
    is_cut: bool = False

    @property
    def newest_day(self) -> date:
        """The newest day of the window that has papers."""
        return max((day.day for day in self.receipt.days if day.held.total), default=self.receipt.days[0].day)


@dataclass(frozen=True)
class Prepared:
    """The papers of a window, ready for both stages of a feed's wishes.

    Attributes:
        papers: Merged.
        index: The same, in comparable form.
        candidates: Entries whose grades count, the most promising of the newest day first; none without wishes.
    """

    papers: Sequence[Paper]
    index: PaperIndex
    candidates: tuple[Entry, ...] = ()


def prepare(request: FeedRequest, window: LoadedWindow, *, ranking: Ranking) -> Prepared:
    """Merge the listings of a window, and find which papers a model is to grade."""
    apart = request.view.replacements is Replacements.NEW_ITEM
    papers, index = merge_listings(window.listings, replacements_apart=apart), PaperIndex()
    return Prepared(papers, index, candidates(papers, request.selection, examples=ranking.examples, index=index))


def compose(
    request: FeedRequest,
    window: LoadedWindow,
    *,
    ranking: Ranking,
    prepared: Prepared | None = None,
    judged: Judged = NOTHING_JUDGED,
    is_accounted: bool = False,
) -> FeedContent:
    """Make a feed's content of the listings of its window, without summaries (see `summarised`).

    Args:
        request: What is asked for.
        window: The listings.
        ranking: The examples behind `scoring.like` and `scoring.dislike`.
        prepared: What `prepare` made of the same request and window; it is made here where it isn't given.
        judged: The grades for the feed's wishes that are known.
        is_accounted: Whether to count what each condition leaves, even if papers pass.
    """
    examples = ranking.examples
    prepared = prepared or prepare(request, window, ranking=ranking)
    papers = prepared.papers
    profiles = remembered_profiles(papers, prepared.index) if examples else None
    selected = select(
        papers, request.selection, examples=examples, profiles=profiles, index=prepared.index, judged=judged
    )
    newest = max((listing.day for listing in window.listings if listing.papers), default=window.days[0])
    updated = max([schedule.announcement_instant(newest), *map(updated_at, selected.entries)])
    learned = max((listing.fetched_at for listing in window.listings), default=updated)
    counts = bool(papers) and (is_accounted or not selected.entries)
    return FeedContent(
        request,
        selected.entries,
        _receipt_of(window, selected, ranking),
        updated,
        max(updated, learned),
        account_for(papers, request.selection, examples=examples) if counts else (),
        ranking.is_settling,
        examples,
        prepared.candidates,
        judged,
    )


def summarised(content: FeedContent, model_summaries: Mapping[str, Summary], shown: slice = EVERY) -> FeedContent:
    """Attach the summaries that the feed asks for.

    Args:
        content: Without summaries.
        model_summaries: By paper id, where a model wrote one.
        shown: The entries whose summaries are read; no built-in summary is made for others.
    """
    mode = content.request.view.summary
    entries = with_written(content.entries, mode, model_summaries)
    begin, end, _ = shown.indices(len(entries))
    entries = (*entries[:begin], *with_builtin(entries[begin:end], mode), *entries[max(begin, end) :])
    written = max((updated_at(entry) for entry in entries), default=content.updated)
    return replace(
        content,
        entries=entries,
        updated=max(content.updated, written),
        last_modified=max(content.last_modified, written),
    )


def explain_paper(
    request: FeedRequest,
    window: LoadedWindow,
    ident: str,
    *,
    examples: Sequence[Example],
    judged: Judged = NOTHING_JUDGED,
) -> tuple[Step, ...]:
    """Tell rule by rule why a paper is in the feed or not; empty if no listing of the window has it."""
    papers = merge_listings(window.listings)
    paper = next((one for one in papers if one.id == ident), None)
    return explain(paper, request.selection, examples=examples, among=papers, judged=judged) if paper else ()


def with_written(
    entries: Sequence[Entry], mode: SummaryMode, model_summaries: Mapping[str, Summary]
) -> tuple[Entry, ...]:
    """Attach the summaries that a model wrote, if *mode* asks for such."""
    if mode in {SummaryMode.NONE, SummaryMode.BUILTIN} or not model_summaries:
        return tuple(entries)
    return tuple(
        entry.model_copy(update={"summary": written}) if (written := model_summaries.get(entry.paper.id)) else entry
        for entry in entries
    )


def with_builtin(entries: Sequence[Entry], mode: SummaryMode) -> tuple[Entry, ...]:
    """Attach built-in summaries, if *mode* asks for such, and fill the gaps in those that a model wrote."""
    if mode in {SummaryMode.NONE, SummaryMode.MODEL}:
        return tuple(entries)
    return tuple(_with_builtin(entry) if entry.paper.abstract else entry for entry in entries)


def _with_builtin(entry: Entry) -> Entry:
    builtin = builtin_summary(entry.paper.title, entry.paper.abstract)
    summary = merged_summary(entry.summary, builtin) if entry.summary else builtin
    return entry.model_copy(update={"summary": summary})


def merged_summary(written: Summary, builtin: Summary) -> Summary:
    """Return a model's summary; parts that it lacks are those of the built-in one, so that none is emptied.

    In another language only the TL;DR is: items lead with it, but the rest would read as a mistake amid the model's text.
    """
    is_same = written.language.partition("-")[0] == builtin.language.partition("-")[0]
    lacking = [name for name in (_PARTS if is_same else ("tldr",)) if not getattr(written, name)]
    return written.model_copy(update={name: getattr(builtin, name) for name in lacking})


def _receipt_of(window: Window, selected: Selected, ranking: Ranking) -> FeedReceipt:
    """Return the account of a feed: what was announced, stored, shown, and why not the rest."""
    shown = len(selected.entries)
    return FeedReceipt(
        days=days_of(window),
        papers=shown + selected.left_out.total,
        shown=shown,
        left_out=selected.left_out,
        examples=ExampleCount(known=len(ranking.examples), asked=ranking.asked) if ranking.asked else None,
        wishes=selected.wishes,
    )


def days_of(window: Window) -> tuple[DayReceipt, ...]:
    """Return the receipts of the window's days."""
    return day_receipts(window.states.values(), window.days, window.filling)


def search_document(
    found: SearchResult, text: str, view: View, *, title: str | None, self_url: str, page_url: str, base_url: str = ""
) -> FeedDocument:
    """Return what arXiv's API found as a document for the feed formats, newest submissions first."""
    entries = with_builtin([Entry(paper=paper) for paper in found.papers], view.summary)
    updated = max(
        map(updated_at, entries), default=schedule.announcement_instant(schedule.previous_days(found.day, 1)[0])
    )
    return FeedDocument(
        title=title or f"arXiv search: {text}",
        description=f"The newest of {found.total:,} papers that arXiv's API finds for {found.query}",
        self_url=self_url,
        page_url=page_url,
        base_url=base_url,
        updated=updated,
        entries=entries,
        compat=view.compat,
        math=view.math,
    )


def document_of(
    content: FeedContent,
    *,
    self_url: str,
    page_url: str,
    base_url: str = "",
    rest_url: str | None = None,
    elsewhere: Elsewhere = NOWHERE,
) -> FeedDocument:
    """Return the content as a document for the feed formats; *rest_url* shows what `top` leaves out, too."""
    request = content.request
    receipt = content.receipt.with_rest(rest_url)
    note = content.receipt.wishes.note if content.receipt.wishes else ""
    return FeedDocument(
        title=request.shown_title,
        description=f"{request.shown_description.rstrip('.')}. {note[:1].upper()}{note[1:]}."
        if note
        else request.shown_description,
        self_url=self_url,
        page_url=page_url,
        base_url=base_url,
        elsewhere=elsewhere,
        updated=content.updated,
        entries=content.entries,
        receipt=receipt,
        compat=request.view.compat,
        math=request.view.math,
        title_form=request.view.title_form if request.view.compat is Compat.NONE else TitleForm.ORIGINAL,
        replacements=request.view.replacements,
    )
