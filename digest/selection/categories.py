"""Category names in filters: two spellings of one category, whole archives, prefixes."""

from __future__ import annotations

import re

_CATEGORY = re.compile(r"([a-z]+(?:-[a-z]+)*)(?:\.([a-z]+(?:-[a-z]+)*))?", re.IGNORECASE)
_LOWER_CASE = frozenset(("cond-mat", "physics"))
# Source: arXiv, category taxonomy ("… is an alias for …").
_PAIRS = (
    ("math.MP", "math-ph"),
    ("stat.TH", "math.ST"),
    ("math.IT", "cs.IT"),
    ("q-fin.EC", "econ.GN"),
    ("cs.SY", "eess.SY"),
    ("cs.NA", "math.NA"),
)
_OTHER_SPELLING = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}


def spellings(category: str) -> tuple[str, ...]:
    """Return a category under all its names, the given one first: `cs.IT`, `math.IT`."""
    other = _OTHER_SPELLING.get(category)
    return (category, other) if other else (category,)


def normalise_category(text: str) -> str | None:
    """Return a category or archive in arXiv's case (`cs.lg` to `cs.LG`); None if *text* can't be one.

    arXiv writes subject classes in capitals, but those of two archives in lower case (`cond-mat.soft`).
    """
    found = _CATEGORY.fullmatch(text)
    if not found:
        return None
    archive, subject = found[1].lower(), found[2]
    if subject is None:
        return archive
    return f"{archive}.{subject.lower() if archive in _LOWER_CASE else subject.upper()}"


def is_archive(category: str) -> bool:
    """Tell whether a name has no subject class: `cs`, but also `hep-th`, which is both."""
    return "." not in category
