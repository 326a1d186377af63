"""An abstract with the passages marked that a model's grades rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from digest.models import Entry
from digest.text import to_html, to_html_paragraphs


def marked_abstract(entry: Entry) -> str:
    """Return the abstract as HTML, each quote that proves a grade in `<mark>`.

    A quote that begins or ends inside math isn't marked: half a formula can't be shown.
    """
    quotes = [match.proof.quote for match in entry.matches if match.proof and match.proof.field == "abstract"]
    if not quotes:
        return to_html_paragraphs(entry.paper.abstract)
    paragraphs = (part.strip() for part in entry.paper.abstract.split("\n\n"))
    return "".join(f"<p>{''.join(_pieces(part, quotes))}</p>" for part in paragraphs if part)


def _pieces(text: str, quotes: Iterable[str]) -> Iterator[str]:
    position = 0
    for begins, ends in _places(text, quotes):
        yield to_html(text[position:begins])
        yield f"<mark>{to_html(text[begins:ends])}</mark>"
        position = ends
    yield to_html(text[position:])


def _places(text: str, quotes: Iterable[str]) -> list[tuple[int, int]]:
    """Return where quotes stand, in order; of those that overlap only the first."""
    found = ((text.find(quote), len(quote)) for quote in dict.fromkeys(quotes))
    places: list[tuple[int, int]] = []
    for begins, length in sorted((begins, length) for begins, length in found if begins >= 0):
        ends = begins + length
        is_free = not places or places[-1][1] <= begins
        if is_free and not _splits_math(text[:begins]) and not _splits_math(text[:ends]):
            places.append((begins, ends))
    return places


def _splits_math(before: str) -> bool:
    """Whether a text ends inside a formula."""
    dollars = before.replace("\\$", "").count("$")
    return dollars % 2 == 1 or before.count("\\(") > before.count("\\)")
