"""What a list holds, in plain sentences: how many papers, whether that is all, what is hidden and where it is shown. Pure."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import NamedTuple

from digest.reports.receipts import DayReceipt, DayStatus, FeedReceipt
from digest.words import Words

STATUS_KEYS = {
    DayStatus.COMPLETE: "status.complete",
    DayStatus.UNCONFIRMED: "status.unconfirmed",
    DayStatus.SHORT: "status.short",
    DayStatus.QUIET: "status.quiet",
    DayStatus.FILLING: "status.filling",
    DayStatus.MISSING: "status.missing",
}
"""How pages name the state of a day."""


class Sentence(NamedTuple):
    """One sentence, and the path of a page that shows what it is about, "" for none."""

    text: str
    shown_at: str = ""


def sentences(
    receipt: FeedReceipt, say: Words, *, only_revisions: bool, all_types: str = "", rest: str = ""
) -> list[Sentence]:
    """Return the receipt in sentences whose numbers add up.

    Args:
        receipt: Of a list.
        say: The words of the page.
        only_revisions: Whether what the list hides by its kind can only be revisions.
        all_types: The path of the page that shows those, too.
        rest: The path of the page that shows what `top` leaves out.
    """
    left, hidden = receipt.left_out, "receipt.hidden_revisions" if only_revisions else "receipt.hidden_types"
    found = [Sentence(_shown(receipt, say)), *_open_days(receipt, say)]
    if left.type:
        found.append(Sentence(say(hidden, count=left.type), all_types))
    found += [
        Sentence(say(key, count=number))
        for key, number in (
            ("receipt.hidden_filter", left.filter),
            ("receipt.hidden_grade", left.grade),
            ("receipt.hidden_unjudged", left.unjudged),
            ("receipt.hidden_score", left.score),
            ("receipt.hidden_limit", left.limit),
        )
        if number
    ]
    if left.top:
        found.append(Sentence(say("receipt.hidden_top", count=left.top), rest))
    return [*found, *_wishes(receipt, say), *_examples(receipt, say)]


def day_sentences(receipt: FeedReceipt, say: Words) -> list[Sentence]:
    """Return the receipt of one day's digest in sentences."""
    key = "receipt.of_day" if receipt.is_complete else "receipt.of_day_so_far"
    found = [Sentence(say(key, count=receipt.shown)), *_open_days(receipt, say)]
    if receipt.left_out.filter:
        found.append(Sentence(say("receipt.hidden_elsewhere", count=receipt.left_out.filter)))
    if receipt.left_out.top:
        found.append(Sentence(say("receipt.hidden_top", count=receipt.left_out.top)))
    return [*found, *_examples(receipt, say)]


def by_day(receipts: tuple[DayReceipt, ...]) -> list[tuple[date, list[DayReceipt]]]:
    """Return the receipts of each day, in their order."""
    return [(day, list(group)) for day, group in groupby(receipts, key=lambda one: one.day)]


def _shown(receipt: FeedReceipt, say: Words) -> str:
    days = len({day.day for day in receipt.days})
    if receipt.is_complete:
        key = "receipt.complete" if days > 1 else "receipt.complete_day"
    else:
        key = "receipt.so_far" if days > 1 else "receipt.so_far_day"
    values = {"days": days} if days > 1 else {}
    return say(key, count=receipt.shown, **values)


def _open_days(receipt: FeedReceipt, say: Words) -> list[Sentence]:
    """Say of how many days something is still to come, each day counted once, by the worst of its categories."""
    worst: dict[date, str] = {}
    for key, statuses in (
        ("receipt.unconfirmed", {DayStatus.UNCONFIRMED}),
        ("receipt.short", {DayStatus.SHORT}),
        ("receipt.filling", {DayStatus.FILLING, DayStatus.MISSING}),
    ):
        worst |= {one.day: key for one in receipt.days if one.status in statuses}
    keys = list(worst.values())
    return [Sentence(say(key, count=keys.count(key))) for key in dict.fromkeys(keys)]


def _wishes(receipt: FeedReceipt, say: Words) -> list[Sentence]:
    """Say how many papers a model graded, and why others have no grade."""
    account = receipt.wishes
    if account is None:
        return []
    found = [Sentence(say("receipt.judged", count=account.judged))] if account.judged else []
    return [*found, *([Sentence(f"{account.note[:1].upper()}{account.note[1:]}")] if account.note else [])]


def _examples(receipt: FeedReceipt, say: Words) -> list[Sentence]:
    known = receipt.examples
    return [Sentence(say("receipt.examples", known=known.known, asked=known.asked))] if known else []
