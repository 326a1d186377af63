"""The few papers that a reader asked for, and how many were left out for which reason.

papers ─▶ types ─▶ other filters ─▶ points, topics ─▶ wishes ─▶ min_score ─▶ top of each day ─▶ sort ─▶ limit
and once more with the entries of that, where a selection narrows another one
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from pydantic import SerializerFunctionWrapHandler, model_serializer

from digest.models import Entry, Frozen, Paper
from digest.selection.filters import content_filters, type_filter
from digest.selection.indexing import IndexedPaper, PaperIndex
from digest.selection.matching import compile_query
from digest.selection.order import best_first, newest_and_best_first
from digest.selection.points import total
from digest.selection.scoring import Rule, compile_scoring, resembling
from digest.selection.selection import Selection, ServedDay
from digest.selection.similar import Example, Likeness, Profiles
from digest.selection.wishes import NOTHING_JUDGED, Fate, Graded, Judged, Promise, WishAccount, considered, graded

EntryMaker = Callable[[IndexedPaper], Entry]


class LeftOut(Frozen):
    """How many papers were left out, each counted for the first reason that applied."""

    type: int = 0
    filter: int = 0
    grade: int = 0
    """Graded lower than a feed with wishes wants."""
    unjudged: int = 0
    """Without a grade, and held back until they have one, or for good where the feed says so."""
    score: int = 0
    top: int = 0
    """Not among the best of their day."""
    limit: int = 0
    size: int = 0
    """Beyond the length that answers may have here, see `ServerConfig.max_answer_mb`."""

    @model_serializer(mode="wrap")
    def _without_wishes(self, dump: SerializerFunctionWrapHandler) -> dict[str, int]:
        """Leave out what only feeds with wishes have, where it is nothing."""
        dumped: dict[str, int] = dump(self)
        return {name: number for name, number in dumped.items() if number or name not in {"grade", "unjudged"}}

    @property
    def total(self) -> int:
        """All of them."""
        return sum(getattr(self, name) for name in LeftOut.model_fields)

    def __add__(self, other: LeftOut) -> LeftOut:
        """Add up two stages."""
        return LeftOut(**{name: getattr(self, name) + getattr(other, name) for name in LeftOut.model_fields})


class Selected(Frozen):
    """What a selection gives: entries in feed order, and the account of the rest."""

    entries: tuple[Entry, ...]
    left_out: LeftOut
    wishes: WishAccount | None = None
    """None without wishes."""


def select(
    papers: Sequence[Paper],
    selection: Selection,
    *,
    examples: Sequence[Example] = (),
    profiles: Mapping[bytes, bytes] | None = None,
    index: PaperIndex | None = None,
    judged: Judged = NOTHING_JUDGED,
) -> Selected:
    """Choose, score, order and cut.

    Args:
        papers: One list without duplicates, in announcement order, which is kept wherever the sort doesn't decide.
        selection: What is asked for.
        examples: The texts behind `scoring.like` and `scoring.dislike`.
        profiles: Papers' profiles that were stored, by `vectors.text_key`; those that are missing are made.
        index: Pass one to ask several selections about the same papers; each is then prepared once.
        judged: The grades for wishes that are known.

    Returns:
        Entries with score, matches and topic tags; `len(papers) == len(entries) + left_out.total`.
    """
    index = PaperIndex() if index is None else index
    if selection.within is None:
        make = entry_maker(selection, examples=examples, profiles=profiles)
        return _stage(papers, selection, make, index, _wishing(selection, profiles, judged), note=judged.note)
    base = select(papers, selection.within, examples=examples, profiles=profiles, index=index, judged=judged)
    made = {id(entry.paper): entry for entry in base.entries}
    make = _with_own_points(selection, lambda paper: made[id(paper.paper)], examples, profiles)
    narrowed = _stage([entry.paper for entry in base.entries], selection, make, index)
    return Selected(entries=narrowed.entries, left_out=base.left_out + narrowed.left_out, wishes=base.wishes)


def candidates(
    papers: Sequence[Paper],
    selection: Selection,
    *,
    examples: Sequence[Example] = (),
    profiles: Mapping[bytes, bytes] | None = None,
    index: PaperIndex | None = None,
) -> tuple[Entry, ...]:
    """Return the entries that wishes are judged for: the most promising of each day first, newest day first.

    Empty without wishes. A selection that narrows another one has the candidates of that one.
    """
    if selection.within is not None:
        return candidates(papers, selection.within, examples=examples, profiles=profiles, index=index)
    if not selection.wishes:
        return ()
    index = PaperIndex() if index is None else index
    passed = _passed(papers, selection, index)[1]
    entries = list(map(entry_maker(selection, examples=examples, profiles=profiles), passed))
    promises = _promises(passed, selection, profiles)
    chosen = considered(entries, selection.wishes, promises)
    best = sorted(entries, key=lambda one: (one.paper.announced, one.score, promises[one.paper.id]), reverse=True)
    return tuple(entry for entry in best if entry.paper.id in chosen)


def entry_maker(
    selection: Selection, *, examples: Sequence[Example] = (), profiles: Mapping[bytes, bytes] | None = None
) -> EntryMaker:
    """Return the function that gives a paper its points and tags, those of the selections that it narrows included."""
    if selection.within is not None:
        base = entry_maker(selection.within, examples=examples, profiles=profiles)
        return _with_own_points(selection, base, examples, profiles)
    score = compile_scoring(
        selection.scoring, _likeness(selection, examples, profiles), _more_rules(selection, profiles)
    )
    topics = [(topic.label, compile_query(topic.q)) for topic in selection.topics]

    def make(paper: IndexedPaper) -> Entry:
        matches = score(paper)
        tags = tuple(label for label, holds in topics if holds(paper))
        return Entry(paper=paper.paper, score=total(matches), matches=matches, tags=tags)

    return make


def _more_rules(selection: Selection, profiles: Mapping[bytes, bytes] | None) -> list[Rule]:
    return [Promise(selection.wishes, Profiles(profiles)).matches] if selection.wishes else []


def _likeness(
    selection: Selection, examples: Sequence[Example], profiles: Mapping[bytes, bytes] | None
) -> Likeness | None:
    """Return what compares papers with the examples of this selection, not with those of one within it."""
    own = [example for example in examples if example.narrowing == (selection.within is not None)]
    asked = selection.scoring.like or selection.scoring.dislike
    return Likeness(own, Profiles(profiles)) if own and asked else None


def _with_own_points(
    selection: Selection, base: EntryMaker, examples: Sequence[Example], profiles: Mapping[bytes, bytes] | None
) -> EntryMaker:
    """Return a function that adds the points of a narrowing selection to those of *base*."""
    likeness = _likeness(selection, examples, profiles)
    if likeness is None:
        return base
    score = resembling(likeness, selection.scoring.like_weight)

    def make(paper: IndexedPaper) -> Entry:
        entry = base(paper)
        matches = (*entry.matches, *score(paper))
        return entry.model_copy(update={"matches": matches, "score": total(matches)})

    return make


def best_of_days(entries: Sequence[Entry], number: int, served: Sequence[ServedDay] = ()) -> list[Entry]:
    """Return the *number* entries with the highest score of each announcement day, in the order given.

    Of equal scores the earlier entries are kept. What happens on one day changes nothing on another, as a limit
    of the whole would. Papers that were *served* on their day keep their places, whatever the scores say now; others
    take the places that are left, unless the day is closed.
    """
    shown_on = {one.day: one for one in served}
    days: defaultdict[date, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        days[entry.paper.announced].append(place)
    kept: set[int] = set()
    for day, places in days.items():
        shown = shown_on.get(day, ServedDay(day=day, ids=()))
        stay = [place for place in places if entries[place].paper.id in shown.ids]
        others = sorted(set(places).difference(stay), key=lambda place: (best_first(entries[place]), place))
        kept.update(stay, others[: 0 if shown.is_closed else max(number - len(stay), 0)])
    return [entry for place, entry in enumerate(entries) if place in kept]


def _in_order(entries: Sequence[Entry], selection: Selection) -> list[Entry]:
    """Sort as the selection says; equal ones keep their order."""
    sort = selection.sort or ("score" if selection.within is None or selection.scoring.gives_points else "date")
    if sort == "date":
        return list(entries)
    return sorted(entries, key=newest_and_best_first)


def _passed(
    papers: Sequence[Paper], selection: Selection, index: PaperIndex
) -> tuple[list[IndexedPaper], list[IndexedPaper]]:
    """Return the papers of the wanted types, and those of them that pass the other filters."""
    wanted = type_filter(selection).passes
    filters = [rule.passes for rule in content_filters(selection)]
    typed = [paper for paper in map(index.__getitem__, papers) if wanted(paper)]
    return typed, [paper for paper in typed if all(passes(paper) for passes in filters)]


def _promises(
    papers: Sequence[IndexedPaper], selection: Selection, profiles: Mapping[bytes, bytes] | None
) -> dict[str, float]:
    promise = Promise(selection.wishes, Profiles(profiles))
    return {paper.paper.id: promise.of(paper) for paper in papers}


def _wishing(
    selection: Selection, profiles: Mapping[bytes, bytes] | None, judged: Judged
) -> Callable[[Sequence[Entry], Sequence[IndexedPaper]], Graded] | None:
    """Return what takes entries, and the same papers indexed, through both stages of the wishes; None without any."""
    if not selection.wishes:
        return None

    def wish(entries: Sequence[Entry], papers: Sequence[IndexedPaper]) -> Graded:
        chosen = considered(entries, selection.wishes, _promises(papers, selection, profiles))
        return graded(entries, selection.wishes, chosen, judged)

    return wish


def _stage(
    papers: Sequence[Paper],
    selection: Selection,
    make: EntryMaker,
    index: PaperIndex,
    wish: Callable[[Sequence[Entry], Sequence[IndexedPaper]], Graded] | None = None,
    *,
    note: str = "",
) -> Selected:
    typed, passed = _passed(papers, selection, index)
    entries = list(map(make, passed))
    after = wish(entries, passed) if wish else None
    if after is not None:
        entries = after.shown
    graded_number = len(entries)
    if selection.min_score is not None:
        entries = [entry for entry in entries if entry.score >= selection.min_score]
    best = best_of_days(entries, selection.top, selection.served) if selection.top is not None else entries
    shown = _in_order(best, selection)[: selection.effective_limit]
    left_out = LeftOut(
        type=len(papers) - len(typed),
        filter=len(typed) - len(passed),
        grade=len(after.of(Fate.BELOW)) if after else 0,
        unjudged=len(after.of(Fate.LEFT_OUT, Fate.WAITING)) if after else 0,
        score=graded_number - len(entries),
        top=len(entries) - len(best),
        limit=len(best) - len(shown),
    )
    return Selected(entries=tuple(shown), left_out=left_out, wishes=after.account(note) if after else None)
