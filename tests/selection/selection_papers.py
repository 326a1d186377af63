"""Papers for tests: a test names only what matters to it."""

from datetime import date
from typing import Any

from digest.models import Paper


def make_paper(**overrides: Any) -> Paper:
    fields: dict[str, Any] = {
        "id": "2601.00001",
        "title": "A title",
        "authors": ("Ada Lovelace",),
        "abstract": "An abstract.",
        "categories": ("cs.LG",),
        "announce_type": "new",
        "announced": date(2026, 1, 29),
    }
    fields |= overrides
    fields.setdefault("primary_category", fields["categories"][0])
    return Paper(**fields)
