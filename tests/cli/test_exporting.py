"""Addresses as files, and how pages name each other then."""

import pytest

from digest.cli.exporting import file_of, links_of, with_exported_addresses, with_relative_links, write_if_changed


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/", "index.html"),
        ("/opml.xml", "opml.xml"),
        ("/static/style.css?v=1a2b", "static/style.css"),
        ("/feeds/ml.rss", "feeds/ml.rss"),
        ("/feeds/ml", "feeds/ml/index.html"),
        ("/feeds/ml?page=2", "feeds/ml/page-2.html"),
        ("/feeds/ml.bib", "feeds/ml.bib"),
        ("/feeds/ml.bib?page=2", "feeds/ml.bib"),
        ("/feeds/ml.rss?page=2", None),
        ("/digest", "digest/index.html"),
        ("/digest?feed=ml", "feeds/ml/digest/index.html"),
        ("/digest/2026-01-29", "digest/2026-01-29/index.html"),
        ("/digest/2026-01-29?feed=ml", "feeds/ml/digest/2026-01-29/index.html"),
        ("/digest/2026-01-29?feed=ml&page=3", "feeds/ml/digest/2026-01-29/page-3.html"),
        ("/digest/2026-01-29.md?layout=ranked", "digest/2026-01-29.ranked.md"),
        ("/digest/2026-01-29.json?feed=ml", "feeds/ml/digest/2026-01-29.json"),
        ("/digest/feed.rss?feed=ml", "feeds/ml/digest/feed.rss"),
        ("/api/feeds", "api/feeds.json"),
        ("/build", None),
        ("/digest/latest", None),
        ("/digest?feed=../../etc", None),
        ("/static/../secret", None),
        ("/feeds/ml.rss?types=new", None),
        ("/api/status", None),
    ],
)
def test_each_address_has_its_file(address, file):
    assert file_of(address) == file


KNOWN = {"index.html", "digest/2026-01-28/index.html", "static/style.css"}.__contains__


def relative(page, *, root=""):
    return with_relative_links(page, "digest/2026-01-29/index.html", root, KNOWN)


def test_links_become_relative_and_keep_their_fragment():
    assert relative('<a href="/digest/2026-01-28#p1">x</a>') == '<a href="../2026-01-28/index.html#p1">x</a>'
    assert relative('<a class="b" href="/p/">x</a>', root="/p") == '<a class="b" href="../../index.html">x</a>'


def test_links_to_what_is_not_there_leave_their_text():
    assert relative('see <a href="/digest/2026-01-27">that <b>day</b></a>.') == "see that <b>day</b>."
    assert relative('<link rel="prev" href="/digest/2026-01-27">') == ""


def test_links_to_pages_of_papers_leave_nothing():
    assert relative('<p><a href="/p/papers/math/0611800">details</a> PDF</p>', root="/p") == "<p> PDF</p>"


def test_the_sites_own_navigation_drops_them():
    page = '<header class="site"><a href="/">Feeds</a><a href="/build">Build</a></header>'
    assert relative(page) == '<header class="site"><a href="../../index.html">Feeds</a></header>'


def test_other_servers_fragments_and_text_stay_as_they_are():
    page = '<a href="https://arxiv.org/abs/1">x</a><a href="#top">t</a><p>href="/build" &lt;a href="/"></p>'
    assert relative(page) == page


def test_a_page_names_what_belongs_to_it():
    page = '<link href="/p/static/style.css?v=1"><a href="/p/feeds/a?page=2&amp;x=1">n</a><a href="/other">o</a>'
    assert list(links_of(page, "/p")) == ["/static/style.css?v=1", "/feeds/a?page=2&x=1"]


def test_feeds_name_the_files_of_a_feeds_digests():
    feed = (
        '<link>https://e.org/d/digest/2026-01-29?feed=ml</link><a href="https://e.org/d/digest/2026-01-29?feed=ml#p1">'
        '<a href="https://e.org/d/digest/2026-01-29?feed=ml&amp;amp;page=2#p2"> https://e.org/d/digest/2026-01-29?page=3'
    )
    changed = with_exported_addresses(feed, "https://e.org/d")
    assert changed == (
        "<link>https://e.org/d/feeds/ml/digest/2026-01-29/</link>"
        '<a href="https://e.org/d/feeds/ml/digest/2026-01-29/#p1">'
        '<a href="https://e.org/d/feeds/ml/digest/2026-01-29/page-2.html#p2"> https://e.org/d/digest/2026-01-29/page-3.html'
    )


def test_a_file_is_written_only_when_it_changes(tmp_path):
    path = tmp_path / "a" / "b.html"
    assert write_if_changed(path, b"one")
    before = path.stat()
    assert not write_if_changed(path, b"one")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert write_if_changed(path, b"two")
    assert path.read_bytes() == b"two"
    assert [one.name for one in path.parent.iterdir()] == ["b.html"]
