"""The HTML body of one item, for readers that keep little more than paragraphs and links.

Learned from real readers: absolute links only, no `<details>`, no classes, no scripts or styles.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from digest.config.views import MathMode, TitleForm
from digest.feeds.document import ANNOUNCE_WORDS, Action, FeedDocument
from digest.models import Entry, Match, Nearest, Paper, Standing, Summary
from digest.rendering.names import named_authors
from digest.selection.wishes import RULES
from digest.text import is_project, is_repository, shorten_authors, to_html, to_html_paragraphs, to_plain
from digest.words import ENGLISH_WORDS, Words

AUTHORS_SHOWN = 30
_LABELS = (
    ("background", "Background"),
    ("motivation", "Motivation"),
    ("method", "Method"),
    ("innovation", "Innovation"),
    ("result", "Result"),
    ("conclusion", "Conclusion"),
)
BUILTIN = "builtin"
_UNTOLD = "a paper of the library"
"""Stands for an example whose title nobody may learn."""
_RESEMBLES = {"like": "like", "dislike": "unlike what you want:"}


def title_text(paper: Paper) -> str:
    """Return the title as plain text, withdrawn papers marked."""
    title = to_plain(paper.title) or f"arXiv:{paper.id}"
    return f"[withdrawn] {title}" if paper.withdrawn else title


def entry_title(entry: Entry, form: TitleForm = TitleForm.ORIGINAL) -> str:
    """Return the title to show as plain text: the original, a model's translation of it, or both; equal ones once."""
    original = title_text(entry.paper)
    translated = to_plain(entry.summary.title) if entry.summary and entry.summary.title else ""
    if form is TitleForm.ORIGINAL or not translated or translated.casefold() == to_plain(entry.paper.title).casefold():
        return original
    title = translated if form is TitleForm.TRANSLATED else f"{translated} · {to_plain(entry.paper.title)}"
    return f"[withdrawn] {title}" if entry.paper.withdrawn else title


def other_title(entry: Entry, form: TitleForm) -> str:
    """Return, as TeX, the one of title and translation that `entry_title` doesn't show; "" if it shows both or there is one."""
    translated = entry.summary.title if entry.summary else None
    if not translated or form is TitleForm.BOTH:
        return ""
    return translated if entry_title(entry, form) == title_text(entry.paper) else entry.paper.title


def labels(entry: Entry) -> list[str]:
    """Return what the entry is labelled with: categories, topics, `withdrawn`."""
    more = ("withdrawn",) if entry.paper.withdrawn else ()
    return list(dict.fromkeys((*entry.paper.categories, *entry.tags, *more)))


def author_names(paper: Paper) -> list[str]:
    """Return the display names of the authors, all of them."""
    return [author.name for author in paper.authors]


def byline(paper: Paper, most: int = AUTHORS_SHOWN) -> str:
    """Return the authors in one line, a long list shortened to *most* of them: the one rule for all text that people read.

    Fields for programs (`dc:creator`, `author`, `authors`, records of reference managers) have all names.
    """
    names, has_others = named_authors(paper)
    return shorten_authors(names, most, has_others=has_others)


def summary_text(entry: Entry) -> str:
    """Return what the paper says as plain text: the TL;DR where there is one, else the abstract."""
    return to_plain((entry.summary and entry.summary.tldr) or entry.paper.abstract)


def engine_words(summary: Summary) -> str:
    """Say who wrote a summary."""
    return "chosen from the abstract" if summary.engine == BUILTIN else f"by {summary.engine}"


def labelled_parts(summary: Summary) -> list[tuple[str, str]]:
    """Return label and text of the parts that a summary has, other than its TL;DR."""
    found = ((label, getattr(summary, name)) for name, label in _LABELS)
    return [(label, text) for label, text in found if text]


def match_words(match: Match, say: Words = ENGLISH_WORDS) -> str:
    """Say why an entry scored: "speculative decoding in title +3"."""
    if match.rule in RULES:
        return _wish_words(match, say)
    if match.nearest is None:
        return f"{match.term} in {match.field} {match.points:+g}"
    title = f"“{to_plain(match.nearest.title)}”" if match.nearest.title else _UNTOLD
    return f"{_RESEMBLES[match.rule]} {title}{_shared(match.nearest)} {match.points:+g}"


_GRADED = {
    ("wanted", True): "item.wanted",
    ("not wanted", True): "item.not_wanted",
    ("wanted", False): "item.wish_not_found",
    ("not wanted", False): "item.unwanted_not_found",
}


def _wish_words(match: Match, say: Words) -> str:
    """Say how a wish counts: the passage that a model found, or how near the paper is to the wish."""
    points = f"{match.points:+g}"
    if match.grade is None:
        key = "item.near_wish" if match.points >= 0 else "item.near_unwanted"
        return say(key, wish=match.term, points=f"{_shared(match.nearest or Nearest())} {points}".strip())
    values = {"wish": match.term, "grade": match.grade, "points": points}
    if match.proof:
        values["quote"] = to_plain(match.proof.quote)
    return say(_GRADED[match.rule, match.proof is not None], **values)


