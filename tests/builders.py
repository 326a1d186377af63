"""Values for tests: what matters to a test is named there, everything else is made up here."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from digest.config.reading import parse_config
from digest.config.settings import ArxivConfig, Config
from digest.feeds.document import FeedDocument
from digest.models import AnnounceType, Entry, Listing, Paper, Source

WEDNESDAY = date(2026, 11, 18)
"""An ordinary announcement day, the one that fixed clocks in tests stand at."""
NOON = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)
"""12:00 US Eastern of `WEDNESDAY`: its feed is out since midnight."""


def make_paper(**overrides: Any) -> Paper:
    facts: dict[str, Any] = {
        "id": "2611.90001",
        "version": 1,
        "title": "On the Taste of Imaginary Fruit",
        "authors": ("Ada Quill", "Bo Ferrer"),
        "abstract": "We taste fruit that is not there. It is sweet.",
        "categories": ("cs.LG", "stat.ML"),
        "announce_type": AnnounceType.NEW,
        "announced": WEDNESDAY,
        "license": "http://creativecommons.org/licenses/by/4.0/",
    } | overrides
    facts.setdefault("primary_category", facts["categories"][0])
    return Paper(**facts)


def make_listing(*papers: Paper, **overrides: Any) -> Listing:
    context = overrides.get("context", "cs.LG")
    facts: dict[str, Any] = {
        "context": context,
        "day": WEDNESDAY,
        "papers": papers,
        "source": Source.ANNOUNCEMENT_FEED,
        "asked": (context,),
        "fetched_at": NOON,
    } | overrides
    return Listing(**facts)


def make_document(*papers: Paper, **overrides: Any) -> FeedDocument:
    facts: dict[str, Any] = {
        "title": "arXiv cs.LG",
        "description": "New papers in Machine Learning (cs.LG)",
        "self_url": "https://papers.example.org/rss/cs.LG",
        "page_url": "https://papers.example.org/",
        "updated": NOON,
        "entries": tuple(Entry(paper=paper) for paper in papers),
    } | overrides
    return FeedDocument(**facts)


def make_config(text: str = "", *, arxiv_url: str | None = None, interval_s: float = 0.001, **arxiv: Any) -> Config:
    """Return the settings of a YAML text with a pause between requests that no real configuration may have."""
    config = parse_config(text, {})
    hasty = ArxivConfig(url=arxiv_url, **arxiv).model_copy(update={"interval_s": interval_s})
    return config.model_copy(update={"arxiv": hasty})


def texts(max_size: int = 60) -> st.SearchStrategy[str]:
    """Text as it can reach a renderer: no control characters, they are dropped on the way in; else anything hostile."""
    hostile = st.sampled_from(["]]>", "<script>alert(1)</script>", "&amp;", "&#x0;", "$0<r<1$", "\\", '"', "' onx='", "\u2028", "\u202e", "🧪", "é"])  # fmt: skip
    letters = st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\ufffe\uffff")
    return (
        st.lists(st.one_of(hostile, letters), max_size=max_size).map("".join).map(lambda text: " ".join(text.split()))
    )


def papers(ids: st.SearchStrategy[str] | None = None, **overrides: st.SearchStrategy[Any]) -> st.SearchStrategy[Paper]:
    """Papers with any text, announced on one of six weekdays in a few categories."""
    days = st.sampled_from([date(2026, 11, day) for day in (11, 12, 13, 16, 17, 18)])
    codes = st.sampled_from(["cs.LG", "cs.CL", "cs.AI", "stat.ML", "math.ST", "math-ph"])
    fields: dict[str, st.SearchStrategy[Any]] = {
        "id": st.integers(1, 99_999).map(lambda number: f"2611.{number:05d}") if ids is None else ids,
        "version": st.none() | st.integers(1, 5),
        "title": texts(),
        "authors": st.lists(texts(8).filter(bool), max_size=4).map(tuple),
        "abstract": texts(),
        "categories": st.lists(codes, min_size=1, max_size=4, unique=True).map(tuple),
        "announce_type": st.sampled_from(AnnounceType),
        "announced": days,
        "comment": st.none() | texts(10),
        "journal_ref": st.none() | texts(10),
        "doi": st.none() | st.just("10.5555/a.1 10.5555/b<2>"),
        "withdrawn": st.booleans(),
    } | overrides
    return st.fixed_dictionaries(fields).map(lambda facts: make_paper(**facts))
