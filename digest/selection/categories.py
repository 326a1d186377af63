"""Category names in filters: two spellings of one category, whole archives, prefixes."""

from __future__ import annotations

import re
from functools import lru_cache

from digest.arxiv import taxonomy

_CATEGORY = re.compile(r"([a-z]+(?:-[a-z]+)*)(?:\.([a-z]+(?:-[a-z]+)*))?", re.IGNORECASE)
_LOWER_CASE = frozenset(("cond-mat", "physics"))


@lru_cache(maxsize=1024)
def spellings(category: str) -> tuple[str, ...]:
    """Return a category under all its names in use, the given one first: `cs.IT`, `math.IT`."""
    if not taxonomy.find(category):
        return (category,)
    return (category, *(other for other in taxonomy.aliases_of(category) if not taxonomy.is_retired(other)))


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


def is_archive(code: str) -> bool:
    """Tell whether *code* is an archive's: `cs`, but also `hep-th`, which is a category too; not its alias `math.MP`."""
    found = taxonomy.find(code)
    return found is not None and found == code.casefold() and taxonomy.is_archive(found)
