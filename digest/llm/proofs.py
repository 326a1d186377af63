r"""Whether a quote proves a grade: it occurs, is long enough, is about the wish, and gives nobody orders. Pure.

A quote is compared word by word: white space, punctuation, case and the spelling of math (`$\alpha_{1}$`, α₁) make no
difference. What is kept and shown is the paper's own text at that place, never the model's copy of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from operator import mul
from typing import NamedTuple

from digest.models import Paper
from digest.selection.indexing import Text
from digest.selection.vectors import UNIT, count_words, load_vectors
from digest.selection.words import Vocabulary
from digest.summaries.wordlists import STOP_WORDS

FEWEST_WORDS = 5
MOST_WORDS = 80
_LEAST_SHARED = 2.2
"""What shared words must weigh by idf: one word of every ninth abstract, or two that are more common."""
_LEAST_COSINE = 0.2
_EVERYWHERE = frozenset(
    "about across also approach article based existing first framework from introduce method new novel one paper present "  # noqa: SIM905
    "propos propose result show study that two use using where which who with work".split()
)
"""Words that wishes and abstracts have in common whatever they are about, beside the stop words."""
_WORD = re.compile(r"\\[A-Za-z]+|[^\W_]+")
_PART = re.compile(r"[^\W\d_]+|\d+")
_GREEK = "GREEK "

_GRADER = (
    r"(?:ais?|llms?|(?:large\s+)?language\s+models?|graders?|judges?|reviewers?|assistants?|chatbots?|evaluators?)"
)
_BEST = r"(?:highest|top|maximum|maximal|full|best)(?:\s+possible)?"
_ORDERS = re.compile(
    rf"""\b(?:
    (?:ignore|disregard|forget)\s+(?:all|any|the|your|every|previous|prior|earlier)\b[\w\s]{{0,40}}\b(?:instruction|prompt|rule|order|paper)s?
    |as\s+an?\s+(?:ai|language\s+model)\b(?!\s*[-\w]*(?:\s+\w+)?\s+(?:judge|grader))
    |you\s+(?:are|must|should|have\s+to|will)\b
    |(?:dear|hello|hi)\s+(?:\w+\s+)?{_GRADER}\b
    |(?:note|message|hint|instructions?)\s+(?:to|for)\s+(?:the\s+|any\s+|an?\s+)?(?:\w+\s+)?{_GRADER}\s*[:,.!]
    |(?:grade|rate|score|rank|mark|judge)\s+(?:it|this|me|us|our)\b
    |(?:grade|rate|score)\s+(?:of\s+)?(?:[0-4]|four)\b(?!\s*[.,]?\d|\s*%)
    |(?:give|assign|award|deserves?|merits?|output|return|answer\s+with|respond\s+with)\s+(?:\w+\s+){{0,4}}?
     (?:grades?\b|(?:score|rating|mark)\s+of\b|{_BEST}\s+(?:scores?|ratings?|ranks?|marks?)\b)
    |{_BEST}\s+grades?\b
    |(?:exactly|precisely)\s+what\s+(?:the\s+)?(?:reader|user|you)\b
    |(?:matches|fulfil?ls|satisfies|fits|meets)\s+(?:\w+\s+){{0,3}}(?:wish|interests?\s+of\s+the\s+(?:reader|user))\b
    |the\s+reader['’]?s?\s+(?:wish|interest|request)
    |(?:begin|end)\s+papers?\b
    )|["“']\s*(?:grade|score|label|quote)\s*["”']\s*:""",
    re.IGNORECASE | re.VERBOSE,
)


class Place(NamedTuple):
    """Where a quote is."""

    field: str
    """`title` or `abstract`."""
    text: str
    """The paper's own text there."""


class _Spot(NamedTuple):
    """A word, normalised, and where it is in its text."""

    word: str
    begins: int
    ends: int


def find_quote(quote: str, paper: Paper) -> Place | None:
    """Return where *quote* is in abstract or title, None if it doesn't."""
    wanted = [spot.word for spot in _spots(quote)]
    for field in ("abstract", "title"):
        text: str = getattr(paper, field)
        spots = list(_spots(text))
        place = _index([spot.word for spot in spots], wanted)
        if place is not None:
            return Place(field, " ".join(text[spots[place].begins : spots[place + len(wanted) - 1].ends].split()))
    return None


def problem_with(quote: str, paper: Paper, wish: str) -> str:
    """Return why *quote* proves nothing, worded for the model; "" if it proves a grade."""
    if not quote.strip():
        return "the quote was missing"
    place = find_quote(quote, paper)
    if place is None:
        return "the quote is not in the title or abstract; copy it word by word"
    words = sum(any(map(str.isalnum, word)) for word in place.text.split())
    refusals = {
        f"the quote has fewer than {FEWEST_WORDS} words": words < FEWEST_WORDS,
        f"the quote has more than {MOST_WORDS} words; copy the one passage that counts": words > MOST_WORDS,
        "the quote speaks to whoever grades instead of about the work": addresses_grader(place.text),
        "the quote says nothing about the wish": not shares_content(place.text, wish),
    }
    return next((problem for problem, holds in refusals.items() if holds), "")


def addresses_grader(text: str) -> bool:
    """Whether a text seems to tell whoever grades it what to do. Errs on the side of yes: it costs a request, no more."""
    return bool(_ORDERS.search(unicodedata.normalize("NFKC", text)))


def shares_content(quote: str, wish: str) -> bool:
    """Whether a quote is about what a wish is about: by words that aren't everywhere, or by the vectors of both.

    A wish without a word that the fit knows, in another language than the abstracts, is let pass: nothing can be compared.
    """
    words = load_vectors()
    said, wished = (count_words((), Text(text, Vocabulary()).singular) for text in (quote, wish))
    shared = said.keys() & wished.keys() - STOP_WORDS - _EVERYWHERE
    if sum(map(words.idf_of, shared)) >= _LEAST_SHARED:
        return True
    one, other = (list(words.vector_of(words.profile(counts))) for counts in (said, wished))
    return not any(other) or sum(map(mul, one, other)) >= _LEAST_COSINE * UNIT**2


def _spots(text: str) -> Iterator[_Spot]:
    for found in _WORD.finditer(text):
        yield from (_Spot(part, found.start(), found.end()) for part in _normalised(found[0]))


def _normalised(word: str) -> list[str]:
    """Return a word as words that can be compared: letters and digits apart, Greek by name, commands of TeX left out."""
    if word.startswith("\\"):
        name = word[1:].lower()
        return [name] if _is_greek(name) else []
    folded = unicodedata.normalize("NFKC", word).casefold()
    parts = []
    for part in _PART.findall(folded):
        parts += [_greek_name(part)] if len(part) == 1 else [part]
    return parts


def _greek_name(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return name.rsplit(" ", 1)[-1].lower() if name.startswith(_GREEK) else letter


def _is_greek(name: str) -> bool:
    plain = name.removeprefix("var")
    return any(_known(f"GREEK {case} LETTER {plain.upper()}") for case in ("SMALL", "CAPITAL"))


def _known(name: str) -> bool:
    try:
        return bool(unicodedata.lookup(name))
    except KeyError:
        return False


def _index(words: Sequence[str], wanted: Sequence[str]) -> int | None:
    if not wanted:
        return None
    count = len(wanted)
    first = wanted[0]
    places = (place for place, word in enumerate(words) if word == first)
    return next((place for place in places if list(words[place : place + count]) == list(wanted)), None)
