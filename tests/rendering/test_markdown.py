import json
from pathlib import Path

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from digest.errors import InputError
from digest.feeds.digests import load_digest
from digest.models import Summary
from digest.rendering.markdown import LAYOUTS, render_document, render_markdown

DIGESTS = Path(__file__).parents[1] / "data" / "digests"
HTML = "{http://www.w3.org/1999/xhtml}"


def summarise(title: str, abstract: str) -> Summary:
    """A built-in summary of which one can see where it came from."""
    return Summary(engine="builtin", language="en", tldr=f"built in: {abstract}", method=f"built-in method of {title}")


def make_paper(**overrides):
    return {
        "id": "2601.00001",
        "version": 1,
        "title": "A title",
        "authors": ["Ada Lovelace", "Alan Turing"],
        "abstract": "One. Two.",
        "categories": ["cs.SE", "cs.LG"],
        "primary_category": "cs.SE",
        "published": "2026-01-30",
    } | overrides


def make_entry(paper=None, summary=None, **overrides):
    entry = {
        "section": "cs.SE",
        "tags": ["a tag"],
        "score": 7.5,
        "announce_type": "new",
        "paper": paper or make_paper(),
    }
    return entry | ({"summary": summary} if summary else {}) | overrides


def make_document(*entries, **overrides):
    return {
        "date": "2026-01-30",
        "generated_at": "2026-01-30T05:12:09Z",
        "preamble": "",
        "categories": ["cs.SE", "cs.LG"],
        "keywords": ["LLM", "MoE"],
        "entries": list(entries),
    } | overrides


def render(document, layout: str) -> str:
    return render_document(json.dumps(document).encode(), layout, summarise=summarise)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("case", ["plain", "fallbacks", "hostile", "empty"])
def test_document_is_as_expected_to_the_byte(case, layout, assert_golden):
    text = render_document((DIGESTS / f"{case}.json").read_bytes(), layout, summarise=summarise)
    assert_golden(f"digest/{case}.{layout}.md", text.encode())


def test_unknown_layout_names_those_there_are():
    with pytest.raises(InputError, match="unknown layout 'tock'") as caught:
        render(make_document(), "tock")
    assert caught.value.name == "layout"
    assert all(layout in caught.value.hint for layout in LAYOUTS)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_document_that_does_not_fit_is_refused(layout):
    with pytest.raises(InputError, match=r"entries\[0\]\.paper\.id: "):
        render(make_document(make_entry(make_paper(id="2601.00001v2"))), layout)


def test_built_in_summary_is_asked_for_once_a_paper_and_only_when_needed():
    asked = []

    def counting(title: str, abstract: str) -> Summary:
        asked.append(title)
        return summarise(title, abstract)

    summary = {"background": "b", "innovation": "i", "conclusion": "c"}
    document = make_document(
        make_entry(make_paper(title="summarised"), summary),
        make_entry(make_paper(title="bare")),
        make_entry(make_paper(title="bare"), section="cs.LG"),
        make_entry(make_paper(title="built in already"), {"engine": "builtin", "tldr": "t"}),
        make_entry(make_paper(title="empty"), {"engine": "builtin", "tldr": " "}),
    )
    render_markdown(load_digest(json.dumps(document).encode()), "analysis", summarise=counting)
    assert asked == ["bare", "empty"]


def test_numbers_run_on_through_the_sections_in_order_of_categories():
    sections = ["cs.LG", "q-bio.NC", "cs.SE", "math.CO", "cs.LG"]
    document = make_document(*(make_entry(section=section) for section in sections))
    headings = [line for line in render(document, "toc").splitlines() if line.startswith(("# ", "### "))]
    assert [heading.split()[1] for heading in headings] == [
        *("Table", "cs.SE", "[1]", "cs.LG", "[2]", "[3]", "q-bio.NC", "[4]", "math.CO", "[5]")
    ]


def test_ranking_keeps_input_order_among_equal_scores():
    titles = {"first of 2": 2, "10": 10, "second of 2": 2.0, "minus": -1}
    document = make_document(*(make_entry(make_paper(title=title), score=score) for title, score in titles.items()))
    text = render(document, "ranked")
    assert sorted(titles, key=text.index) == ["10", "first of 2", "second of 2", "minus"]


@pytest.mark.parametrize(("length", "shown"), [(299, "x" * 299), (300, "x" * 300), (301, "x" * 300 + "...")])
def test_abstract_is_cut_after_300_characters(length, shown):
    document = make_document(make_entry(make_paper(abstract="x" * length)))
    assert f"#### Abstract\n{shown}\n\n---" in render(document, "ranked")


def test_cut_that_opens_a_comment_is_made_harmless():
    abstract = "x" * 290 + "<!-- a comment that the cut leaves open -->"
    assert "&lt;!-- a" in render(make_document(make_entry(make_paper(abstract=abstract))), "ranked")


