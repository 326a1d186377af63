"""BibTeX as BibTeX itself reads it: its names, its braces, its warnings."""

import gzip
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.rendering.bibtex import bibtex
from digest.text import clean_title, has_more_authors, parse_authors, to_latex
from tests.builders import make_paper, papers

ROOT = Path(__file__).resolve().parents[2]
STYLE = ROOT / "tests" / "data" / "bibtex" / "names.bst"
PLAIN = Path("/usr/share/texlive/texmf-dist/bibtex/bst/base/plain.bst")
STYLES = ["names", "plain"] if PLAIN.exists() else ["names"]
"""Ours, and the commonest one where TeX Live's styles are installed."""
DAYS = sorted((ROOT.parent / "shared" / "arxiv_replica" / "data" / "days").glob("*.jsonl.gz"))


@pytest.fixture
def run_bibtex(tmp_path):
    """Return a function that gives papers to BibTeX; it returns the names of each entry, and what BibTeX complained of."""
    if not shutil.which("bibtex"):
        pytest.skip("there is no bibtex on this machine")
    (tmp_path / "names.bst").write_bytes(STYLE.read_bytes())

    def run(listed, style="names"):
        (tmp_path / "all.bib").write_text(bibtex(listed), encoding="utf-8")
        (tmp_path / "all.aux").write_text(
            f"\\citation{{*}}\n\\bibdata{{all}}\n\\bibstyle{{{style}}}\n", encoding="utf-8"
        )
        done = subprocess.run(["bibtex", "all"], cwd=tmp_path, capture_output=True, text=True, check=False)
        log = [
            line
            for line in done.stdout.splitlines()
            if not re.match(r"This is BibTeX|The |Database file|Capacity", line)
        ]
        text = (tmp_path / "all.bbl").read_text(encoding="utf-8", errors="replace").replace("\n  ", " ")
        entries = [part.splitlines() for part in re.split(r"^@", text, flags=re.MULTILINE)[1:]]
        return [[line.replace("~", " ") for line in entry[2:] if line] for entry in entries], log

    return run


NAMES = [
    ("The ORBIT Collaboration: Ann Lee", ["|{ORBIT Collaboration}||", "|Lee||Ann"], "orbit"),
    ("Roe Labs, A. Lee", ["|{Roe Labs}||", "|Lee||A."], "roe"),
    ("John Roe Jr., C. Moe", ["|Roe|Jr.|John", "|Moe||C."], "roe"),
    ("Ann Lee, et al.", ["|Lee||Ann", "others"], "lee"),
    ("Karl M. Roe III, Plato", ["|Roe|III|Karl M.", "|{Plato}||"], "roe"),
    ("Lucas van der Berg, Ludwig von Beethoven", ["van der|Berg||Lucas", "von|Beethoven||Ludwig"], "berg"),
    ("J.-L. Picard, Yo-Sub Han", ["|Picard||J.-L.", "|Han||Yo-Sub"], "picard"),
    ("Jürgen Müller, Øyvind Ågård", ["|Müller||Jürgen", "|Ågård||Øyvind"], "muller"),
    ("Øyvind van der Berg, Ludwig von Ågård", ["van der|Berg||Øyvind", "von|Ågård||Ludwig"], "berg"),
    ("Lucas Éric Roe, Åsa Öberg Lee", ["|Roe||Lucas Éric", "|Lee||Åsa Öberg"], "roe"),
    ("Ann Lee (for the ORBIT Collaboration)", ["|Lee||Ann", "|{ORBIT Collaboration}||"], "lee"),
    ("Acme Robotics Inc., Ann Lee", ["|{Acme Robotics Inc.}||", "|Lee||Ann"], "acme"),
    ("Sam_1 Roe & Co Team, Bo Kim", [r"|{Sam\_1 Roe \& Co Team}||", "|Kim||Bo"], "sam1"),
]


@pytest.mark.parametrize(("line", "names", "key"), NAMES)
def test_bibtex_reads_each_name_as_it_is_meant(run_bibtex, line, names, key):
    authors = [author.name for author in parse_authors(line)]
    paper = make_paper(authors=authors, more_authors=has_more_authors(line))
    (entry,), log = run_bibtex([paper])
    assert entry == names
    assert log == []
    assert bibtex([paper]).startswith(f"@misc{{{key}2026")


