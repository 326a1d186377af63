"""One announcement day, or several, of one or several feeds, as a digest. Pure.

contents of the period, one a feed → united by paper → divided into sections → `Digest`, page, or item of a feed
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from digest.arxiv import schedule
from digest.arxiv.taxonomy import belongs, canonical, is_archive
from digest.errors import NotFoundError, UnknownContextError
from digest.feeds.digests import Digest, DigestEntry, DigestPaper, DigestSummary
from digest.feeds.papers import FeedContent, FeedRequest
from digest.feeds.periods import Period, explain_period
from digest.listings.merging import merge_announcements
from digest.models import Counts, Entry, Paper, Summary
from digest.reports.receipts import DayReceipt, DayStatus, ExampleCount, FeedReceipt
from digest.selection import LeftOut
from digest.selection.order import best_first, within_day

FIRST_DAY = date(1991, 8, 14)
"""The day of arXiv's first paper."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DigestScope:
    """Whose papers a digest holds. Equal scopes are equal objects.

    Attributes:
        requests: One for each feed, at least one.
        title: For headings.
        name: Tells digests of one day apart, for ever: `digest`, `feeds/machine-learning`, `list/cs.LG?types=new`.
        query: The parameters that ask for it, in canonical form.
        asked_title: The title that whoever asks gave its feed.
    """

    requests: tuple[FeedRequest, ...]
    title: str
    name: str
    query: tuple[tuple[str, str], ...] = ()
    asked_title: str | None = None

    def feed_title(self, *, weekly: bool = False) -> str:
        """Return the title of its feed, by days or by weeks."""
        return self.asked_title or f"{self.title}: {'weekly' if weekly else 'daily'} digest"

    @property
    def contexts(self) -> tuple[str, ...]:
        """What is watched: the categories and archives of the feeds, in their order."""
        return tuple(dict.fromkeys(context for request in self.requests for context in request.spec.contexts))

    @property
    def days(self) -> int:
        """Announcements that its feed keeps."""
        return max(request.days for request in self.requests)

    @property
    def keywords(self) -> tuple[str, ...]:
        """What papers score by; where nothing scores, what they must hold."""
        selections = [request.selection.within or request.selection for request in self.requests]
        scoring = [term for one in selections for keyword in one.scoring.keywords for term in keyword.terms]
        return tuple(dict.fromkeys(scoring or [term for one in selections for term in one.include]))


@dataclass(frozen=True)
class Section:
    """The entries under one heading, in order."""

    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class DigestContent:
    """The digest of a period, mostly of one day, before it has a format.

    Attributes:
        sections: None is empty.
        receipts: What was announced and what is stored, for each context and day.
        papers: Different papers that the listings of the period hold.
        updated: The newest change of content, UTC; never the time of rendering.
        last_modified: The same, or later if this server learned something later.
        note: Why there is nothing to show, "" where there is something.
    """

    scope: DigestScope
    period: Period
    sections: tuple[Section, ...]
    receipts: tuple[DayReceipt, ...]
    papers: int
    updated: datetime
    last_modified: datetime
    note: str = ""
    is_settling: bool = False
    """Whether examples are being looked up, so that the order may change in a moment."""
    is_running: bool = False
    """Whether the period has announcements to come."""
    below_top: int = 0
    """Papers that only `top` left out, where it is one feed's digest or the best of several days."""
    examples: ExampleCount | None = None
    """How many examples are known, where it is one feed's digest that is ranked by examples."""

    @property
    def day(self) -> date:
        """The newest date of the period."""
        return self.period.last

    @property
    def is_best(self) -> bool:
        """Whether it holds the best papers of several days, whatever their day."""
        return not self.period.is_day and _is_by_score(self.scope)

    @property
    def shown(self) -> int:
        """Entries in all sections together."""
        return sum(len(section.entries) for section in self.sections)

    @property
    def receipt(self) -> FeedReceipt:
        """The account of the period: all that is not shown counts as filtered, but for what `top` left out."""
        return FeedReceipt(
            days=self.receipts,
            papers=self.papers,
            shown=self.shown,
            left_out=LeftOut(filter=self.papers - self.shown - self.below_top, top=self.below_top),
            examples=self.examples,
        )

    @property
    def is_settled(self) -> bool:
        """Whether all that arXiv announced is stored, so that only summaries can still change."""
        return all(receipt.status.is_final for receipt in self.receipts)


