"""What is announced when: the invented papers placed on days, as a pure function of the date."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.demo_arxiv.model import Paper
from tests.demo_arxiv.papers import WEEK
from tests.demo_arxiv.text import unfold

EASTERN = ZoneInfo("America/New_York")
ONE_DAY = timedelta(days=1)
KINDS = ("new", "cross", "replace", "replace-cross")
_ID = re.compile(r"(\d\d)(\d\d)\.9(\d\d)(\d\d)(?:v(\d+))?")


def weekday_after(day: date, weekday: int) -> date:
    """Return the first such weekday later than *day*."""
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


@dataclass(frozen=True)
class Version:
    """A paper as it stands at the end of the day `as_of`."""

    paper: Paper
    number_of_day: int
    day: date
    """When version 1 was announced."""
    as_of: date

    @property
    def id(self) -> str:
        return f"{self.day:%y%m}.9{self.day:%d}{self.number_of_day:02d}"

    @cached_property
    def revised(self) -> date | None:
        """When version 2 is announced."""
        return weekday_after(self.day, self.paper.revision.weekday) if self.paper.revision else None

    @cached_property
    def cross_listed(self) -> date | None:
        """When the late category is announced."""
        return weekday_after(self.day, self.paper.cross_list.weekday) if self.paper.cross_list else None

    @property
    def number(self) -> int:
        return 2 if self.revised and self.revised <= self.as_of else 1

    @property
    def title(self) -> str:
        return self._current("title")

    @property
    def abstract(self) -> str:
        return unfold(self._current("abstract"))

    @property
    def comment(self) -> str | None:
        return self._current("comment")

    def _current(self, field: str) -> str:
        revised = getattr(self.paper.revision, field) if self.number == 2 else None
        text: str = revised or getattr(self.paper, field)
        return text

    @property
    def withdrawn(self) -> bool:
        return self.number == 2 and self.paper.revision is not None and self.paper.revision.withdrawn

    @property
    def authors(self) -> list[str]:
        return self.paper.authors.split("; ")

    @cached_property
    def categories(self) -> list[str]:
        return self.categories_on(self.as_of)

    def categories_on(self, day: date) -> list[str]:
        late = self.cross_listed is not None and self.cross_listed <= day
        return self.paper.categories.split() + ([self.paper.cross_list.category] if late else [])

    @property
    def published(self) -> datetime:
        """When version 1 was submitted, UTC."""
        return self._submitted(self.day)

    @property
    def updated(self) -> datetime:
        """When this version was submitted, UTC."""
        return self._submitted((self.number == 2 and self.revised) or self.day)

    def _submitted(self, announced: date) -> datetime:
        # The announcement of a day holds what came in until 14:00 of the weekday before.
        eve = announced - timedelta(days=3 if announced.weekday() == 0 else 1)
        deadline = datetime.combine(eve, time(13, 55), EASTERN)
        return deadline.astimezone(UTC) - timedelta(minutes=47, seconds=13) * self.number_of_day


class Announced(NamedTuple):
    """One line of a listing: how the paper was announced there."""

    kind: str
    version: Version


class Archive:
    """All announcements; on *quiet_days* (and at weekends) there is none."""

    def __init__(self, quiet_days: Collection[date] = ()) -> None:
        self.quiet_days = frozenset(quiet_days)

    def has_announcement(self, day: date) -> bool:
        return day.weekday() < len(WEEK) and day not in self.quiet_days

    def latest_day(self, day: date) -> date:
        """Return the last day with an announcement, *day* included."""
        while not self.has_announcement(day):
            day -= ONE_DAY
        return day

    def listing_day(self, now: datetime) -> date:
        """Return the day of the listing page: it turns at 20:00, four hours before the feed."""
        return self.latest_day((now.astimezone(EASTERN) + timedelta(hours=4)).date())

    def listing(
        self, day: date, wanted: frozenset[str], *, as_of: date, crosses_within: bool = True
    ) -> list[Announced]:
        """Return what *day* announced for these categories, papers as they stand at *as_of*: by type, then by id.

        The type belongs to paper and request together: a paper is new where its primary category
        was asked for, and a cross-list elsewhere. Papers of an archive that were cross-listed
        later within it are in its feed, but not on its page (*crosses_within* false).
        """
        rows = []
        for action, categories, version in self._updates(day, as_of):
            own = version.categories[0] in wanted
            if wanted.isdisjoint(categories) or (action == "cross" and own and not crosses_within):
                continue
            kind = {"new": "new" if own else "cross", "replace": "replace" if own else "replace-cross"}.get(
                action, action
            )
            rows.append(Announced(kind, version))
        return sorted(rows, key=lambda row: (KINDS.index(row.kind), row.version.id))

    def _updates(self, day: date, as_of: date) -> Iterator[tuple[str, list[str], Version]]:
        if not self.has_announcement(day):
            return
        yield from (("new", version.categories_on(day), version) for version in self._first_announced(day, as_of=as_of))
        for age in range(1, 8):
            for version in self._first_announced(day - age * ONE_DAY, as_of=as_of):
                if version.revised == day:
                    yield "replace", version.categories_on(day), version
                elif version.cross_listed == day:
                    yield "cross", [version.paper.cross_list.category], version

    def _first_announced(self, day: date, *, as_of: date) -> list[Version]:
        papers = WEEK[day.weekday()] if self.has_announcement(day) else ()
        return [Version(paper, number, day, as_of) for number, paper in enumerate(papers, 1)]

    def week(self, today: date) -> list[Version]:
        """Return the papers of the week that ends with *today*, newest first, as they stand now."""
        days = [today - age * ONE_DAY for age in range(7)]
        return [version for day in days for version in reversed(self._first_announced(day, as_of=today))]

    def find(self, ident: str, today: date) -> Version | None:
        """Return the paper with this id, as it stands today or in the version asked for, or None."""
        found = _ID.fullmatch(ident)
        if not found:
            return None
        year, month, day, number, asked = (int(part or 0) for part in found.groups())
        try:
            first = date(2000 + year, month, day)
        except ValueError:
            return None
        if first > today:
            return None
        for version in self._first_announced(first, as_of=first if asked == 1 else today):
            if version.number_of_day == number and asked in {0, version.number}:
                return version
        return None
