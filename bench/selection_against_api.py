"""Filter locally and ask a query API the same: how far the two agree, and why they differ where they do.

    python -m bench.selection_against_api http://localhost:8790 [--show]

The address is that of something that answers like arXiv's query API over a few thousand papers; all of them
are fetched first. A paper that only one side finds is looked at again with the API's rules instead of ours,
one after the other; the first rule that makes the difference go away is its reason.
"""

from __future__ import annotations

import argparse
import re
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from lxml import etree

from digest.models import Author, Paper
from digest.selection import PaperIndex, Query, parse_query
from digest.selection.matching import compile_query
from digest.selection.query import And, Node, Not, Or, Term
from digest.selection.words import fold

QUERIES = (
    'ti:"speculative decoding" OR abs:"speculative decoding"',
    "ti:transformer",
    'abs:"reinforcement learning" AND cat:cs.RO',
    "abs:low-rank ANDNOT ti:survey",
    'all:"graph neural network"',
    "au:wang_y AND cat:cs.CV",
    'au:"Y. Zhang"',
    "ti:quantum OR abs:quantum AND cat:cs.*",
    "(ti:quantum OR abs:quantum) AND cat:cs.*",
    "ti:diffusion ANDNOT (abs:image OR abs:video)",
    "cat:cs.SY",
    "cat:math AND abs:conjecture",
    "ti:learn*",
    'abs:"state of the art" AND ti:benchmark',
    "abs:fine-tuning AND abs:quantization",
    "ti:LLM OR ti:LLMs",
    'abs:"dark matter" AND (ti:halo OR ti:galaxies)',
    'abs:"O(n log n)" OR ti:polynomial',
    "au:muller OR au:schrodinger OR au:garcia",
    "NOT cat:cs.* AND ti:neural",
)
ATOM = {"a": "http://www.w3.org/2005/Atom", "arxiv": "http://arxiv.org/schemas/atom"}
PAGE = 1000
Says = Callable[[Term, Paper], bool]


def ask(address: str, query: str) -> Iterator[etree._Element]:
    start = 0
    while True:
        parameters = {"search_query": query, "start": start, "max_results": PAGE, "sortBy": "submittedDate"}
        url = f"{address}/api/query?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=60) as answer:
            page = etree.fromstring(answer.read()).findall("a:entry", ATOM)
        yield from page
        start += len(page)
        if len(page) < PAGE:
            return


def text(entry: etree._Element, path: str) -> str:
    return " ".join((entry.findtext(path, "", ATOM) or "").split())


def ident(entry: etree._Element) -> str:
    return re.sub(r"v\d+$", "", text(entry, "a:id").partition("/abs/")[2])


def read_paper(entry: etree._Element) -> Paper:
    return Paper(
        id=ident(entry),
        title=text(entry, "a:title"),
        abstract=text(entry, "a:summary"),
        authors=tuple(
            Author(name=" ".join((name.text or "").split())) for name in entry.findall("a:author/a:name", ATOM)
        ),
        categories=tuple(category.get("term") for category in entry.findall("a:category", ATOM)),
        primary_category=entry.findall("arxiv:primary_category", ATOM)[0].get("term", ""),
        announce_type="new",
        announced=datetime.fromisoformat(text(entry, "a:published")).date(),
        comment=text(entry, "arxiv:comment") or None,
        journal_ref=text(entry, "arxiv:journal_ref") or None,
        doi=text(entry, "arxiv:doi") or None,
    )


STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "if",
        "in",
        "into",
        "is",
        "it",
        "no",
        "not",
        "of",
        "on",
        "or",
        "such",
        "that",
        "the",
        "their",
        "then",
    ]
)
ENDING = re.compile(
    r"(?:ations?|ators?|ates?|ated|ating|izations?|ized?|izing|ings?|ed|ers?|ors?|ions?|es|s|e|al|ive|y|ies|ment)$"
)