def standing_words(entry: Entry, say: Words = ENGLISH_WORDS) -> str:
    """Say that a paper has no grade in a feed with wishes; "" for all others."""
    match entry.standing:
        case Standing.NOT_JUDGED:
            return say("item.not_judged")
        case Standing.NOT_CONSIDERED:
            return say("item.not_considered")
        case _:
            return ""


def _match_html(match: Match) -> str:
    if match.rule in RULES:
        return escape(match_words(match))
    if match.nearest is None:
        return f"<em>{escape(match.term)}</em> in {escape(match.field)} {match.points:+g}"
    title = f"<em>{to_html(match.nearest.title)}</em>" if match.nearest.title else _UNTOLD
    linked = f'<a href="{escape(match.nearest.link, quote=True)}">{title}</a>' if match.nearest.link else title
    return f"{_RESEMBLES[match.rule]} {linked}{escape(_shared(match.nearest))} {match.points:+g}"


def _shared(nearest: Nearest) -> str:
    return f" ({', '.join(nearest.words)})" if nearest.words else ""


def item_html(entry: Entry, document: FeedDocument) -> str:
    """Return the item of *document* as HTML: its content, and what a reader can do with it."""
    content = content_html(entry, document.math, document.title_form)
    actions = _actions(document.actions.get(entry.paper.id, ()))
    return f"{content}\n{actions}" if actions else content


def content_html(entry: Entry, math: MathMode = MathMode.AUTO, title_form: TitleForm = TitleForm.ORIGINAL) -> str:
    """Return the whole item as HTML: summary, authors, abstract, why it is here, categories, links.

    Of title and translation, what the item's title doesn't show is in the content.
    """
    paper, summary = entry.paper, entry.summary
    parts = [
        _tldr(summary, math) if summary else "",
        f"<p>{escape(byline(paper))}</p>" if paper.authors else "",
        _other_title(entry, math, title_form),
        to_html_paragraphs(summary.abstract, math) if summary and summary.abstract else "",
        to_html_paragraphs(paper.abstract, math),
        _parts(summary, math) if summary and summary.engine != BUILTIN else "",
        _full(summary, math) if summary else "",
        f"<p><em>{to_html(paper.comment, math)}</em></p>" if paper.comment else "",
        _why(entry),
        _facts(paper),
        _links(paper),
    ]
    return "\n".join(part for part in parts if part)


def _tldr(summary: Summary, math: MathMode) -> str:
    if not summary.tldr:
        return ""
    said_by = f" <em>({escape(engine_words(summary))})</em>"
    return f"<p><strong>TL;DR</strong> {to_html(summary.tldr, math)}{said_by}</p>"


def _other_title(entry: Entry, math: MathMode, form: TitleForm) -> str:
    other = other_title(entry, form)
    return f"<p><strong>{to_html(other, math)}</strong></p>" if other else ""


def _parts(summary: Summary, math: MathMode) -> str:
    """Return a model's parts; the built-in's are sentences of the abstract, which is there anyway."""
    return "\n".join(
        f"<p><strong>{label}</strong> {to_html(text, math)}</p>" for label, text in labelled_parts(summary)
    )


def _full(summary: Summary, math: MathMode) -> str:
    if not summary.full:
        return ""
    from digest.rendering.long_text import long_text_html

    return long_text_html(summary.full, math)


def _why(entry: Entry) -> str:
    mark = escape(standing_words(entry))
    if not entry.matches:
        return f"<p>{mark}</p>" if mark else ""
    reasons = ", ".join(map(_match_html, entry.matches))
    return f"<p>Why: {reasons} (score {entry.score:g}{f'; {mark}' if mark else ''})</p>"


def _facts(paper: Paper) -> str:
    words = [
        "withdrawn" if paper.withdrawn else "",
        ANNOUNCE_WORDS[paper.announce_type],
        ", ".join(paper.categories),
        to_plain(paper.journal_ref) if paper.journal_ref else "",
    ]
    return f"<p>{escape(' · '.join(word for word in words if word))}</p>"


def _actions(actions: Sequence[Action]) -> str:
    links = [f'<a href="{escape(url)}" rel="nofollow">{escape(label)}</a>' for label, url in actions]
    return f"<p>{' · '.join(links)}</p>" if links else ""


def code_label(url: str) -> str:
    """Return what to call the address that a paper links: a repository is code, hubs and conferences are no project."""
    if is_repository(url):
        return "Code"
    return "Project" if is_project(url) else "Link"


def _links(paper: Paper) -> str:
    links = [("Abstract", paper.links.abs), ("PDF", paper.links.pdf), ("HTML", paper.links.html)]
    if paper.code_url:
        links.append((code_label(paper.code_url), paper.code_url))
    links += [(f"doi:{doi}", f"https://doi.org/{doi}") for doi in (paper.doi or "").split()]
    return "<p>" + " · ".join(f'<a href="{escape(url)}">{escape(label)}</a>' for label, url in links) + "</p>"
