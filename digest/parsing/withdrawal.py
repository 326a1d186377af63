"""Withdrawals: arXiv announces them as replacements, and only the text says what they are."""

from __future__ import annotations

import re

_WORK = r"(?:paper|article|preprint|submission|manuscript|work|note|version|contribution|document|draft|report)"
_NOTICE = re.compile(
    rf"""\W*(?:
        (?:(?:this|the|our)\s+)? (?:arxiv\s+)? {_WORK}\s+ (?:has\s+been|is|was)\s+ (?:\w+ly\s+|being\s+|now\s+)?
            (?:withdrawn|retracted)
      | (?:{_WORK}\s+)? (?:withdrawn|retracted) (?=\s*(?:$|[.,;:(\]])|\s+(?:by|due|because|as|since|pending|owing)\b)
      | (?:(?:the\s+authors?|we|I)\s+) (?:have\s+|has\s+)? (?:withdraw|withdrawn|withdrew|retracted)
            \s+ (?:this|the|our)\s+ (?:arxiv\s+)? {_WORK}
    )\b (?!\s+from\s+(?!arxiv))""",
    re.IGNORECASE | re.VERBOSE,
)


def is_withdrawal(comment: str | None, abstract: str) -> bool:
    """Tell whether comment or abstract begins with a withdrawal notice.

    "This paper has been withdrawn by the authors due to …", "Withdrawn: error in Lemma 3". Mentions further on
    ("supersedes a withdrawn paper") and withdrawals from a conference are none.

    Source: arXiv help, "To withdraw an article".
    """
    return bool(_NOTICE.match(comment or "") or _NOTICE.match(abstract))
