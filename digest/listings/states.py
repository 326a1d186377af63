"""What is known of contexts and of their days, apart from the papers. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from pydantic import Field

from digest.arxiv import schedule
from digest.models import PARSER_VERSION, Counts, Frozen, Listing, Read, Source

CHECKS_OF_DISPUTED = tuple(timedelta(hours=hours) for hours in (1, 4, 24, 72, 168))
"""After the API named papers of a day that the page leaves empty; then the page decides."""
_OF_EMPTY_DAYS = ("asked_at", "disputed_at", "checks", "next_try", "passed_over", "no_announcement")


class DayState(Read):
    """What is known of one context on one day. Nothing is stored while `mark` is empty."""

    mark: str = ""
    """Fingerprint of the listing that is stored."""
    held: Counts = Counts()
    announced: Counts | None = None
    """arXiv's own totals, None while no source stated them."""
    sources: tuple[Source, ...] = ()
    """Where the listing came from, first the one that brought it."""
    backfilled: bool = False
    unsettled: tuple[str, ...] = ()
    """What the listing was asked together with, while it is provisional."""
    tries: int = 0
    """Attempts to complete it that left it incomplete."""
    next_try: datetime | None = None
    """When it is asked for again: an attempt left it incomplete, or an empty day is to be checked."""
    error: str = ""
    """Why the last attempt that somebody waited for brought nothing, "" if it brought something."""
    fetched_at: datetime | None = None
    asked_at: datetime | None = None
    """When a source last said that there are no papers (or lacked a section), UTC."""
    disputed_at: datetime | None = None
    """When the query API first named papers of this day that are stored on no day, UTC."""
    checks: int = 0
    """Checks of an empty day that are behind it."""
    passed_over: bool = False
    """On that day itself arXiv's listing page stated an older one."""
    no_announcement: bool = False
    """It was passed over, its page is empty, and no category is known to have had papers."""

    @property
    def is_empty(self) -> bool:
        """Whether it is stored, without a paper."""
        return bool(self.mark) and not self.held.total

    @property
    def lacks_a_section(self) -> bool:
        """Whether the page that counts it has no new papers, or no cross-lists: as one cut in the middle would."""
        return (
            bool(self.held.total) and self.announced is not None and not (self.announced.new and self.announced.cross)
        )

    @property
    def is_confirmed(self) -> bool:
        """Whether two services agree, or the page, asked again and again, has decided."""
        if self.disputed_at:
            return self.checks >= len(CHECKS_OF_DISPUTED)
        return self.no_announcement or len({source.service for source in self.sources}) > 1

    @property
    def is_on_pages(self) -> bool:
        """Whether a page has shown this day, with papers or without."""
        return any(source.service == "pages" for source in self.sources)

    @property
    def is_unconfirmed(self) -> bool:
        """Whether nothing, or a section, is missing here on the word of one service alone."""
        return (self.is_empty or self.lacks_a_section) and not self.is_confirmed

    @property
    def is_outdated(self) -> bool:
        """Whether an older version's parsers read what is stored: it is worth reading again."""
        return bool(self.mark) and self.parser < PARSER_VERSION

    @property
    def is_complete(self) -> bool:
        """Whether all is stored that arXiv says it announced, be it nothing."""
        if self.is_unconfirmed:
            return False
        return self.is_empty or (self.announced is not None and not self.unsettled and not self.shortfall.total)

    @property
    def shortfall(self) -> Counts:
        """How many announced papers are not stored, by type. Replacements that both forms name count together."""
        if self.announced is None:
            return Counts()
        lacking = {name: getattr(self.announced, name) - getattr(self.held, name) for name in Counts.model_fields}
        replaced = max(lacking.pop("replace") + lacking.pop("replace_cross"), 0)
        return Counts(new=max(lacking["new"], 0), cross=max(lacking["cross"], 0), replace=replaced)


class ContextState(Frozen):
    """What is known of one context, apart from the papers."""

    context: str
    days: dict[date, DayState] = Field(default_factory=dict)
    checked_at: datetime | None = None
    """When arXiv last gave a usable answer about the present, UTC."""
    seen_day: date | None = None
    """The day that this answer was about, with papers or without."""
    answers: int = 0
    """Usable answers about `seen_day` so far, this one included."""
    failures: int = 0
    """Failed attempts since then."""
    retry_at: datetime | None = None
    """Not to be asked before, after a failure."""
    asked_at: datetime | None = None
    """When the last check ended, in an answer or in a failure, UTC."""
    began_at: datetime | None = None
    """When the check that is under way began, UTC; it stays if whoever made it was frozen or killed."""
    begun: int = 0
    """Checks that began since the last one ended."""
    last_error: str = ""
    last_error_at: datetime | None = None

    @property
    def held(self) -> dict[date, DayState]:
        """The days of which a listing is stored."""
        return {day: known for day, known in self.days.items() if known.mark}

    @property
    def newest(self) -> date | None:
        """The newest stored day; a day with papers rather than one that was, or seemed, without."""
        held = self.held
        return max((day for day, known in held.items() if known.held.total), default=None) or max(held, default=None)

    def is_settled(self, day: date) -> bool:
        """Whether nothing more is expected of *day*: it has papers, is confirmed to have none, or a newer day has some."""
        known = self.days.get(day, DayState())
        newest = self.newest
        return bool(known.held.total) or (known.is_empty and known.is_complete) or bool(newest and newest > day)

    @property
    def without_announcement(self) -> frozenset[date]:
        """Days that had no announcement, by arXiv's word: the calendar alone is none, nor is one quiet category."""
        return frozenset(
            day
            for day, known in self.held.items()
            if known.no_announcement or (known.is_empty and known.is_complete and schedule.explain_day(day))
        )


def with_day(state: ContextState, day: date, known: DayState, *, keep: timedelta) -> ContextState:
    """Note what is known of *day*; days older than *keep* before it are forgotten, those with papers for papers only."""
    kept = {at: one for at, one in state.days.items() if at >= day - keep or (one.held.total and not known.held.total)}
    return state.model_copy(update={"days": {**kept, day: known}})


def up_to(state: ContextState, day: date) -> ContextState:
    """Return *state* as if nothing were known of the days after *day*."""
    return state.model_copy(update={"days": {one: known for one, known in state.days.items() if one <= day}})


def without_days(state: ContextState, lost: Collection[date]) -> ContextState:
    """Forget the days of *lost*."""
    return state.model_copy(update={"days": {day: known for day, known in state.days.items() if day not in lost}})


def day_state(listing: Listing, mark: str, sources: tuple[Source, ...], before: DayState | None = None) -> DayState:
    """Describe a listing that is stored; what is known of a day that is as empty as *before* stays."""
    known = DayState(
        mark=mark,
        held=listing.counts,
        announced=listing.announced,
        sources=sources,
        backfilled=listing.backfilled,
        unsettled=listing.asked if listing.provisional else (),
        parser=listing.parser,
        fetched_at=listing.fetched_at,
    )
    if before and (known.is_empty or (known.lacks_a_section and before.lacks_a_section)):
        return known.model_copy(update={name: getattr(before, name) for name in _OF_EMPTY_DAYS})
    return known
