import pytest

from digest.arxiv.taxonomy import groups
from digest.selection import Selection, parse_query, select
from digest.selection.categories import is_archive, spellings
from digest.selection.indexing import PaperIndex
from digest.selection.matching import compile_query, failing_part, holding_part
from digest.selection.query import Query, Term
from tests.selection.selection_papers import make_paper

PAPER = make_paper(
    id="2601.05174",
    version=2,
    title="Speculative decoding for low-rank transformers",
    authors=("Yoshua Bengio", "Zoë Müller"),
    abstract="We study the scaling of drafts. It's all attention.",
    categories=("cs.CL", "math.IT"),
    comment="Accepted at ICML 2026, 12 pages",
    journal_ref="J. Mach. Learn. Res. 27 (2026)",
    doi="10.1000/ABC 10.1000/def",
)


def holds(query, paper=PAPER):
    return compile_query(parse_query(query))(PaperIndex()[paper])


@pytest.mark.parametrize(
    "query",
    [
        "ti:transformer",
        'ti:"speculative decoding"',
        "ti:low rank",
        "ti:decod*",
        "abs:draft",
        "co:icml",
        'jr:"mach learn"',
        "au:bengio_y",
        'au:"Müller, Z."',
        "au:mull*",
        "cat:cs.CL",
        "cat:cs.cl",
        "cat:cs",
        "cat:cs.*",
        "cat:cs.IT",
        "cat:math.IT",
        "cat:math*",
        "id:2601.05174",
        "id:2601.05174v2",
        "id:https://arxiv.org/abs/2601.05174",
        "id:2601.*",
        "doi:10.1000/abc",
        "doi:10.1000/*",
        "decoding",
        "drafts",
        "icml",
        "mach",
        "bengio",
        '"zoe muller"',
        "cs.CL",
        "2601.05174",
        "10.1000/def",
        "10.1000/*",
        "ti:nothing OR abs:draft",
        "ti:decoding ANDNOT abs:nothing",
        "NOT ti:draft",
        "NOT (ti:draft OR abs:decoding)",
    ],
)
def test_a_paper_is_what_the_query_asks_for(query):
    assert holds(query)


@pytest.mark.parametrize(
    "query",
    [
        "NOT ti:decoding",
        "10.1001/*",
        "ti:draft",
        "abs:decoding",
        'ti:"decoding speculative"',
        "ti:coding",
        "co:neurips",
        "au:hinton",
        "cat:cs.LG",
        "cat:stat",
        "cat:c",
        "id:2601.05174v3",
        "id:2601.0517",
        "doi:10.1000/ab",
        "nothing",
        "cs.LG",
        "ti:decoding ANDNOT abs:draft",
        "ti:decoding AND abs:nothing",
    ],
)
def test_a_paper_is_not_what_the_query_asks_for(query):
    assert not holds(query)


def test_an_unknown_version_may_be_the_one_asked_for():
    assert holds("id:2601.05174v3", PAPER.model_copy(update={"version": None}))


def test_the_other_names_of_categories_are_those_of_the_taxonomy():
    categories = [one for group in groups() for archive in group.archives for one in archive.categories]
    names = {one.code: {one.code} for one in categories}
    for one in categories:
        if one.alias_of:
            names[one.code].add(one.alias_of)
            names[one.alias_of].add(one.code)
    assert {code: set(spellings(code)) for code in names} == names


@pytest.mark.parametrize("code", ["cs", "hep-th", "math-ph", "astro-ph"])
def test_archives_are_those_of_the_taxonomy(code):
    assert is_archive(code)


@pytest.mark.parametrize("code", ["nonsense", "cs.LG", "math.MP", "cmp-lg", "c", ""])
def test_nothing_else_is_an_archive(code):
    assert not is_archive(code)


def test_aliases_are_of_categories_not_of_archives():
    paper = make_paper(categories=("eess.SY", "math-ph"))
    assert holds("cat:cs.SY", paper)
    assert holds("cat:math.MP", paper)
    assert not holds("cat:cs OR cat:cs.* OR cat:math", paper)


@pytest.mark.parametrize("field", ["ti", "au", "id", "all"])
def test_a_condition_without_words_holds_for_no_paper(field):
    """The parser refuses these; a tree made by hand may hold one."""
    assert not compile_query(Query(Term(field, "--")))(PaperIndex()[PAPER])


def test_missing_texts_hold_nothing():
    bare = make_paper(abstract="", authors=())
    assert not any(holds(query, bare) for query in ("co:a", "jr:a", "doi:10.1/a", "abs:a", "au:a"))


def test_the_reason_names_the_conditions_that_decide():
    paper = PaperIndex()[PAPER]
    query = parse_query("ti:decoding AND (abs:nothing OR abs:none) AND cat:cs.LG AND au:bengio")
    assert failing_part(query, paper) == "(abs:nothing OR abs:none) AND cat:cs.LG"
    assert holding_part(query, paper) == ""
    query = parse_query("ti:decoding AND (abs:nothing OR abs:draft) ANDNOT cat:cs.LG")
    assert failing_part(query, paper) == ""
    assert holding_part(query, paper) == "ti:decoding AND abs:draft AND NOT cat:cs.LG"


def test_include_means_title_or_abstract():
    papers = [PAPER, make_paper(comment="draft")]
    assert len(select(papers, Selection(include="draft")).entries) == 1
