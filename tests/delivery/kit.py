"""Messages and contents for tests of deliveries."""

from datetime import date
from typing import Any

from digest.arxiv.taxonomy import parse_spec
from digest.config.deliveries import DeliveryConfig
from digest.config.reading import parse_config
from digest.delivery.messages import Message, message_of
from digest.feeds.papers import FeedContent, FeedRequest
from digest.feeds.periods import Period, one_day
from digest.models import Counts, Entry, Match, Summary
from digest.reports.receipts import DayReceipt, DayStatus, FeedReceipt
from digest.selection import LeftOut, Selection
from digest.words import words_in
from tests.builders import NOON, make_paper
from tests.services import ENVIRON, settings

THURSDAY = date(2026, 1, 29)
ALL = Counts(new=131, cross=20)


def target_of(kind: str, more: str = "") -> DeliveryConfig:
    """A target of that kind, its variables set."""
    text = settings(kind, **({kind: more} if more else {}))
    return parse_config(text, ENVIRON).deliveries[kind]


def receipt(**overrides: Any) -> DayReceipt:
    facts: dict[str, Any] = {
        "context": "cs.LG",
        "day": THURSDAY,
        "status": DayStatus.COMPLETE,
        "held": ALL,
        "announced": ALL,
    }
    return DayReceipt(**facts | overrides)


def make_entry(number: int = 1, *, tldr: str | None = "It is sweet.", points: float = 0, **paper: Any) -> Entry:
    return Entry(
        paper=make_paper(**{"id": f"2601.{number:05}", "title": f"Paper {number}"} | paper),
        score=points,
        matches=(Match(rule="keyword", term="fruit", field="title", points=points),) if points else (),
        summary=Summary(engine="builtin", language="en", tldr=tldr) if tldr else None,
    )


def make_content(*entries: Entry, receipts: tuple[DayReceipt, ...] = (), **selection: Any) -> FeedContent:
    days = receipts or (receipt(),)
    shown = len(entries)
    return FeedContent(
        FeedRequest(parse_spec("cs.LG"), Selection(**{"types": ("new",)} | selection), name="machines", title="cs.LG"),
        entries,
        FeedReceipt(days=days, papers=shown, shown=shown, left_out=LeftOut()),
        NOON,
        NOON,
    )


def make_message(*entries: Entry, language: str = "en", top: int = 10, **overrides: Any) -> Message:
    period: Period = overrides.get("period", one_day(THURSDAY))
    content = make_content(*entries, receipts=overrides.get("receipts", ()))
    link = overrides.get("link", "https://papers.example.org/digest/2026-01-29?feed=machines")
    return message_of(content, period, words_in(language), top=top, link=link)
