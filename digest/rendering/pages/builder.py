"""The feed builder: a form whose address holds everything, and beside it what the feed would bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from digest.arxiv.taxonomy import aliases_of, groups
from digest.config.views import SummaryMode
from digest.feeds.addresses import FeedAddress, with_query
from digest.feeds.papers import FeedContent, FeedRequest
from digest.models import AnnounceType, Entry
from digest.rendering.content import match_words, title_text
from digest.rendering.pages.charts import Series, highest
from digest.rendering.pages.snippets import config_yaml
from digest.rendering.pages.templating import Site, render_template
from digest.reports.receipts import ExampleCount
from digest.selection import explain
from digest.selection.order import best_first, within_day
from digest.selection.trial import Trial, try_out

PREVIEW_DAYS = 7
PAPERS_SHOWN = 10
COMPARED = 20
"""Papers that are shown in both orders."""

TYPE_BOXES = {
    AnnounceType.NEW: "build.type_new",
    AnnounceType.CROSS: "build.type_cross",
    AnnounceType.REPLACE: "build.type_replace",
    AnnounceType.REPLACE_CROSS: "build.type_replace_cross",
}
SUMMARY_KEYS = {
    SummaryMode.AUTO: "build.summary_auto",
    SummaryMode.BUILTIN: "build.summary_builtin",
    SummaryMode.MODEL: "build.summary_model",
    SummaryMode.NONE: "build.summary_none",
}
EXAMPLES = (
    ("build.example_words", "/build?exclude=survey&include=diffusion,flow matching&spec=cs.LG"),
    ("build.example_author", "/build?author=Bengio, Y.&spec=cs"),
    ("build.example_code", "/build?has=code&q=co:accepted&spec=cs.CL"),
    ("build.example_rank", "/build?keywords=grasp*:2,manipulation:3,survey:-2&spec=cs.RO&top=20"),
)
"""Forms to start from: what each is about, and its path."""


@dataclass(frozen=True)
class Form:
    """What the form holds: texts as given, by field; problems by field, "" for those of no field."""

    values: Mapping[str, str]
    contexts: tuple[str, ...] = ()
    types: tuple[str, ...] = (AnnounceType.NEW, AnnounceType.CROSS)
    problems: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """Return a field's text."""
        return self.values.get(name, "")

    def without(self, code: str) -> str:
        """Return the path of the same form without one of its categories."""
        others = ",".join(one for one in self.contexts if one != code)
        fields = [(name, value) for name, value in self.values.items() if name != "spec"]
        return with_query("/build", sorted([*fields, *([("spec", others)] if others else [])]))


class Choice(NamedTuple):
    """One category or archive to tick, with what a search for it may say."""

    code: str
    name: str
    also: str
    is_whole: bool
    """An archive with all of its categories."""


class Shelf(NamedTuple):
    """One of arXiv's groups with its archives."""

    name: str
    choices: tuple[Choice, ...]
    codes: frozenset[str]


class Title(NamedTuple):
    """A paper in one line, and why it stands where it does."""

    text: str
    link: str
    reason: str


class Comparison(NamedTuple):
    """The first papers of a day by examples beside the first ones by arXiv."""

    day: date
    rows: tuple[tuple[Title, Title], ...]
    examples: ExampleCount
    trial: Trial | None


def render_builder(site: Site, form: Form, result: str, *, grades: bool = False) -> str:
    """Render the whole page.

    Args:
        site: Whose page it is.
        form: What the form holds.
        result: The HTML of `render_result` or `render_problem`.
        grades: Whether a model can grade, so that the owner can try a wish.
    """
    from markupsafe import Markup

    return render_template(
        "build.html.j2",
        site,
        form=form,
        shelves=shelves(),
        type_boxes=TYPE_BOXES,
        summaries=SUMMARY_KEYS,
        result=Markup(result),  # noqa: S704 - rendered by a template
        grades=grades,
    )


