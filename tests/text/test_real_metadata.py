"""A day of real titles, abstracts and names: nothing ill-formed, unstable or lost, and nearly all math readable."""

import gzip
import json
import re
from pathlib import Path

import pytest
from lxml import etree

from digest.text import clean_abstract, clean_title, math_spans, parse_authors, to_html_paragraphs, to_plain

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "arxiv_replica" / "data"


@pytest.fixture(scope="module")
def papers():
    files = sorted(DATA.glob("days/*.jsonl.gz"))
    if not files:
        pytest.skip(f"no recorded listings below {DATA}")
    lines = gzip.decompress(files[-1].read_bytes()).decode().strip().split("\n")
    lines += (DATA / "edge" / "edge_cases.jsonl").read_text(encoding="utf-8").strip().split("\n")
    return [json.loads(line) for line in lines]


def test_cleaning_is_stable_and_output_well_formed(papers):
    for paper in papers:
        title, abstract = clean_title(paper["title"]), clean_abstract(paper["abstract"])
        assert (clean_title(title), clean_abstract(abstract)) == (title, abstract), paper["id"]
        etree.fromstring(f"<div>{to_html_paragraphs(abstract)}</div>".encode())


def test_nearly_all_math_is_shown_without_tex(papers):
    texts = [clean_title(paper["title"]) for paper in papers] + [clean_abstract(paper["abstract"]) for paper in papers]
    formulas = [text[span.start : span.end] for text in texts for span in math_spans(text)]
    left = [formula for formula in formulas if to_plain(formula) == formula and "\\" in formula]
    assert len(formulas) > 500
    assert len(left) / len(formulas) < 0.03


def test_no_word_outside_tex_is_lost(papers):
    for paper in papers:
        if not paper["abstract"].isascii() or any(sign in paper["abstract"] for sign in "\\$&"):
            continue
        shown = clean_abstract(paper["abstract"])
        assert re.findall(r"[A-Za-z]+", shown) == re.findall(r"[A-Za-z]+", paper["abstract"]), paper["id"]


def test_no_author_keeps_tex(papers):
    for paper in papers:
        authors = parse_authors(paper["authors"])
        assert authors
        assert not [author.name for author in authors if re.search(r"\\[A-Za-z'\"]|[{}$]", author.name)]