@dataclass(frozen=True)
class HeldDay:
    """One line of the index: what arXiv announced on a day, all watched categories together.

    A paper counts as new once, in its primary category; cross-lists count in each category they were announced in.
    """

    day: date
    counts: Counts


def common_scope(requests: tuple[FeedRequest, ...], title: str) -> DigestScope:
    """Return the scope of all configured feeds, whose *requests* these are.

    Raises:
        NotFoundError: None is configured.
    """
    if not requests:
        raise NotFoundError("no feed is configured, so there is no common digest; ask for one with spec=")
    return DigestScope(requests, title, "digest")


def feed_scope(request: FeedRequest) -> DigestScope:
    """Return the scope of one feed, a configured one or one of any categories, as if nothing narrowed it."""
    if request.name:
        name, query = f"feeds/{request.name}", (("feed", request.name),)
    else:
        name, query = f"list/{request.spec}", (("spec", str(request.spec)),)
    return DigestScope((request,), request.shown_title, name, query, request.asked_title)


def compose_digest(
    scope: DigestScope, period: Period, contents: Sequence[FeedContent], *, papers: int, is_running: bool = False
) -> DigestContent:
    """Make the digest of a period.

    A paper that several feeds hold is there once, with the tags of all, and the points of the feed that gave
    most. Of several days it is at its first one. Each day's digest is made for itself: a paper cross-listed a day
    later is in both, as it is in arXiv's listings.

    Args:
        scope: Whose digest it is.
        period: Which announcements.
        contents: What each feed of the scope holds of them, in the order of `scope.requests`.
        papers: How many different papers the listings of the period hold.
        is_running: Whether the period has announcements to come.
    """
    united = contents[0].entries if len(contents) == 1 else _united(content.entries for content in contents)
    entries, below_top = (united, 0) if period.is_day else _of_several_days(united, scope)
    receipts = {(one.context, one.day): one for content in contents for one in content.receipt.days}
    return DigestContent(
        scope=scope,
        period=period,
        sections=_sections(entries, scope.contexts),
        receipts=tuple(receipts.values()),
        papers=papers,
        updated=max(content.updated for content in contents),
        last_modified=max(content.last_modified for content in contents),
        note="" if entries else _why_empty(period, tuple(receipts.values()), papers),
        is_settling=any(content.is_settling for content in contents),
        is_running=is_running,
        below_top=below_top + (contents[0].receipt.left_out.top if len(contents) == 1 else 0),
        examples=contents[0].receipt.examples if len(contents) == 1 else None,
    )


def for_period(request: FeedRequest, period: Period) -> FeedRequest:
    """Return the request of a feed for a digest of *period*.

    `sort=score` asks for the best of several days, so `top` is left to `compose_digest`, which sees them together.
    """
    best = _best_of(request, period)
    return replace(request, selection=request.selection.model_copy(update={"top": None})) if best else request


def quiet_period(scope: DigestScope, period: Period, reason: str) -> DigestContent:
    """Return the digest of a day, or of several, without an announcement."""
    instant = schedule.announcement_instant(period.last)
    return DigestContent(scope, period, (), (), 0, instant, instant, reason)


def _is_by_score(scope: DigestScope) -> bool:
    return all(request.selection.sort == "score" for request in scope.requests)


def _best_of(request: FeedRequest, period: Period) -> int | None:
    """Return how many papers are the best of several days, where a request asks for those."""
    return request.selection.top if request.selection.sort == "score" and not period.is_day else None


def _of_several_days(entries: Sequence[Entry], scope: DigestScope) -> tuple[tuple[Entry, ...], int]:
    """Return the entries of several days, and how many were left out as not among the best.

    With `sort=score` the best come first, whatever their day, and `top` counts for all days together. Otherwise the
    days follow one another, each in its feed's order.
    """
    if not _is_by_score(scope):
        return tuple(sorted(entries, key=lambda entry: entry.paper.announced)), 0
    ordered = sorted(entries, key=best_first)
    most = max((request.selection.top or len(ordered) for request in scope.requests), default=len(ordered))
    return tuple(ordered[:most]), len(ordered[most:])


def build_digest(content: DigestContent) -> Digest:
    """Return a digest document: `generated_at` is when its content last changed, so that bytes are a function of it."""
    period = content.period
    return Digest(
        date=content.day,
        period=None if period.is_day else period.name,
        generated_at=content.updated,
        preamble=note_sentence(content.note),
        categories=content.scope.contexts,
        keywords=content.scope.keywords,
        entries=tuple(
            _digest_entry(entry, section.name, None if period.is_day else entry.paper.announced)
            for section in content.sections
            for entry in section.entries
        ),
    )


