"""The examples of docs/reference/filters.md hold."""

import re
from pathlib import Path

import pytest
import yaml

from digest.errors import QuerySyntaxError
from digest.selection import Scoring, Selection, parse_query, select
from tests.selection.selection_papers import make_paper

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "filters.md").read_text(encoding="utf-8")


def rows(*header):
    """The rows of all tables with this header."""
    tables = re.findall(
        rf"^\| {' [|] '.join(map(re.escape, header))} \|\n\|[ |-]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE
    )
    found = [line.strip().removeprefix("|").removesuffix("|") for table in tables for line in table.splitlines()]
    assert found, header
    return [[cell.strip().strip("`").replace(r"\|", "|") for cell in split_row(line)] for line in found]


def split_row(line):
    """Cells; a | within `code` belongs to it."""
    return re.findall(r"(?:`[^`]*`|[^|`])+", line)


def texts(cell):
    return [text.strip() for text in cell.split(";") if text.strip()]


def finds(selection, **fields):
    return bool(select([make_paper(**fields)], selection).entries)


@pytest.mark.parametrize(("term", "found", "left_out"), rows("term", "finds", "leaves out"))
def test_words(term, found, left_out):
    selection = Selection(include=(term,))
    assert [text for text in texts(found) if not finds(selection, title=text)] == []
    assert [text for text in texts(left_out) if finds(selection, title=text)] == []


@pytest.mark.parametrize(("query", "found", "left_out"), rows("query", "finds", "leaves out"))
def test_queries(query, found, left_out):
    selection = Selection(q=query)
    assert [text for text in texts(found) if not finds(selection, title=text)] == []
    assert [text for text in texts(left_out) if finds(selection, title=text)] == []


@pytest.mark.parametrize(("author", "found", "left_out"), rows("author", "finds", "leaves out"))
def test_authors(author, found, left_out):
    for selection in (Selection(author=(author,)), Selection(q=f'au:"{author}"')):
        assert [name for name in texts(found) if not finds(selection, authors=(name,))] == []
        assert [name for name in texts(left_out) if finds(selection, authors=(name,))] == []


@pytest.mark.parametrize(("query", "sent"), rows("query", "sent to arXiv"))
def test_what_arxiv_is_sent(query, sent):
    assert parse_query(query).to_arxiv() == sent


@pytest.mark.parametrize(("query", "answer"), rows("query", "answer"))
def test_errors(query, answer):
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(query)
    assert str(caught.value) == answer


@pytest.mark.parametrize(("title", "points", "why"), rows("title", "points", "why"))
def test_scores(title, points, why):
    block = next(block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "keywords:" in block)
    scoring = Scoring(**yaml.safe_load(block)["scoring"])
    (entry,) = select([make_paper(title=title)], Selection(scoring=scoring)).entries
    assert entry.score == float(points)
    assert [f"{m.rule} {m.term} in {m.field} {m.points:+g}" for m in entry.matches] == texts(why)
