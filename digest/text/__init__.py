"""Text that reads: cleaned once on the way in, rendered for each output on the way out.

In: `clean_title`, `clean_abstract`, `clean_comment`, `clean_name`, `parse_authors`, `join_authors`, `has_more_authors`,
`is_collaboration`, `find_code_url`.
Out: `to_plain`, `to_html`, `to_html_paragraphs`, `to_marked_html`, `to_marked_paragraphs`, `to_markdown`, `to_latex`, `shorten_authors`; `xml_safe` and
`terminal_safe` for text of any origin.
"""

from __future__ import annotations

from digest.text.authors import has_more_authors, join_authors, parse_authors, shorten_authors
from digest.text.characters import terminal_safe, xml_safe
from digest.text.cleaning import clean_abstract, clean_comment, clean_name, clean_title
from digest.text.links import find_code_url, is_project, is_repository
from digest.text.organisations import is_collaboration
from digest.text.output import (
    to_html,
    to_html_paragraphs,
    to_latex,
    to_markdown,
    to_marked_html,
    to_marked_paragraphs,
    to_plain,
)
from digest.text.spans import Span, math_spans

__all__ = [
    "Span",
    "clean_abstract",
    "clean_comment",
    "clean_name",
    "clean_title",
    "find_code_url",
    "has_more_authors",
    "is_collaboration",
    "is_project",
    "is_repository",
    "join_authors",
    "math_spans",
    "parse_authors",
    "shorten_authors",
    "terminal_safe",
    "to_html",
    "to_html_paragraphs",
    "to_latex",
    "to_markdown",
    "to_marked_html",
    "to_marked_paragraphs",
    "to_plain",
    "xml_safe",
]
