"""A feed's day or week as a message that has no service's form yet: words, papers, links. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from digest.config.views import TitleForm
from digest.feeds.papers import FeedContent
from digest.feeds.periods import Period
from digest.models import AnnounceType, Counts, Entry
from digest.rendering.content import author_names, entry_title, match_words, summary_text
from digest.reports.receipts import DayReceipt
from digest.selection.selection import DEFAULT_TYPES
from digest.text.characters import visible
from digest.words import Words

_TITLE_LENGTH = 300
_TEXT_LENGTH = 600
_REASONS = 3

_GROUPS: tuple[tuple[str, tuple[AnnounceType, ...]], ...] = (
    ("message.new", (AnnounceType.NEW,)),
    ("message.cross", (AnnounceType.CROSS,)),
    ("message.replaced", (AnnounceType.REPLACE, AnnounceType.REPLACE_CROSS)),
)
"""What the head counts, each with its word."""


@dataclass(frozen=True)
class PaperLines:
    """One paper as a message shows it; all text plain, on one line each.

    Attributes:
        ident: Its arXiv id.
        title: The title.
        link: Its page at arXiv.
        people: The first author, and how many more there are; "" without authors.
        tldr: What it says; "" where nothing is known.
        why: Why it was chosen; "" where nothing scored.
    """

    ident: str
    title: str
    link: str
    people: str
    tldr: str
    why: str

    @property
    def details(self) -> tuple[str, ...]:
        """The lines below the title."""
        return tuple(filter(None, (self.people, self.tldr, self.why)))


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        feed: The feed's title.
        period: What it is about.
        head: What came and how complete it is, in one line.
        papers: The best ones, best first.
        shown: Papers that pass the feed's filter, of which `papers` are the first.
        link: The page with all of them; None where the server's public address isn't known.
        link_words: What that link says.
        notes: Lines below the head.
        is_settling: Whether examples are being looked up, so that the order may change in a moment.
        is_complete: Whether all that arXiv announced is in it.
        counts: What is stored, by announce type.
        announced: What arXiv announced, as far as it said.
        words: Of its language.
    """

    feed: str
    period: Period
    head: str
    papers: tuple[PaperLines, ...]
    shown: int
    link: str | None
    link_words: str
    is_complete: bool
    counts: Counts
    announced: Counts | None
    words: Words
    notes: tuple[str, ...] = ()
    is_settling: bool = False

    def more_words(self, named: int) -> str:
        """Return "and 14 more" for a message that names the first *named* papers; "" if it names all."""
        left = self.shown - named
        return self.words("message.more", count=left) if left > 0 and named else ""

    def with_note(self, key: str) -> Message:
        """Return the message with one more line below its head."""
        return replace(self, notes=(*self.notes, self.words(key)))

    def as_test(self) -> Message:
        """Return the message marked as a sample."""
        return replace(self, head=f"[{self.words('message.test')}] {self.head}")

    def as_json(self, named: int) -> dict[str, Any]:
        """Return what programs get: the facts beside the text."""
        return {
            "feed": self.feed,
            "period": self.period.name,
            "days": [day.isoformat() for day in self.period.weekdays],
            "head": self.head,
            "notes": list(self.notes),
            "complete": self.is_complete,
            "held": self.counts.model_dump(),
            "announced": self.announced.model_dump() if self.announced else None,
            "shown": self.shown,
            "link": self.link,
            "papers": [
                {"id": one.ident, "title": one.title, "link": one.link, "authors": one.people, "tldr": one.tldr}
                | ({"why": one.why} if one.why else {})
                for one in self.papers[:named]
            ],
        }


def message_of(content: FeedContent, period: Period, words: Words, *, top: int, link: str | None) -> Message:
    """Return the message about what a feed holds of a period.

    Args:
        content: What the feed holds of these days and no others, summaries attached.
        period: The days.
        words: Of the message's language.
        top: Papers to name at most.
        link: The page with all of them.
    """
    types = content.request.selection.types or DEFAULT_TYPES
    receipts = content.receipt.days
    counted = counts_words(receipts, types, words)
    best = sorted(content.entries, key=lambda entry: -entry.score)  # equal ones keep the feed's order
    shown, feed = len(best), one_line(content.request.shown_title, _TITLE_LENGTH)
    when = period_words(period, words)
    return Message(
        feed=feed,
        period=period,
        head=words("message.head", feed=feed, period=when, counts=counted, shown=shown)
        if shown
        else words("message.nothing", feed=feed, period=when, reason=_why_nothing(content, words)),
        papers=tuple(_paper_lines(entry, words, content.request.view.title_form) for entry in best[:top]),
        shown=shown,
        link=link,
        link_words=words("message.whole_week" if period.is_week else "message.whole_day"),
        is_complete=all(receipt.status.is_final for receipt in receipts),
        counts=sum((receipt.held for receipt in receipts), Counts()),
        announced=sum((receipt.announced for receipt in receipts if receipt.announced), Counts())
        if any(receipt.announced for receipt in receipts)
        else None,
        words=words,
        is_settling=content.is_settling,
    )


