"""Translated titles: which one is shown where, and that nothing else changes."""

import json

import feedparser
import pytest

from digest.arxiv.taxonomy import parse_spec
from digest.config.views import Compat, TitleForm, View
from digest.feeds.daily import compose_digest, feed_scope
from digest.feeds.papers import FeedContent, FeedRequest, document_of
from digest.feeds.periods import one_day
from digest.models import Entry, Summary
from digest.rendering.content import entry_title, other_title
from digest.rendering.day_documents import digest_markdown
from digest.rendering.day_item import content_html
from digest.rendering.formats import FORMATS
from digest.rendering.pages.digest_pages import render_digest_page
from digest.rendering.pages.templating import Site
from digest.reports.receipts import FeedReceipt
from digest.selection import LeftOut, Selection
from tests.builders import NOON, WEDNESDAY, make_paper

TRANSLATED = "关于 $x<y$ 的网络"
ORIGINAL = "Nets for $x<y$"


def entry(translated=TRANSLATED, **paper):
    summary = Summary(engine="qwen", language="zh-CN", title=translated, tldr="短")
    return Entry(paper=make_paper(title=ORIGINAL, **paper), summary=summary)


@pytest.mark.parametrize(
    ("form", "translated", "withdrawn", "title", "other"),
    [
        ("original", TRANSLATED, False, "Nets for x < y", TRANSLATED),
        ("translated", TRANSLATED, False, "关于 x < y 的网络", ORIGINAL),
        ("both", TRANSLATED, False, "关于 x < y 的网络 · Nets for x < y", ""),
        ("both", TRANSLATED, True, "[withdrawn] 关于 x < y 的网络 · Nets for x < y", ""),
        ("translated", None, False, "Nets for x < y", ""),
        ("both", None, False, "Nets for x < y", ""),
        ("both", "NETS for $x<y$", False, "Nets for x < y", ""),
    ],
)
def test_one_title_is_shown_and_the_other_not_lost(form, translated, withdrawn, title, other):
    shown = entry(translated, withdrawn=withdrawn)
    assert entry_title(shown, TitleForm(form)) == title
    assert other_title(shown, TitleForm(form)) == other


def document(form, compat=Compat.NONE):
    request = FeedRequest(parse_spec("cs.LG"), Selection(), view=View(title_form=form, compat=compat))
    receipt = FeedReceipt(days=(), papers=1, shown=1, left_out=LeftOut())
    content = FeedContent(request, (entry(),), receipt, NOON, NOON)
    return document_of(content, self_url="https://a.test/f", page_url="https://a.test/p")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_shows_it_and_keeps_identity_and_dates(name):
    render = FORMATS[name].papers()
    plain, both = (feedparser_like(name, render(document(form))) for form in (TitleForm.ORIGINAL, TitleForm.BOTH))
    assert both["title"] == "关于 x < y 的网络 · Nets for x < y"
    assert {**both, "title": ""} == {**plain, "title": ""}


def feedparser_like(name, data):
    if name == "json":
        item = json.loads(data)["items"][0]
        return {"id": item["id"], "title": item["title"], "published": item["date_published"]}
    item = feedparser.parse(data, sanitize_html=False).entries[0]
    return {"id": item.id, "title": item.title.replace("&#x3C;", "<"), "published": item.published}


def test_json_keeps_the_original_where_the_title_is_another():
    items = {form: json.loads(FORMATS["json"].papers()(document(form)))["items"][0] for form in TitleForm}
    assert items["translated"]["_arxiv"]["title"] == "Nets for x < y"
    assert "title" not in items["original"]["_arxiv"]
    assert items["translated"]["language"] == "zh-CN"
    assert "Nets for" in items["translated"]["content_html"]
    assert "的网络" in items["original"]["content_html"]


def test_arxivs_own_form_is_never_translated():
    assert (
        "网络" not in json.loads(FORMATS["json"].papers()(document(TitleForm.BOTH, Compat.ARXIV)))["items"][0]["title"]
    )


def day(form):
    request = FeedRequest(parse_spec("cs.LG"), Selection(), view=View(title_form=form))
    receipt = FeedReceipt(days=(), papers=1, shown=1, left_out=LeftOut())
    content = FeedContent(request, (entry(),), receipt, NOON, NOON)
    return compose_digest(feed_scope(request), one_day(WEDNESDAY), [content], papers=1)


def test_digests_and_pages_show_it_too():
    assert "关于 x &lt; y 的网络 · Nets for x &lt; y</a></h3>" in content_html(day(TitleForm.BOTH), "https://a.test")
    for layout in ("toc", "ranked", "tagged"):
        assert f"{TRANSLATED} · {ORIGINAL}" in digest_markdown(day(TitleForm.BOTH), layout).decode()
        assert "的网络" not in digest_markdown(day(TitleForm.ORIGINAL), layout).decode()
    page = render_digest_page(day(TitleForm.TRANSLATED), Site("Papers"), previous=None, following=None)
    assert '<span lang="zh-CN" dir="auto">关于' in page
    assert "Nets for" in page
