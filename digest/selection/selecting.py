"""The few papers that a reader asked for, and how many were left out for which reason.

papers ─▶ types ─▶ other filters ─▶ points, topics ─▶ min_score ─▶ top of each day ─▶ sort ─▶ limit
and once more with the entries of that, where a selection narrows another one
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from digest.models import Entry, Frozen, Paper
from digest.selection.filters import content_filters, type_filter
from digest.selection.indexing import IndexedPaper, PaperIndex
from digest.selection.matching import compile_query
from digest.selection.scoring import compile_scoring, total
from digest.selection.selection import Selection
from digest.selection.similar import Example, Likeness, Profiles

EntryMaker = Callable[[IndexedPaper], Entry]


class LeftOut(Frozen):
    """How many papers were left out, each counted for the first reason that applied."""

    type: int = 0
    filter: int = 0
    score: int = 0
    top: int = 0
    """Not among the best of their day."""
    limit: int = 0
    size: int = 0
    """Beyond the length that answers may have here, see `ServerConfig.max_answer_mb`."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.type + self.filter + self.score + self.top + self.limit + self.size

    def __add__(self, other: LeftOut) -> LeftOut:
        """Add up two stages."""
        return LeftOut(**{name: getattr(self, name) + getattr(other, name) for name in LeftOut.model_fields})


class Selected(Frozen):
    """What a selection gives: entries in feed order, and the account of the rest."""

    entries: tuple[Entry, ...]
    left_out: LeftOut


def select(
    papers: Sequence[Paper],
    selection: Selection,
    *,
    examples: Sequence[Example] = (),
    profiles: Mapping[bytes, bytes] | None = None,
    index: PaperIndex | None = None,
) -> Selected:
    """Choose, score, order and cut.

    Args:
        papers: One list without duplicates, in announcement order, which is kept wherever the sort doesn't decide.
        selection: What is asked for.
        examples: The texts behind `scoring.like` and `scoring.dislike`.
        profiles: Papers' profiles that were stored, by `vectors.text_key`; those that are missing are made.
        index: Pass one to ask several selections about the same papers; each is then prepared once.

    Returns:
        Entries with score, matches and topic tags; `len(papers) == len(entries) + left_out.total`.
    """
    index = PaperIndex() if index is None else index
    if selection.within is None:
        make = entry_maker(selection, examples=examples, profiles=profiles)
        return _stage(papers, selection, make, index)
    base = select(papers, selection.within, examples=examples, profiles=profiles, index=index)
    made = {id(entry.paper): entry for entry in base.entries}
    narrowed = _stage([entry.paper for entry in base.entries], selection, lambda paper: made[id(paper.paper)], index)
    return Selected(entries=narrowed.entries, left_out=base.left_out + narrowed.left_out)


def entry_maker(
    selection: Selection, *, examples: Sequence[Example] = (), profiles: Mapping[bytes, bytes] | None = None
) -> EntryMaker:
    """Return the function that gives a paper its points and tags."""
    scoring = selection.scoring
    likeness = Likeness(examples, Profiles(profiles)) if examples and (scoring.like or scoring.dislike) else None
    score = compile_scoring(scoring, likeness)
    topics = [(topic.label, compile_query(topic.q)) for topic in selection.topics]

    def make(paper: IndexedPaper) -> Entry:
        matches = score(paper)
        tags = tuple(label for label, holds in topics if holds(paper))
        return Entry(paper=paper.paper, score=total(matches), matches=matches, tags=tags)

    return make


def best_of_days(entries: Sequence[Entry], number: int) -> list[Entry]:
    """Return the *number* entries with the highest score of each announcement day, in the order given.

    Of equal scores the earlier entries are kept. What happens on one day changes nothing on another, as a limit
    of the whole would.
    """
    days: defaultdict[date, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        days[entry.paper.announced].append(place)
    ranked = (sorted(places, key=lambda place: -entries[place].score) for places in days.values())
    kept = {place for places in ranked for place in places[:number]}
    return [entry for place, entry in enumerate(entries) if place in kept]


def _in_order(entries: Sequence[Entry], selection: Selection) -> list[Entry]:
    """Sort as the selection says; equal ones keep their order."""
    sort = selection.sort or ("score" if selection.within is None else "date")
    if sort == "date":
        return list(entries)
    return sorted(entries, key=lambda entry: (entry.paper.announced, entry.score), reverse=True)


def _stage(papers: Sequence[Paper], selection: Selection, make: EntryMaker, index: PaperIndex) -> Selected:
    wanted = type_filter(selection).passes
    filters = [rule.passes for rule in content_filters(selection)]
    typed = [paper for paper in map(index.__getitem__, papers) if wanted(paper)]
    passed = [paper for paper in typed if all(passes(paper) for passes in filters)]
    entries = list(map(make, passed))
    if selection.min_score is not None:
        entries = [entry for entry in entries if entry.score >= selection.min_score]
    best = best_of_days(entries, selection.top) if selection.top is not None else entries
    shown = _in_order(best, selection)[: selection.effective_limit]
    left_out = LeftOut(
        type=len(papers) - len(typed),
        filter=len(typed) - len(passed),
        score=len(passed) - len(entries),
        top=len(entries) - len(best),
        limit=len(best) - len(shown),
    )
    return Selected(entries=tuple(shown), left_out=left_out)
