"""Why one paper is in or out of a selection, rule by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from digest.models import Entry, Frozen, Match, Paper
from digest.selection.filters import content_filters, type_filter
from digest.selection.indexing import PaperIndex
from digest.selection.order import best_first
from digest.selection.selecting import Selected, candidates, entry_maker, select
from digest.selection.selection import Selection
from digest.selection.similar import Example
from digest.selection.wishes import NOTHING_JUDGED, RULES, Fate, Judged, best_grade, graded


class Step(Frozen):
    """One rule's verdict."""

    rule: str
    """The parameter or configuration key, `narrowed: …` for those of a narrowing selection."""
    passed: bool
    detail: str
    """Why, for people."""


def explain(
    paper: Paper,
    selection: Selection,
    *,
    examples: Sequence[Example] = (),
    profiles: Mapping[bytes, bytes] | None = None,
    among: Sequence[Paper] = (),
    judged: Judged = NOTHING_JUDGED,
) -> tuple[Step, ...]:
    """Tell for each rule whether the paper passes it. It is in the feed if it passes all.

    All rules are told, also those after the first that failed; points are told as steps that are passed.

    Args:
        paper: The paper in question.
        selection: What is asked for.
        examples: The texts behind `scoring.like` and `scoring.dislike`.
        profiles: Papers' profiles that were stored (see `select`).
        among: The papers that the feed is made of, this one included. Without them nothing is said about
            the limit.
        judged: The grades for wishes that are known.
    """
    index = PaperIndex()
    levels = [selection]
    while levels[-1].within is not None:
        levels.append(levels[-1].within)
    steps: list[Step] = []
    matches = 0
    for number, level in enumerate(reversed(levels)):
        prefix = "narrowed: " if number else ""
        entry = entry_maker(level, examples=examples, profiles=profiles)(index[paper])
        choose = partial(select, among, examples=examples, profiles=profiles, index=index, judged=judged)
        first = candidates(among, level, examples=examples, profiles=profiles, index=index)
        wished = _wish_steps(entry, level, judged, first) if level.wishes else ()
        told = [*_level_steps(entry, level, index, matches), *wished, *_cut_steps(paper, level, choose, len(among))]
        steps += [step.model_copy(update={"rule": f"{prefix}{step.rule}"}) for step in told]
        matches = len(entry.matches)
    return tuple(steps)


def _level_steps(entry: Entry, selection: Selection, index: PaperIndex, own: int) -> Iterator[Step]:
    """Tell about the rules of one level; matches before the number *own* are told already."""
    paper = index[entry.paper]
    for rule in (type_filter(selection), *content_filters(selection)):
        if rule.name == "types" and selection.within is not None and selection.types is None:
            continue
        yield Step(rule=rule.name, passed=rule.passes(paper), detail=rule.tell(paper))
    for match in entry.matches[own:]:
        if match.rule not in RULES:
            yield Step(rule="score", passed=True, detail=_tell(match))
    if selection.within is None:
        for tag in entry.tags:
            yield Step(rule="topics", passed=True, detail=f"tagged {tag}")
    if selection.min_score is not None:
        detail = f"score {entry.score:g}, at least {selection.min_score:g} wanted"
        yield Step(rule="min_score", passed=entry.score >= selection.min_score, detail=detail)


def _wish_steps(entry: Entry, selection: Selection, judged: Judged, first: Sequence[Entry]) -> Iterator[Step]:
    """Tell about both stages of wishes; *first* are the candidates of all days."""
    for match in entry.matches:
        if match.rule in RULES and match.nearest is not None:
            words = f", both have {', '.join(match.nearest.words)}" if match.nearest.words else ""
            detail = f'first stage: near "{match.term}"{words}: {match.points:+g}'
            yield Step(rule=match.rule, passed=True, detail=detail)
    of_day = [one.paper.id for one in first if one.paper.announced == entry.paper.announced]
    if entry.paper.id in of_day:
        place = (
            f"number {of_day.index(entry.paper.id) + 1} of its day, the first {selection.wishes.judge_limit} are judged"
        )
        yield Step(rule="judge_limit", passed=True, detail=place)
    elif first:
        detail = f"not considered: {selection.wishes.judge_limit} papers of its day promise more"
        yield Step(rule="judge_limit", passed=True, detail=detail)
    (after,), (fate,) = _judged(entry, selection, judged, of_day)
    for match in after.matches:
        if match.grade is not None:
            proof = f': "{match.proof.quote}"' if match.proof else ""
            detail = f'second stage: "{match.term}" graded {match.grade} of 4{proof}: {match.points:+g}'
            yield Step(rule=match.rule, passed=True, detail=detail)
    if selection.wishes.min_grade is not None:
        yield Step(rule="min_grade", passed=fate is Fate.SHOWN, detail=_grade_words(after, selection, fate, judged))


def _judged(
    entry: Entry, selection: Selection, judged: Judged, of_day: Sequence[str]
) -> tuple[tuple[Entry, ...], tuple[Fate, ...]]:
    made = graded([entry], selection.wishes, frozenset(of_day), judged)
    return made.entries, made.fates


def _grade_words(entry: Entry, selection: Selection, fate: Fate, judged: Judged) -> str:
    wanted = f"at least {selection.wishes.min_grade} wanted"
    grade = best_grade(entry)
    if not judged.is_open:
        return f"{wanted}, but no model judges: the first stage alone orders"
    if fate is Fate.WAITING:
        return f"{entry.standing}; {wanted}: hidden until it is judged, for three hours at most"
    return f"{entry.standing if grade is None else f'best grade {grade}'}; {wanted}"


def _tell(match: Match) -> str:
    if match.nearest is None:
        return f"{match.rule} {match.term} in {match.field}: {match.points:+g}"
    words = f", both have {', '.join(match.nearest.words)}" if match.nearest.words else ""
    link = f" {match.nearest.link}" if match.nearest.link else ""
    title = f' "{match.nearest.title}"' if match.nearest.title else ""
    return f"{match.rule}: nearest is {match.term}{title}{link}{words}: {match.points:+g}"


def _cut_steps(
    paper: Paper, selection: Selection, choose: Callable[[Selection], Selected], number: int
) -> Iterator[Step]:
    """Tell about the cuts, which depend on the other papers: the best of each day, then the limit."""
    cuts = {"top": selection.top, "limit": selection.effective_limit} if number else {}
    uncut = {"limit": number, "top": None}
    for rule, most in cuts.items():
        if most is None:
            continue
        entries = choose(selection.model_copy(update=uncut)).entries
        if rule == "top":
            of_day = (entry for entry in entries if entry.paper.announced == paper.announced)
            entries = tuple(sorted(of_day, key=best_first))
        ids = [entry.paper.id for entry in entries]
        if paper.id in ids:
            rank = ids.index(paper.id) + 1
            of = f"{len(ids)} of its day" if rule == "top" else f"{len(ids)}"
            yield Step(rule=rule, passed=rank <= most, detail=f"number {rank} of {of}, the first {most} are shown")
        uncut["top"] = selection.top