def stems(words: str) -> list[str]:
    found = [word for word in re.findall(r"\w+", fold(words).replace("-", " ")) if word not in STOP_WORDS]
    for _ in range(2):
        found = [ENDING.sub("", word) if len(word) > 4 else word.removesuffix("s") for word in found]
    return found


def stemmed(term: Term, paper: Paper) -> bool:
    """The API compares stems and drops small words."""
    where = {"ti": paper.title, "abs": paper.abstract}.get(term.field)
    if where is None or term.prefix:
        return says(term, paper)
    asked, held = stems(term.text), stems(where)
    return any(held[at : at + len(asked)] == asked for at in range(len(held)))


def unstemmed(term: Term, paper: Paper) -> bool:
    """In `all:` the API compares phrases word by word, plurals too."""
    if term.field != "all":
        return says(term, paper)
    asked = fold(term.text).split()
    texts = (paper.title, paper.abstract, paper.comment or "")
    held = (re.findall(r"\w+", each.lower()) for each in texts)
    return any(words[at : at + len(asked)] == asked for words in held for at in range(len(words)))


def any_names(term: Term, paper: Paper) -> bool:
    """In `au:` the API looks for each word among all names of all authors; a hyphenated name is one word."""
    if term.field != "au":
        return says(term, paper)
    names = {word for author in paper.authors for word in re.sub(r"[^\w\s-]", " ", fold(author.name)).split()}
    words = fold(term.text.replace("_", " ")).split()
    return all(
        any(name.startswith(word) for name in names) if len(word) == 1 or term.prefix else word in names
        for word in words
    )


index = PaperIndex()


def says(term: Term, paper: Paper) -> bool:
    return compile_query(Query(term))(index[paper])


REASONS: dict[str, Says] = {
    "other inflection, or small words between (API stems)": stemmed,
    "plural (API: exact words in all:)": unstemmed,
    "initial of another name or author, part of a hyphenated name": any_names,
}


def holds(node: Node, paper: Paper, rule: Says) -> bool:
    match node:
        case Term():
            return rule(node, paper)
        case Not(part):
            return not holds(part, paper, rule)
        case And(parts):
            return all(holds(part, paper, rule) for part in parts)
        case Or(parts):
            return any(holds(part, paper, rule) for part in parts)


def reason(query: Query, paper: Paper, *, found_by_api: bool) -> str:
    for name, rule in REASONS.items():
        if holds(query.root, paper, rule) == found_by_api:
            return name
    return "unexplained"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", help="base address of the query API, like http://localhost:8790")
    parser.add_argument("--show", action="store_true", help="name each paper that differs")
    options = parser.parse_args()
    everything = ask(options.address, "submittedDate:[199001010000 TO 209912312359]")
    papers = {paper.id: paper for paper in map(read_paper, everything)}
    print(f"{len(papers)} papers; precision: of what we find, what the API finds; recall: the reverse\n")
    print(f"{'query':58} {'ours':>5} {'API':>5} {'both':>5} {'prec.':>6} {'recall':>6}")
    total = Counter[str]()
    for asked in QUERIES:
        query = parse_query(asked)
        ours = {paper_id for paper_id, paper in papers.items() if compile_query(query)(index[paper])}
        theirs = {ident(entry) for entry in ask(options.address, query.to_arxiv())}
        both = len(ours & theirs)
        precision, recall = (both / len(found) if found else 1.0 for found in (ours, theirs))
        print(f"{asked:58} {len(ours):5} {len(theirs):5} {both:5} {precision:6.2f} {recall:6.2f}")
        total.update(ours=len(ours), theirs=len(theirs), both=both)
        for side, only in (("only ours", ours - theirs), ("only API", theirs - ours)):
            reasons = Counter(reason(query, papers[each], found_by_api=each in theirs) for each in only)
            for why, number in reasons.most_common():
                print(f"    {side} {number}: {why}")
                total[why] += number
            for each in sorted(only) if options.show else ():
                print(f"        {each} {papers[each].title}")
    print(f"\nall queries: {dict(total)}")


if __name__ == "__main__":
    main()
