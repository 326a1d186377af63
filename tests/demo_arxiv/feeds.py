"""The announcement feeds of rss.arxiv.org: RSS 2.0 and Atom, good and failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from tests.demo_arxiv.archive import EASTERN, Announced
from tests.demo_arxiv.model import Paper

DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n"
_EXTENSIONS = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
_RSS = DECLARATION + (
    f'<rss {_EXTENSIONS} xmlns:atom="http://www.w3.org/2005/Atom"'
    """ xmlns:content="http://purl.org/rss/1.0/modules/content/" version="2.0">
  <channel>
    <title>{title}</title>
    <link>{link}</link>
    <description>{description}</description>
    <atom:link href="{link}" rel="self" type="application/rss+xml"/>
    <docs>http://www.rssboard.org/rss-specification</docs>
    <language>en-us</language>
    <lastBuildDate>{built_rss}</lastBuildDate>
    <managingEditor>{editor}</managingEditor>
    <pubDate>{midnight_rss}</pubDate>
{items}  </channel>
</rss>
"""
)
_SKIP_DAYS = "    <skipDays>\n      <day>Sunday</day>\n      <day>Saturday</day>\n    </skipDays>\n"
_ITEM = """    <item>
      <title>{title}</title>
      <link>https://arxiv.org/abs/{id}</link>
      <description>{description}</description>
      <guid isPermaLink="false">oai:arXiv.org:{id}v{version}</guid>
{categories}      <pubDate>{midnight_rss}</pubDate>
{extensions}    </item>
"""
_ATOM = DECLARATION + (
    f'<feed {_EXTENSIONS} xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">'
    """
  <id>{link}</id>
  <title>{title}</title>
  <updated>{built_atom}</updated>
  <link href="{link}" rel="self" type="application/atom+xml"/>
  <subtitle>{description}</subtitle>
{items}</feed>
"""
)
_ENTRY = """  <entry>
    <id>oai:arXiv.org:{id}v{version}</id>
    <title>{title}</title>
    <updated>{built_atom}</updated>
    <link href="https://arxiv.org/abs/{id}" rel="alternate" type="text/html"/>
    <summary>{description}</summary>
{categories}    <published>{midnight_atom}</published>
{extensions}  </entry>
"""


def render_feed(kind: str, names: Sequence[str], rows: Sequence[Announced], day: date) -> bytes:
    """Write the feed of *day* (`kind` is `rss` or `atom`) for archives and categories of these names."""
    topics = ", ".join(names)
    times = _times(day)
    items = "".join(_item(kind, row, times) for row in rows)
    return _fill(
        kind,
        title=f"{topics} updates on arXiv.org",
        description=f"{topics} updates on the arXiv.org e-print archive.",
        link=f"http://rss.arxiv.org/{kind}/{'+'.join(names)}",
        editor="rss-help@arxiv.org",
        items=(_SKIP_DAYS if kind == "rss" else "") + items,
        **times,
    )


def render_error(kind: str, spec: str, message: str, day: date) -> bytes:
    """Write the feed without entries that goes with status 400."""
    link = escape(f"http://rss.arxiv.org/{kind}/{spec}", {'"': "&quot;"})
    title = f"Feed error for query: {link}"
    editor = "rss-help.arxiv.org"
    return _fill(kind, title=title, description=escape(message), link=link, editor=editor, items="", **_times(day))


def _fill(kind: str, **values: str) -> bytes:
    return (_RSS if kind == "rss" else _ATOM).format(**values).encode()


def _times(day: date) -> dict[str, str]:
    midnight = datetime.combine(day, time(), EASTERN)
    built = (midnight + timedelta(seconds=5, microseconds=271828)).astimezone(UTC)
    return {
        "built_rss": format_datetime(built),
        "built_atom": built.isoformat(),
        "midnight_rss": format_datetime(midnight),
        "midnight_atom": midnight.isoformat(),
    }


def _item(kind: str, row: Announced, times: dict[str, str]) -> str:
    version = row.version
    text = f"arXiv:{version.id}v{version.number} Announce Type: {row.kind} \nAbstract: {version.abstract}"
    indent = "      " if kind == "rss" else "    "
    category = "<category>{}</category>" if kind == "rss" else "<category term={}/>"
    quoted = escape if kind == "rss" else quoteattr
    fields = {
        "arxiv:announce_type": row.kind,
        "dc:rights": version.paper.license,
        **_publication(kind, version.paper),
        "dc:creator": ", ".join(version.authors),
    }
    return (_ITEM if kind == "rss" else _ENTRY).format(
        title=escape(version.title),
        id=version.id,
        version=version.number,
        description=escape(text),
        categories="".join(f"{indent}{category.format(quoted(c))}\n" for c in version.categories),
        extensions="".join(f"{indent}<{name}>{escape(value)}</{name}>\n" for name, value in fields.items() if value),
        **times,
    )


def _publication(kind: str, paper: Paper) -> dict[str, str | None]:
    pairs = [("arxiv:DOI", paper.doi), ("arxiv:journal_reference", paper.journal_ref)]
    return dict(pairs if kind == "rss" else reversed(pairs))
