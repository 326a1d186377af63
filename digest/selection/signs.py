"""What people write because other search engines understand it: names of fields, signs, and how to say it here.

Sources: arXiv API user's manual (fields); Lucene's query syntax (`~`, `^`, `[… TO …]`), which arXiv's API passes on.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from digest.selection.query import ENCODED, FIELDS

ALIASES = {
    "title": "ti",
    "titles": "ti",
    "intitle": "ti",
    "author": "au",
    "authors": "au",
    "inauthor": "au",
    "abstract": "abs",
    "category": "cat",
    "categories": "cat",
    "subject": "cat",
    "comment": "co",
    "comments": "co",
    "journal": "jr",
    "journal_ref": "jr",
    "jref": "jr",
    "arxiv": "id",
    "arxiv_id": "id",
    "eprint": "id",
    "any": "all",
    "anywhere": "all",
}
"""Other names of arXiv's fields."""
DATES_HINT = (
    "arXiv's listings don't date submissions; days=3 keeps three announcements, /digest/2026-01-29 shows that day, "
    "and /search/rss?query= asks arXiv itself"
)
SIGN_ALONE_HINT = (
    "a sign belongs to a word: -word leaves it out, +word demands it; between conditions write AND, OR, ANDNOT"
)
_REPORT_HINT = "arXiv's listings have no report numbers; /search/rss?query=rn:… asks arXiv itself"
_ELSEWHERE_HINT = "arXiv's listings don't have it; fields are " + " ".join(f"{field}:" for field in FIELDS)


def _listed(text: str, hint: str) -> dict[str, str]:
    return dict.fromkeys(text.split(), hint)


_REFUSED = {
    **_listed("submitteddate lastupdateddate date submitted updated published announced daterange", DATES_HINT),
    **_listed("year month since before after from_date to_date", DATES_HINT),
    **_listed("rn report reportno report_no report_num report_number", _REPORT_HINT),
    **_listed("affil affiliation aff acm acm_class msc msc_class license licence submitter orcid", _ELSEWHERE_HINT),
    **_listed("lang language fulltext full body", _ELSEWHERE_HINT),
    "site": "all papers here are arXiv's",
    "filetype": "all papers are PDFs",
    "has": "write has=code as a parameter of its own",
    "type": "write types=new as a parameter of its own",
}

_LISTED_HINT = "write OR between alternatives, AND where all must occur, or put the words in quotes"
_NAME_HINT = 'write au:"Bengio, Y."; several authors: au:(Bengio OR Hinton)'
_NEAR_HINT = (
    "words near each other, similar words and weights can't be asked for: use AND, OR, or word* for all endings"
)
_STARRED_LETTER = re.compile(r"(?<![^\W_])[A-Za-z]\*(?![*\w])")
_COMMAS = "[,;\uff0c\u3001\uff1b]"
_MINUSES = "[-\u2212\u2013\u2014!+]"


class Foreign(NamedTuple):
    """A sign that means nothing here: where in the word it stands, what to say, and what to write instead."""

    position: int
    message: str
    hint: str


_WORD_SIGNS = (
    (re.compile(r"(?<!\\)~|^\^|(?<=[A-Za-z]{4})\^(?=[\d.]+$)"), "{} isn't allowed here", _NEAR_HINT),
    (re.compile(r"^(?:NEAR(?:/\d+)?|(?:ADJ|PRE|WITHIN|W|N)/\d+)$"), "{} is no operator here", _NEAR_HINT),
    (
        re.compile(ENCODED),
        "{} isn't allowed here: the query is encoded twice",
        "write the character itself",
    ),
    (re.compile("&&"), "{} isn't allowed within a word", "write AND between conditions"),
    (
        re.compile(rf"^{_MINUSES}+(?=\w)"),
        "a word can't begin with {}",
        "write -word to leave it out, or put it in quotes",
    ),
)
_LISTS = re.compile(rf"{_COMMAS}(?!\d)|(?<!\d){_COMMAS}"), "{} isn't allowed here: it joins no conditions", _LISTED_HINT
_NAME_LISTS = re.compile(rf"{_COMMAS}$|[;\uff1b]"), "{} isn't allowed here: it joins no conditions", _NAME_HINT


def field_of(name: str) -> str | None:
    """Return arXiv's field of that name, in any case, short or long; None if there is none."""
    lower = name.lower()
    return lower if lower in FIELDS else ALIASES.get(lower)


def refused_field(name: str) -> str:
    """Return how to say what a field of other engines means, "" for a name that is none."""
    return _REFUSED.get(name.lower(), "")


def is_refused_field(name: str) -> bool:
    """Tell whether other engines have such a field, in small letters."""
    return name in _REFUSED


def stray_star(text: str) -> int | None:
    """Return where in a phrase a star stands that is no part of a name (A*, C*-algebra), None if none does."""
    names = {found.end() - 1 for found in _STARRED_LETTER.finditer(text)}
    return next((place for place, sign in enumerate(text) if sign == "*" and place not in names), None)


def foreign_sign(field: str, word: str) -> Foreign | None:
    """Return the first sign of an unquoted word that means something in other engines and nothing here."""
    if field in {"id", "doi", "cat"}:
        return None
    for pattern, message, hint in (*_WORD_SIGNS, _NAME_LISTS if field == "au" else _LISTS):
        if found := pattern.search(word):
            return Foreign(found.start(), message.format(found[0]), hint)
    return None
