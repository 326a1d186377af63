"""Ranking by examples: vectors of a day's papers, and a day against likes.

    python -m bench ranking [--abstracts FILE]

FILE (JSON lines with title, abstract, authors, cats; `.gz` or plain) takes real papers. Processor time, best of some
rounds; the ratio compares ranking with putting the same papers' words in comparable form, in the same round.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.report import Figure, print_figures
from bench.selection import load_papers, make_papers
from digest.models import Paper
from digest.selection import Example, PaperIndex
from digest.selection.similar import Likeness, Profiles
from digest.selection.vectors import load_vectors, text_key

ROUNDS = 7
PAPERS, LISTING, MOST_EXAMPLES = 1000, 900, 300
NEW_ENOUGH = sys.version_info >= (3, 12)
GOALS = {5: None, 50: 60 if NEW_ENOUGH else 100, 150: 250}
VOTES = 150
"""Each way: what a profile with 1,000 votes ranks by."""
VOTES_GOAL = 150


def best_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return min(times)


def measure(papers: Sequence[Paper] | None = None) -> Iterator[Figure]:
    start = time.process_time()
    load_vectors()
    yield Figure("word vectors read, once a process", (time.process_time() - start) * 1000, "ms")
    found = papers or make_papers(PAPERS + MOST_EXAMPLES)
    day, rest = found[:PAPERS], found[PAPERS : PAPERS + MOST_EXAMPLES]
    yield Figure(f"profiles of {LISTING} papers, first time", once_ms(lambda: profiles_of(day[:LISTING])), "ms", 500)
    words = best_ms(lambda: words_of(day))
    yield Figure(f"words of {PAPERS} papers (yardstick)", words, "ms")
    profiles = Profiles(profiles_of(day))
    for number, goal in GOALS.items():
        examples = [Example(id=paper.id, title=paper.title, abstract=paper.abstract) for paper in rest[:number]]
        taken = best_ms(lambda examples=examples: rank(day, examples, profiles))  # type: ignore[misc]
        yield Figure(f"{PAPERS} papers against {number} examples", taken, "ms", goal, note=f"ratio {taken / words:.2f}")

    votes = [
        Example(id=paper.id, title=paper.title, abstract=paper.abstract, disliked=place >= VOTES)
        for place, paper in enumerate(rest)
    ]
    taken = best_ms(lambda: rank(day, votes, profiles))
    name = f"{PAPERS} papers against {VOTES} votes each way"
    yield Figure(name, taken, "ms", VOTES_GOAL, note=f"ratio {taken / words:.2f}")


def once_ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def profiles_of(papers: Sequence[Paper]) -> dict[bytes, bytes]:
    index, profiles = PaperIndex(), Profiles()
    return {text_key(paper.title, paper.abstract): profiles.of(index[paper]) for paper in papers}


def words_of(papers: Sequence[Paper]) -> int:
    index = PaperIndex()
    return sum(len(index[paper].title.singular) + len(index[paper].abstract.singular) for paper in papers)


def rank(papers: Sequence[Paper], examples: Sequence[Example], profiles: Profiles) -> int:
    index = PaperIndex()
    likeness = Likeness(examples, profiles)
    return sum(likeness.of(index[paper]).like is not None for paper in papers)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--abstracts", type=Path)
    options = parser.parse_args()
    papers = load_papers(options.abstracts, PAPERS + MOST_EXAMPLES) if options.abstracts else None
    print_figures(f"{(__doc__ or '').partition(chr(10))[0]} Python {platform.python_version()}", measure(papers))


if __name__ == "__main__":
    main()