def note_sentence(note: str) -> str:
    """Return a note as a sentence, "" for none."""
    if not note:
        return ""
    return f"{note}." if note.startswith("arXiv") else f"{note[:1].upper()}{note[1:]}."


def section_of(paper: Paper, contexts: Sequence[str]) -> str:
    """Return the heading that a paper is under: its primary category where that is watched, else its first watched one.

    A category watched by its archive stands for itself. A paper of no watched category is under its primary one.
    """
    for category in (paper.primary_category, *paper.categories):
        for context in contexts:
            if belongs((category,), context):
                return _canonical(category) if is_archive(context) else context
    return paper.primary_category


def previous_day(day: date, quiet: frozenset[date] = frozenset()) -> date | None:
    """Return the announcement day before *day*, None before arXiv began; days known to be *quiet* are passed over."""
    found = schedule.previous_days(day - _DAY, 1)[0]
    while found in quiet:
        found = schedule.previous_days(found - _DAY, 1)[0]
    return found if found >= FIRST_DAY else None


def next_day(day: date, newest: date, quiet: frozenset[date] = frozenset()) -> date | None:
    """Return the announcement day after *day*, None if that is later than *newest*."""
    found = day + _DAY
    while found <= newest and (found in quiet or found.weekday() >= 5):
        found += _DAY
    return found if found <= newest else None


def _canonical(category: str) -> str:
    try:
        return canonical(category)
    except UnknownContextError:  # younger than our taxonomy
        return category


def _united(entry_lists: Iterable[Sequence[Entry]]) -> tuple[Entry, ...]:
    """Unite the entries of several feeds: each paper once, best first, then in announcement order."""
    by_id: dict[str, list[Entry]] = {}
    for entries in entry_lists:
        for entry in entries:
            by_id.setdefault(entry.paper.id, []).append(entry)
    united = [_united_entry(entries) for entries in by_id.values()]
    return tuple(sorted(united, key=lambda one: (best_first(one), within_day(one.paper))))


def _united_entry(entries: Sequence[Entry]) -> Entry:
    if len(entries) == 1:
        return entries[0]
    best = min(entries, key=best_first)  # the first of equal ones
    return best.model_copy(
        update={
            "paper": merge_announcements([entry.paper for entry in entries]),
            "tags": tuple(dict.fromkeys(tag for entry in entries for tag in entry.tags)),
            "summary": next((entry.summary for entry in (best, *entries) if entry.summary), None),
        }
    )


def _sections(entries: Iterable[Entry], contexts: Sequence[str]) -> tuple[Section, ...]:
    """Divide entries into sections: in the order of *contexts*, those of an archive by name; entries keep theirs."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(section_of(entry.paper, contexts), []).append(entry)

    def place(name: str) -> tuple[int, str]:
        known = (number for number, context in enumerate(contexts) if belongs((name,), context))
        return next(known, len(contexts)), name

    return tuple(Section(name, tuple(groups[name])) for name in sorted(groups, key=place))


def _why_empty(period: Period, receipts: Sequence[DayReceipt], papers: int) -> str:
    these = "this day" if period.is_day else "these days"
    if papers:
        return f"nothing to show: none of the {papers} papers of {these} passes the filter"
    if receipts and all(receipt.status is DayStatus.QUIET for receipt in receipts):
        return receipts[0].note if period.is_day else explain_period(period) or "arXiv announced nothing here"
    if unconfirmed := next((one.note for one in receipts if one.status is DayStatus.UNCONFIRMED and one.note), ""):
        return unconfirmed
    return explain_period(period) or f"arXiv has shown no announcement of {these}"


def _digest_entry(entry: Entry, section: str, announced: date | None) -> DigestEntry:
    paper = entry.paper
    return DigestEntry(
        section=section,
        announced=announced,
        tags=tuple(dict.fromkeys((section, *entry.tags))),
        score=entry.score,
        announce_type=paper.announce_type,
        paper=DigestPaper(
            id=paper.id,
            version=paper.version,
            title=paper.title,
            authors=tuple(author.name for author in paper.authors),
            abstract=paper.abstract,
            categories=paper.categories,
            primary_category=paper.primary_category,
            published=paper.published.date() if paper.published else None,
        ),
        summary=_digest_summary(entry.summary) if entry.summary else None,
    )


def _digest_summary(summary: Summary) -> DigestSummary:
    return DigestSummary(**{name: getattr(summary, name) for name in DigestSummary.model_fields})