@pytest.mark.parametrize(
    "authors", [("Ann Lee", "et al."), ("Ann Lee", "and others"), ("Ann Lee et al.",), ("Ann Lee, et al",)]
)
def test_authors_whom_the_source_does_not_name_are_others(run_bibtex, authors):
    assert run_bibtex([make_paper(authors=authors)]) == ([["|Lee||Ann", "others"]], [])


@pytest.mark.parametrize(
    "authors", [("ORBIT and VELA Collaborations", "Ann Lee"), ("Lee, Ann", "Bo Kim"), ("Sales AND Co", "Bo Kim")]
)
def test_one_name_stays_one_name(run_bibtex, authors):
    (entry,), log = run_bibtex([make_paper(authors=authors)])
    assert (len(entry), log) == (2, [])


def test_a_paper_without_authors_has_what_it_is_sorted_by(run_bibtex):
    assert run_bibtex([make_paper(authors=())]) == ([[]], [])


@pytest.mark.parametrize(
    ("title", "written"),
    [
        (r"R\&D agents with $k$ experts", r"R\&D agents with $k$ experts"),
        ("Beating $100 GPUs", r"Beating \$100 GPUs"),
        ("From $5 to $10 & more", r"From \$5 to \$10 \& more"),
        ("snake_case and $x$", r"snake\_case and $x$"),
        (r"\$3 models & $\alpha$-decay at 50\%", r"\$3 models \& $\alpha$-decay at 50\%"),
        (r"\(x_1\) or $$y$$", "$x_1$ or $y$"),
        ("Issue #1 of {sets}", r"Issue \#1 of \textbraceleft{}sets\textbraceright{}"),
        (r"$\{a\}$ and $\{b$", r"$\{a\}$ and \textbraceleft{}b"),
        (r"$\alpha & \beta$ of $x_1%y$", r"\$\textbackslash{}alpha \& \textbackslash{}beta\$ of x₁\%y"),
        ("A~tie and a^caret", r"A\textasciitilde{}tie and a\textasciicircum{}caret"),
    ],
)
def test_text_is_escaped_and_math_is_kept(title, written):
    text = clean_title(title) if "sets" not in title and "tie" not in title else title
    assert to_latex(text) == written
    assert f"{{{{{written}}}}}" in bibtex([make_paper(title=text)])


@given(st.text(alphabet="ab $\\{}&%#_~^0(", max_size=40))
def test_what_latex_gets_closes_what_it_opens(text):
    written = to_latex(text)
    for braces in (written, re.sub(r"\\.", "", written)):
        depths = [braces[:end].count("{") - braces[:end].count("}") for end in range(len(braces) + 1)]
        assert min(depths) == 0 == depths[-1]
    assert re.sub(r"\\.", "", written).count("$") % 2 == 0
    assert not re.search(r"(?<!\\)[%#]", written)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(papers(), min_size=1, max_size=5, unique_by=lambda paper: paper.id))
def test_bibtex_reads_any_papers_without_complaint(run_bibtex, listed):
    entries, log = run_bibtex(listed)
    assert (len(entries), log) == (len(listed), [])


@pytest.mark.parametrize("style", STYLES)
def test_bibtex_reads_days_of_every_archive_without_complaint(run_bibtex, style):
    if not DAYS:
        pytest.skip("the collection of real papers is not on this machine")
    found = {}
    for row in (json.loads(line) for day in DAYS for line in gzip.decompress(day.read_bytes()).decode().splitlines()):
        found[row["id"]] = make_paper(
            id=row["id"],
            title=clean_title(row["title"]),
            authors=[author.name for author in parse_authors(row["authors"])],
            categories=tuple(row["cats"].split()),
            published=datetime(2026, 1, 5, tzinfo=UTC),
        )
    entries, log = run_bibtex(found.values(), style)
    assert log == []
    if style == "names":
        assert len(entries) == len(found) > 5_000
        assert [entry for entry in entries if not entry] == []