def test_line_ends_are_the_same_whatever_the_input_has():
    summary = {"tldr": "a\r\nb\rc", "full": "a\r\n\r\nb"}
    document = make_document(make_entry(make_paper(abstract="d\r\ne"), summary))
    for layout in LAYOUTS:
        assert "\r" not in render(document, layout)
    assert "TL;DR: a\nb\nc\n" in render(document, "toc")
    assert "**abs**: a b c" in render(document, "tagged")


# Documents of clean text, against the contract written down once more.


clean = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<`~\r\v\f\x85\u2028\u2029"), max_size=20)
line = clean.map(lambda text: " ".join(filter(None, text.split("\n"))))
part = clean.map(lambda text: f"{text}.")
PARTS = (
    "title",
    "tldr",
    "background",
    "motivation",
    "innovation",
    "method",
    "result",
    "conclusion",
    "abstract",
    "full",
)


@st.composite
def clean_documents(draw):
    def entry():
        paper = make_paper(
            id=draw(st.from_regex(r"[0-9]{4}\.[0-9]{5}", fullmatch=True)),
            version=draw(st.integers(1, 30)),
            title=draw(line),
            authors=draw(st.lists(line, max_size=3)),
            abstract=draw(clean),
        )
        summary = {"engine": draw(line.map(lambda text: f"m{text}".replace("'", ""))), "language": "en"}
        summary |= {name: draw(part) for name in PARTS if name != "full" or draw(st.booleans())}
        return make_entry(
            paper,
            summary,
            section=draw(st.sampled_from(["cs.LG", "cs.SE", "math.CO"])),
            score=draw(st.floats(0, 100)),
            tags=draw(st.lists(line, max_size=3)),
        )

    return make_document(*(entry() for _ in range(draw(st.integers(0, 3)))), preamble=draw(line))


def one(text):
    while "\n\n" in text:
        text = text.replace("\n\n", "\n")
    return text.replace("\n", " ")


def expected_analysis(digest):
    text = f"# {digest['date'].replace('-', '')}\n"
    text += f"{digest['preamble']}\n\n" if digest["preamble"].strip() else "\n"
    for number, entry in enumerate(digest["entries"], 1):
        paper, summary = entry["paper"], entry["summary"]
        text += (
            f"## {number}. `{entry['section']}` - {one(summary['title'])} "
            f"[PDF](https://arxiv.org/pdf/{paper['id']}), [HTML](https://arxiv.org/abs/{paper['id']})\n"
            f"### Authors\n{','.join(paper['authors'])}\n"
            f"### Background\n{one(summary['background'])}\n"
            f"### Innovation\n{one(summary['innovation'])}\n"
            f"### Conclusion\n{one(summary['conclusion'])}\n"
        )
    return text


def expected_toc(digest):
    sections = {name: [] for name in ("cs.SE", "cs.LG", "math.CO")}
    for entry in digest["entries"]:
        sections[entry["section"]].append(entry)
    text = "<div id=toc></div>\n\n# Table of Contents\n\n"
    text += "".join(f"- [{name}](#{name}) [Total: {len(held)}]\n" for name, held in sections.items() if held)
    number = 0
    for name, held in sections.items():
        if not held:
            continue
        text += f"\n\n<div id='{name}'></div>\n\n# {name} [[Back]](#toc)\n\n"
        blocks = []
        for entry in held:
            number += 1
            paper, summary = entry["paper"], entry["summary"]
            blocks.append(
                f"### [{number}] [{paper['title']}](https://arxiv.org/abs/{paper['id']})\n"
                f"*{','.join(paper['authors'])}*\n\nMain category: {name}\n\nTL;DR: {summary['tldr']}\n\n\n"
                f"<details>\n  <summary>Details</summary>\nMotivation: {summary['motivation']}\n\n"
                f"Method: {summary['method']}\n\nResult: {summary['result']}\n\n"
                f"Conclusion: {summary['conclusion']}\n\nAbstract: {paper['abstract']}\n\n</details>\n"
            )
        text += "\n\n".join(blocks)
    return text


def expected_tagged(digest):
    return "\n\n---\n\n".join(
        f"### {number} {entry['paper']['title']}\n\n**link**: https://arxiv.org/pdf/{entry['paper']['id']}.pdf\n"
        f"**date**: {digest['date']}\n**keywords**: {', '.join(entry['tags'])}\n"
        f"**abs**: {one(entry['summary']['abstract'])}"
        for number, entry in enumerate(digest["entries"], 1)
    )


def expected_ranked(digest):
    """Without the title and the help, whose words are ours."""
    text = (
        "\n\n## 📊 Statistics\n\n- **Last Updated**: 2026-01-30 05:12:09 UTC\n"
        f"- **Total Papers Found**: {len(digest['entries'])}\n- **Categories Monitored**: cs.SE, cs.LG\n\n"
        "## 📚 Recent Papers\n\n"
    )
    for number, entry in enumerate(sorted(digest["entries"], key=lambda entry: entry["score"], reverse=True), 1):
        paper, summary = entry["paper"], entry["summary"]
        text += (
            f"### {number}. [{paper['title']}](https://arxiv.org/abs/{paper['id']})\n\n"
            f"**Authors**: {', '.join(paper['authors'])}  \n**Category**: {entry['section']}  \n"
            f"**Published**: {paper['published']}  \n**Score**: {entry['score']:.1f}  \n**Type**: new  \n"
            f"**ArXiv ID**: {paper['id']}v{paper['version']}  \n\n#### Abstract\n{paper['abstract']}\n\n"
        )
        if "full" in summary:
            text += (
                f"<details>\n<summary><strong>🤖 AI Summary (by {summary['engine']})</strong> - Click to expand"
                f"</summary>\n\n{summary['full']}\n\n</details>\n\n"
            )
        text += "---\n\n"
    return f"{text}## 🔧 Configuration\n\n- LLM, MoE\n\n"


@given(clean_documents())
def test_clean_text_comes_out_as_the_contract_says(document):
    assert render(document, "analysis") == expected_analysis(document)
    assert render(document, "toc") == expected_toc(document)
    assert render(document, "tagged") == expected_tagged(document)
    assert expected_ranked(document) in render(document, "ranked")


# Hostile text, read by parsers that know nothing of ours.

HOSTILE = """</details> </DETAILS > </details\n> </summary> <details> <summary> <script> <script </script> <!-- --> <!--> <!
<!DOCTYPE <![CDATA[ ]]> <? ?> <style> <textarea> <plaintext> <title> <svg> <desc> <math> <mi> <table> <td> <select> <template>
<object> <xmp> <iframe> <noscript> <pre> </pre> <frameset> <body> </body> <div <div> </div> <p <b <b> </b> <a\thref=" " ' = >
< ` ``` ```py ~~~ ~~~~ # - * 1. \n \n\n \n\n\n \n<div \n</p \n<!-- \n``` \n~~~ \n\x20\x20``` \n\x20\x20\x20\x20``` \n-\x20```
\n>\x20``` $0<r<1$ plain"""
fragments = [fragment.encode().decode("unicode_escape") for fragment in HOSTILE.replace("\n", " ").split()]
hostile = st.lists(st.sampled_from([*fragments, " ", " word ", "\n", "\n\n"]), max_size=9).map("".join)


@st.composite
def hostile_documents(draw):
    def entry(number: int):
        paper = make_paper(
            title=draw(hostile),
            authors=[draw(hostile)],
            abstract=draw(hostile) + "x" * draw(st.sampled_from([0, 290])) + draw(hostile),
        )
        summary = {"engine": draw(hostile)} | {name: f"{draw(hostile)}." for name in PARTS}
        return make_entry(paper, summary, score=-number, section=draw(st.sampled_from(["cs.SE", "cs.LG"])))

    return make_document(
        *(entry(number) for number in range(2)),
        make_entry(make_paper(title="LAST"), {"full": "LAST"}, score=-9, section="zz"),
    )


def as_html(markdown: str):
    """What a Markdown reader makes of the document, parsed as a browser would."""
    return html5lib.parse(MarkdownIt("commonmark", {"html": True}).render(markdown))


@given(hostile_documents())
def test_hostile_text_leaves_the_details_blocks_alone(document):
    for layout in ("toc", "ranked"):
        tree = as_html(render(document, layout))
        blocks = tree.findall(f".//{HTML}details")
        assert len(blocks) == 3
        assert not tree.findall(f".//{HTML}details//{HTML}details")
        for block in blocks:
            assert len(block.findall(f".//{HTML}summary")) == 1
        for name in ("script", "style", "svg", "plaintext", "table", "template"):
            assert not tree.findall(f".//{HTML}{name}")
        last = "".join(blocks[-1].itertext())
        assert "LAST" in last if layout == "ranked" else last.rstrip().endswith("Abstract: One. Two.")
        if layout == "ranked":
            assert "🔧 Configuration" in [heading.text for heading in tree.findall(f".//{HTML}h2")]


@pytest.mark.parametrize("layout", ["toc", "ranked"])
@pytest.mark.parametrize(
    "attack",
    [
        "</details>out",
        "</summary>",
        "</DETAILS\n>",
        "<script>x",
        "<script",
        "<!-- open",
        "<details>",
        "<textarea>",
        "<plaintext>",
    ],
)
def test_hostile_text_leaves_the_source_parseable_as_html(attack, layout):
    """Some readers hand the Markdown to an HTML parser as it is."""
    summary = dict.fromkeys(PARTS, attack) | {"engine": attack}
    hostile_entry = make_entry(make_paper(title=attack, authors=[attack], abstract=attack), summary)
    tree = html5lib.parse(render(make_document(hostile_entry, hostile_entry), layout))
    body = tree.find(f"{HTML}body")
    assert body is not None
    assert len(body.findall(f"{HTML}details")) == len(tree.findall(f".//{HTML}details")) == 2
    assert not tree.findall(f".//{HTML}script")


@pytest.mark.parametrize("layout", ["analysis", "tagged"])
def test_layouts_without_html_keep_hostile_text_as_it_is(layout):
    summary = {"background": "</details> <!-- <script", "abstract": "</details> <!-- <script"}
    assert "</details> <!-- <script" in render(make_document(make_entry(summary=summary)), layout)
