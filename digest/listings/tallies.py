"""What a day's listing comes to in numbers: small enough to be kept for years, when the listing itself is long gone. Pure.

A tally has some 300 bytes. It is written with the built-in summaries, behind the answers, each time a listing changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from pydantic import Field

from digest.models import Counts, Frozen, Listing
from digest.selection.spellings import base
from digest.selection.words import fold, spaced_compounds
from digest.summaries.wordlists import STOP_WORDS

TERMS_KEPT = 40
"""Terms of a day's titles that a tally names, the commonest first."""
_SHORTEST = 3
"""Letters of a term that stands alone; `3d` and `of` say little."""


class Tally(Frozen):
    """One category or archive on one announcement day.

    Attributes:
        counts: Stored papers, by announce type.
        code: How many of the new and cross-listed ones link a repository or project page.
        terms: In how many titles of new and cross-listed papers each of the commonest terms stands: words and pairs of
            words, folded (`digest.selection.words`), in the singular.
    """

    counts: Counts = Counts()
    code: int = 0
    terms: dict[str, int] = Field(default_factory=dict)

    @property
    def papers(self) -> int:
        """New and cross-listed papers: what a reader sees of the day."""
        return self.counts.new + self.counts.cross


def tally_of(listing: Listing) -> Tally:
    """Return the numbers of a listing."""
    papers = [paper for paper in listing.papers if not paper.announce_type.is_replacement]
    found = Counter(term for paper in papers for term in terms_of(paper.title))
    commonest = sorted(found.items(), key=lambda one: (-one[1], -len(one[0]), one[0]))[:TERMS_KEPT]
    return Tally(counts=listing.counts, code=sum(bool(paper.code_url) for paper in papers), terms=dict(commonest))


def terms_of(title: str) -> set[str]:
    """Return the words of a title that say something, and the pairs of neighbours among them, each once."""
    words = [base(word) for word in spaced_compounds(fold(title)).split()]
    said = [word if _says_something(word) else "" for word in words]
    pairs = (f"{left} {right}" for left, right in pairwise(said) if left and right)
    return {word for word in said if word} | set(pairs)


def added(tallies: Iterable[Tally]) -> Tally:
    """Return tallies of several days as one."""
    terms: Counter[str] = Counter()
    counts, code = Counts(), 0
    for one in tallies:
        terms.update(one.terms)
        counts += one.counts
        code += one.code
    return Tally(counts=counts, code=code, terms=dict(terms))


def _says_something(word: str) -> bool:
    return len(word) >= _SHORTEST and word not in STOP_WORDS and not word.isdigit()