def render_result(content: FeedContent, request: FeedRequest, site: Site, address: FeedAddress) -> str:
    """Render what the feed is and would bring: addresses, papers a day, newest papers with why.

    Args:
        content: The papers of `PREVIEW_DAYS` announcements without the feed's limits.
        request: What the form asks for.
        site: Whose page it is.
        address: Where the feed is.
    """
    days = _days(content)
    week = Series("papers", tuple(number for _, number in days))
    held = [number for _, number in days if number is not None]
    limit = request.selection.limit
    shown = content.entries[: min(limit or PAPERS_SHOWN, PAPERS_SHOWN)]
    return render_template(
        "build_result.html.j2",
        site,
        address=address,
        snippet=config_yaml(request),
        request=request,
        week=days,
        most=highest([week]),
        total=week.total,
        a_day=_a_day(week.total, len(held)),
        a_day_count=1 if held and week.total == len(held) else 2,
        people=f"{site.root}/list/{request.spec}?author=",
        today=next(((day, number) for day, number in reversed(days) if number is not None), None),
        shown=[(entry, _reasons(entry, request)) for entry in shown],
        papers=content.receipt.papers,
        comparison=_comparison(content),
        conditions=content.conditions,
        problem="",
    )


def _a_day(total: int, days: int) -> str:
    """Return how many papers a day that is: exact below ten; "" where no day is known."""
    if not days:
        return ""
    number = total / days
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")


def render_problem(
    site: Site,
    problem: str,
    *,
    address: FeedAddress | None = None,
    request: FeedRequest | None = None,
    later: str = "",
) -> str:
    """Render why there is no preview: nothing chosen, something wrong, or arXiv not heard yet.

    In the last case the feed's address is given, and *later*, the path of the same page that waits.
    """
    snippet = config_yaml(request) if request else ""
    return render_template(
        "build_result.html.j2",
        site,
        address=address,
        snippet=snippet,
        request=request,
        problem=problem,
        later=later,
        a_day="",
        examples=[(key, with_query("/build", parse_qsl(path.partition("?")[2]))) for key, path in EXAMPLES]
        if address is None
        else [],
    )


@lru_cache(maxsize=1)
def shelves() -> tuple[Shelf, ...]:
    """Return what can be ticked, as arXiv groups it; codes that mean the same as another, and retired ones, left out."""
    made = []
    for group in groups():
        choices: list[Choice] = []
        for archive in group.archives:
            if not archive.active:
                continue
            categories = [
                one for one in archive.categories if one.active and not one.alias_of and one.code != archive.code
            ]
            choices.append(Choice(archive.code, archive.name, _also(archive.code), is_whole=bool(categories)))
            choices += [Choice(one.code, one.name, _also(one.code), is_whole=False) for one in categories]
        made.append(Shelf(group.name, tuple(choices), frozenset(choice.code for choice in choices)))
    return tuple(made)


def _also(code: str) -> str:
    return " ".join(aliases_of(code))


def _days(content: FeedContent) -> list[tuple[date, int | None]]:
    """Return the papers of each announcement, oldest first; None where nothing is stored yet."""
    receipts = content.receipt.days
    held = {receipt.day for receipt in receipts if receipt.status.is_held}
    numbers = dict.fromkeys(held, 0)
    for entry in content.entries:
        numbers[entry.paper.announced] = numbers.get(entry.paper.announced, 0) + 1
    return [(day, numbers.get(day)) for day in sorted({receipt.day for receipt in receipts})]


def _comparison(content: FeedContent) -> Comparison | None:
    """Return the newest day by the examples and by arXiv; None where there are none."""
    if content.receipt.examples is None or not content.entries:
        return None
    newest = content.entries[0].paper.announced
    entries = [entry for entry in content.entries if entry.paper.announced == newest]
    ranked = sorted(entries, key=best_first)[:COMPARED]
    listed = sorted(entries, key=lambda entry: within_day(entry.paper))[:COMPARED]
    rows = tuple((_ranked_title(one), _title(other)) for one, other in zip(ranked, listed, strict=True))
    trial = try_out([entry.paper for entry in entries], content.examples)
    return Comparison(newest, rows, content.receipt.examples, trial)


def _title(entry: Entry) -> Title:
    return Title(title_text(entry.paper), entry.paper.links.abs, "")


def _ranked_title(entry: Entry) -> Title:
    told = [match_words(match) for match in entry.matches if match.nearest]
    return _title(entry)._replace(reason="; ".join(told))


def _reasons(entry: Entry, request: FeedRequest) -> Sequence[str]:
    """Say rule by rule why a paper is in the feed."""
    steps = [step for step in explain(entry.paper, request.selection) if step.passed]
    told = [step for step in steps if step.rule != "types"] or steps
    nearest = [match_words(match) for match in entry.matches if match.nearest]
    return [*(f"{step.rule}: {step.detail}" for step in told), *nearest]
