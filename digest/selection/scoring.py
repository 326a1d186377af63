"""Points and where they come from: each rule that fits a paper is one match."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from digest.arxiv.identifiers import abs_url, parse_identifier
from digest.models import Match, Nearest
from digest.selection.indexing import IndexedPaper
from digest.selection.lists import keyword_words
from digest.selection.matching import Predicate, has_author, in_category
from digest.selection.selection import Keyword, Scoring
from digest.selection.similar import Likeness, Similarity
from digest.selection.substring import substring_matches
from digest.selection.words import Words

PRIVATE = "private library"
"""Stands for the id of an example that nobody may learn."""

Scorer = Callable[[IndexedPaper], tuple[Match, ...]]
Rule = Callable[[IndexedPaper], list[Match]]


def compile_scoring(scoring: Scoring, likeness: Likeness | None, more: Sequence[Rule] = ()) -> Scorer:
    """Return a function from paper to its matches, in the order of the rules.

    Args:
        scoring: The rules that are set.
        likeness: Compares with the texts of `scoring.like` and `scoring.dislike`; without it these rules give nothing.
        more: Rules that aren't set there; they come last.
    """
    if scoring.scorer == "substring":
        plain = [keyword.terms[0] for keyword in scoring.keywords]
        return lambda paper: (*substring_matches(paper.paper, plain), *(one for rule in more for one in rule(paper)))
    rules = [
        *([_keywords(scoring.keywords, scoring.title_weight)] if scoring.keywords else []),
        _boosts("author", "authors", [(name, has_author(name), points) for name, points in scoring.authors.items()]),
        _boosts(
            "category", "categories", [(name, in_category(name), points) for name, points in scoring.categories.items()]
        ),
    ]
    if likeness is not None:
        rules.append(resembling(likeness, scoring.like_weight))
    rules += more
    return lambda paper: tuple(match for rule in rules for match in rule(paper))


def _keywords(keywords: Sequence[Keyword], title_weight: float) -> Rule:
    groups = [(_terms(keyword), keyword.weight) for keyword in keywords]
    # Most papers hold few of the words that a term can begin with; the others' groups need no closer look.
    groups_by_head: defaultdict[str, set[int]] = defaultdict(set)
    open_ended = {number for number, (terms, _) in enumerate(groups) if any(words.prefix for _, words in terms)}
    for number, (terms, _) in enumerate(groups):
        for head in {head for _, words in terms for head in words.heads}:
            groups_by_head[head].add(number)
    heads = frozenset(groups_by_head)

    def score(paper: IndexedPaper) -> list[Match]:
        found = heads.intersection(paper.title.words + paper.abstract.words)
        numbers = open_ended.union(*map(groups_by_head.__getitem__, found))
        matches = (_keyword(paper, *groups[number], title_weight) for number in sorted(numbers))
        return [match for match in matches if match is not None]

    return score


def _keyword(
    paper: IndexedPaper, terms: Sequence[tuple[str, Words]], weight: float, title_weight: float
) -> Match | None:
    """Return a group's points: once, at its best place."""
    for field, text, factor in (("title", paper.title, title_weight), ("abstract", paper.abstract, 1.0)):
        found = next((term for term, words in terms if text.has(words)), None)
        if found is not None:
            return Match(rule="keyword", term=found, field=field, points=round(weight * factor, 4))
    return None


def _terms(keyword: Keyword) -> list[tuple[str, Words]]:
    made = ((term, keyword_words(term)) for term in keyword.terms)
    return [(term, words) for term, words in made if words is not None]


def _boosts(rule: str, field: str, boosts: Sequence[tuple[str, Predicate, float]]) -> Rule:
    return lambda paper: [
        Match(rule=rule, term=term, field=field, points=points) for term, holds, points in boosts if holds(paper)
    ]


def resembling(likeness: Likeness, weight: float) -> Rule:
    """Return the rule that gives points for being near to examples, and takes them for what is disliked."""

    def score(paper: IndexedPaper) -> list[Match]:
        verdict = likeness.of(paper)
        sides = (("like", verdict.like, weight), ("dislike", verdict.dislike, -weight))
        return [_resembling(rule, similarity, points) for rule, similarity, points in sides if similarity]

    return score


def _resembling(rule: str, similarity: Similarity, weight: float) -> Match:
    example = similarity.example
    points = round(weight * similarity.value, 2)
    if example.private:
        nearest = Nearest(words=similarity.words)
        return Match(rule=rule, term=PRIVATE, field="abstract", points=points, nearest=nearest)
    link = abs_url(example.id) if parse_identifier(example.id) else None
    nearest = Nearest(title=example.title, link=link, words=similarity.words)
    return Match(rule=rule, term=example.id, field="abstract", points=points, nearest=nearest)
