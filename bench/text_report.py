"""How well real metadata read after `digest.text`: what stays TeX and why, what is lost, what is ill-formed, how fast.

    python bench/text_report.py DATA [--sample 200] [--left] [--formulas 100]

DATA is a folder with `*.jsonl` or `*.jsonl.gz` below it, one paper a line with `title`, `abstract`, `authors` (one
string) and `comments`, all as arXiv stores them. Exit status 1 if a word is lost, an output is ill-formed, or cleaning
twice differs from cleaning once.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import html5lib
from lxml import etree

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from digest.config.views import MathMode
from digest.text import (
    clean_abstract,
    clean_comment,
    clean_title,
    find_code_url,
    math_spans,
    parse_authors,
    to_html,
    to_html_paragraphs,
    to_plain,
)
from digest.text import output as text_output
from digest.text.math_linear import write_html
from digest.text.math_nodes import MathError
from digest.text.math_parser import parse_math
from digest.text.text_tables import names

_ALLOWED = names(
    "div p sup sub em math mrow mi mn mo mtext mspace msup msub msubsup mfrac msqrt mroot mover munder munderover "
    "mtable mtr mtd"
)
_TEX = re.compile(r"\\[A-Za-z]+|\\[^\s\w]")


def main() -> int:
    arguments = _arguments()
    rows = list(_read(arguments.data))
    papers = [(clean_title(row["title"]), clean_abstract(row["abstract"]), row) for row in rows]
    print(f"papers                        {len(rows):6,}")
    _report_tex(papers, show=arguments.left)
    _report_math(papers, samples=arguments.formulas)
    faults = _report_faults(papers)
    _report_links(papers, show=arguments.left)
    _report_names(rows, arguments.sample)
    _report_speed(rows)
    return 1 if faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument(
        "--sample", type=int, default=0, help="print that many names and words with accents, to be read"
    )
    parser.add_argument("--formulas", type=int, default=0, help="print that many formulas, before and after")
    parser.add_argument("--left", action="store_true", help="print what stays TeX, and links not taken")
    return parser.parse_args()


def _read(folder: Path) -> Iterator[dict[str, str]]:
    for path in sorted(folder.rglob("*.jsonl*")):
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _report_tex(papers: list[tuple[str, str, dict[str, str]]], *, show: bool) -> None:
    with_tex = [
        p for p in papers if any(_TEX.search(p[2][key]) or math_spans(p[2][key]) for key in ("title", "abstract"))
    ]
    left: list[tuple[dict[str, str], list[str]]] = []
    causes: Counter[str] = Counter()
    for title, abstract, row in with_tex:
        shown = to_plain(title) + " " + _visible_text(to_html_paragraphs(abstract))
        remains = _TEX.findall(shown) + [
            f"${span.tex}$" for span in math_spans(title) + math_spans(abstract) if f"${span.tex}$" in shown
        ]
        if remains:
            left.append((row, remains))
            causes.update(remains)
    print(f"with TeX in title or abstract {len(with_tex):6,}")
    print(f"  shown without any TeX       {len(with_tex) - len(left):6,}  {1 - len(left) / len(with_tex):.2%}")
    print(f"  with some TeX left          {len(left):6,}  most often: {causes.most_common(20)}")
    if show:
        for row, remains in left:
            print("    ", row["id"], remains)


def _report_math(papers: list[tuple[str, str, dict[str, str]]], *, samples: int) -> None:
    outcomes: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    mathml_causes: Counter[str] = Counter()
    examples: dict[str, str] = {}
    holding = 0
    for title, abstract, _ in papers:
        spans = math_spans(title) + math_spans(abstract)
        holding += bool(spans)
        for span in spans:
            try:
                node = parse_math(span.tex)
            except MathError as error:
                outcomes["TeX"] += 1
                causes[str(error)] += 1
                continue
            try:
                write_html(node, strict=True, display=span.display)
                outcomes["Unicode and HTML"] += 1
            except MathError as error:
                outcomes["MathML"] += 1
                mathml_causes[str(error)] += 1
            examples[span.tex] = to_html(f"${span.tex}$")
    total = outcomes.total()
    print(f"papers with math              {holding:6,}")
    print(f"formulas                      {total:6,}")
    for name in ("Unicode and HTML", "MathML", "TeX"):
        print(f"  {name:<18}          {outcomes[name]:6,}  {outcomes[name] / total:.2%}")
    print(f"  why MathML: {mathml_causes.most_common(20)}")
    print(f"  why TeX:    {causes.most_common(20)}")
    for tex in random.Random(7).sample(sorted(examples), min(samples, len(examples))):
        print(f"    {tex}  ⟶  {examples[tex]}")


def _report_faults(papers: list[tuple[str, str, dict[str, str]]]) -> int:
    changed = [
        row["id"]
        for title, abstract, row in papers
        if clean_title(title) != title or clean_abstract(abstract) != abstract or not _authors_stable(row["authors"])
    ]
    ill_formed: list[str] = []
    lost: list[tuple[str, list[str]]] = []
    for title, abstract, row in papers:
        for mode in MathMode:
            for html in (f"<div>{to_html(title, mode)}</div>", f"<div>{to_html_paragraphs(abstract, mode)}</div>"):
                ill_formed += [f"{row['id']} {mode}: {problem}" for problem in _problems(html)]
        missing = _missing(row["title"], to_plain(title)) + _missing(
            row["abstract"], _visible_text(to_html_paragraphs(abstract))
        )
        missing += _missing(row["comments"], to_plain(clean_comment(row["comments"])))
        missing += _missing(
            row["authors"], " ".join(f"{a.name} {a.affiliation}" for a in parse_authors(row["authors"])), names=True
        )
        if missing:
            lost.append((row["id"], missing))
    print(f"changed by cleaning twice     {len(changed):6,}  {changed[:20]}")
    print(f"ill-formed outputs            {len(ill_formed):6,}  {ill_formed[:20]}")
    print(f"papers that lost words        {len(lost):6,}")
    for ident, words in lost[:40]:
        print("    ", ident, words[:12])
    return len(changed) + len(ill_formed) + len(lost)


def _authors_stable(raw: str) -> bool:
    authors = parse_authors(raw)
    return all(clean_title(author.name) == author.name for author in authors)


def _problems(html: str) -> list[str]:
    """What an XML parser and an HTML parser say about a fragment, and where they differ."""
    try:
        tree = etree.fromstring(html.encode())
    except etree.XMLSyntaxError as error:
        return [f"XML: {error}"]
    problems = [f"element {element.tag}" for element in tree.iter() if element.tag not in _ALLOWED]
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=True)
    fragment = parser.parseFragment(html)
    problems += [f"HTML: {error}" for error in parser.errors]
    seen = [etree.QName(element).localname for element in fragment[0].iter()]
    if seen != [element.tag for element in tree.iter()]:
        problems.append("parsers see different elements")
    if list(map(str, fragment[0].itertext())) != list(map(str, tree.itertext())):
        problems.append("parsers see different text")
    return problems


def _visible_text(html: str) -> str:
    return " ".join("".join(map(str, part.itertext())) for part in etree.fromstring(f"<div>{html}</div>".encode()))


def _missing(raw: str, shown: str, *, names: bool = False) -> list[str]:
    """Words of *raw* that *shown* doesn't hold, and letters that it holds less often; commands and their keys apart."""
    bare = re.sub(r"\\(?:begin|end|label|cite\w*|ref|textcolor|color|vspace|hspace|unicode|ding)\s*\{[^}]*\}", " ", raw)
    bare = re.sub(r"\\c\{opyright\}|&#?\w{1,31};|\}\s*(?=\{)|\\[_&]|\$", " ", bare)
    bare = re.sub(r"\\([ij]|aa|AA)\b", lambda found: found[1][0], bare)
    bare = re.sub(r"\\(?:[oOlL]|ss|ae|AE|oe|OE|dh|dj|DJ|th)\b", "", bare)
    bare = re.sub(r"\\[^A-Za-z\s]|\\[cvuHkrdbt](?=[\s{])|[{}]", "", bare)
    bare = re.sub(r"\\[A-Za-z]+", " ", bare)
    if names:
        bare = re.sub(r"\b(?:and|for|the|on|behalf|of|edited|by)\b", " ", bare, flags=re.IGNORECASE)
    bare = _fold(bare)
    together = "".join(_letters(shown))
    words = [word for word in re.findall(r"[A-Za-z]+", bare) if word not in together]
    fewer = Counter(_letters(bare)) - Counter(_letters(shown))
    # a collaboration or an address named twice stands there once
    return words + ([f"letters {fewer}"] if fewer and not names and "href" not in raw else [])


