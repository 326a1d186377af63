"""The built-in summary: what a paper says, told by sentences of its own abstract.

Pure Python over fitted weights that are read on first use; no model, no key, no network. Importing this package is next
to free: the parts behind it are imported by the first call.
"""

from __future__ import annotations

from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from digest.models import Summary

__all__ = ["label_sentences", "split_sentences", "summarise", "summary_parts"]


def summarise(title: str, abstract: str) -> Summary:
    """Summarise a paper from its abstract alone; the same text gives the same summary everywhere.

    Args:
        title: Clean model text (Unicode, math as TeX between dollars).
        abstract: The same, possibly empty or of several paragraphs.

    Returns:
        A summary with engine `builtin` whose parts are sentences of the abstract, possibly shortened. Parts that the
        abstract doesn't hold are None; for an empty abstract all are.
    """
    from digest.summaries import builtin

    return builtin.summarise(title, abstract)


def summary_parts(title: str, abstract: str) -> dict[str, str | None]:
    """Do as `summarise` without the program's models: the language and the parts by name, some None or left out."""
    from digest.summaries import builtin

    return builtin.summary_parts(title, abstract)


def split_sentences(text: str) -> list[str]:
    """Cut *text* into its sentences, in order; nothing is lost but white space, which is folded.

    Math between dollars, addresses, brackets, abbreviations, initials and numbered items stay whole.
    """
    from digest.summaries import sentences

    return sentences.split_sentences(text)


def label_sentences(sentences: Sequence[str]) -> list[str]:
    """Name the role of each of *sentences*, which are one abstract's, in order.

    Roles: background, gap, objective, method, result, conclusion, contribution, implication.
    """
    from digest.summaries import roles

    return roles.label_sentences(sentences)