def counts_words(receipts: Sequence[DayReceipt], types: Iterable[AnnounceType], words: Words) -> str:
    """Say what came and whether that is all: "131 of 132 new + 89 cross-listed, one is still missing".

    Args:
        receipts: Of each context and day.
        types: The announce types that the feed is about.
        words: Of the message's language.
    """
    told, missing = [], 0
    for key, group in _GROUPS:
        wanted = [one for one in group if one in set(types)]
        if not wanted:
            continue
        held = sum(_number(receipt.held, one) for receipt in receipts for one in wanted)
        lacking = sum(_lacking(receipt, wanted) for receipt in receipts)
        missing += lacking
        number = words("message.some_of", held=held, announced=held + lacking) if lacking else f"{held:,}"
        told.append(words(key, number=number))
    return words("message.counts", counts=" + ".join(told), state=_completeness(receipts, missing, words))


def _completeness(receipts: Sequence[DayReceipt], missing: int, words: Words) -> str:
    if missing:
        return words("message.missing", count=missing)
    if absent := dict.fromkeys(receipt.context for receipt in receipts if not receipt.status.is_held):
        return words("message.absent", names=", ".join(absent))
    return words("message.complete" if all(one.status.is_final for one in receipts) else "message.unconfirmed")


def _number(counts: Counts, kind: AnnounceType) -> int:
    found: int = getattr(counts, kind.value.replace("-", "_"))
    return found


def _lacking(receipt: DayReceipt, types: Iterable[AnnounceType]) -> int:
    """Return how many papers arXiv announced that aren't stored; of several types together, as arXiv's forms mix them."""
    if receipt.announced is None:
        return 0
    return max(sum(_number(receipt.announced, one) - _number(receipt.held, one) for one in types), 0)


def period_words(period: Period, words: Words) -> str:
    """Say which day or week it is: "Thu 29 Jan", "week 5 (26 to 30 Jan)"; the dates are arXiv's."""
    if not period.is_week:
        return _day_words(period.last, words)
    days = words("message.days", first=_day_words(period.first, words), last=_day_words(period.last, words))
    return words("message.week", number=period.last.isocalendar().week, days=days)


def _day_words(day: date, words: Words) -> str:
    weekday = words("message.weekdays").split()[day.weekday()]
    month = words("message.months").split()[day.month - 1]
    return words("message.day", weekday=weekday, day=day.day, month=month)


def _why_nothing(content: FeedContent, words: Words) -> str:
    if content.receipt.papers:
        return words("message.none_passes", count=content.receipt.papers)
    return next((one.note for one in content.receipt.days if one.note), "") or words("message.no_announcement")


def _paper_lines(entry: Entry, words: Words, title_form: TitleForm) -> PaperLines:
    names, tldr = author_names(entry.paper), entry.summary.tldr if entry.summary else ""
    reasons = [match_words(match) for match in entry.matches if match.points > 0][:_REASONS]
    return PaperLines(
        ident=entry.paper.id,
        title=one_line(entry_title(entry, title_form), _TITLE_LENGTH) or f"arXiv:{entry.paper.id}",
        link=entry.paper.links.abs,
        people=one_line(_people(names, words), _TITLE_LENGTH),
        tldr=one_line(summary_text(entry), _TEXT_LENGTH) if tldr else "",
        why=one_line(words("message.why", reasons=", ".join(reasons)), _TITLE_LENGTH) if reasons else "",
    )


def _people(names: Sequence[str], words: Words) -> str:
    if len(names) < 2:
        return names[0] if names else ""
    return words("message.authors", name=names[0], count=len(names) - 1)


def one_line(text: str, most: int) -> str:
    """Return *text* on one line, shortened at a blank where it is longer than *most* characters; nothing in it is invisible."""
    text = " ".join(visible(text).split())
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"