def _fold(text: str) -> str:
    """Letters without their accents; the letters that TeX has commands for count as none."""
    decomposed = unicodedata.normalize("NFKD", re.sub("[øØłŁßæÆœŒđĐðÐþÞŋ]", "", text.replace("ı", "i")))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _letters(text: str) -> Iterable[str]:
    return (character for character in _fold(text) if character.isascii() and character.isalpha())


def _report_links(papers: list[tuple[str, str, dict[str, str]]], *, show: bool) -> None:
    hosts: Counter[str] = Counter()
    mentioned = found = 0
    missed: list[str] = []
    for _, abstract, row in papers:
        comment = clean_comment(row["comments"])
        url = find_code_url(abstract, comment)
        link = re.search(r"(?:https?://|github\.com/|\w\.github\.io)\S*", f"{abstract} {comment}")
        mentioned += link is not None
        found += url is not None
        if url:
            hosts[url.split("/")[2]] += 1
        elif link:
            missed.append(link[0])
    print(f"papers with an address        {mentioned:6,}")
    print(f"  with a code or project link {found:6,}  {hosts.most_common(8)}")
    if show:
        print(f"  addresses not taken: {missed}")


def _report_names(rows: list[dict[str, str]], sample: int) -> None:
    lists = {row["authors"]: parse_authors(row["authors"]) for row in rows}
    authors = [author for listed in lists.values() for author in listed]
    odd = [a.name for a in authors if re.search(r"[\\{}$()]|^\W|\band\b", a.name)]
    print(f"authors                       {len(authors):6,}  {len(odd)} of them odd: {odd[:8]}")
    print(f"  with affiliation            {sum(a.affiliation is not None for a in authors):6,}")
    chooser = random.Random(11)
    accented = sorted({raw for raw in lists if "\\" in raw})
    for raw in chooser.sample(accented, min(sample, len(accented))):
        pairs = zip(raw.split(", "), (author.name for author in lists[raw]), strict=False)
        for before, after in [pair for pair in pairs if "\\" in pair[0]][:1]:
            print(f"    {before}  ⟶  {after}")


def _report_speed(rows: list[dict[str, str]]) -> None:
    abstracts = [row["abstract"] for row in rows]
    started = time.perf_counter()
    clean = [clean_abstract(abstract) for abstract in abstracts]
    cleaned = time.perf_counter()
    for cached in (text_output._html_math, text_output._plain_math):  # noqa: SLF001 (to measure without the cache's help)
        cached.cache_clear()
    for abstract in clean:
        to_html_paragraphs(abstract)
    ended = time.perf_counter()
    count = len(rows)
    print(
        f"abstracts a second            {count / (ended - started):6,.0f}  "
        f"(cleaning {count / (cleaned - started):,.0f}, rendering {count / (ended - cleaned):,.0f})"
    )
    started = time.perf_counter()
    for row in rows:
        parse_authors(row["authors"])
    print(f"author lists a second         {count / (time.perf_counter() - started):6,.0f}")


if __name__ == "__main__":
    sys.exit(main())
