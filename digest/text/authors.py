"""arXiv's author string to single authors, and long lists to short ones.

Source: arXiv help, "Author(s) and their affiliations"; the odd cases are from real listings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.models import Author
from digest.text.cleaning import clean_name

_EDITORS = re.compile(r"^(?:edited\s+by|editors?|eds?\.)\s*:?\s+", re.IGNORECASE)
_EDITOR_MARK = re.compile(r"\s*\((?:eds?\.?|editors?|guest editors?)\)\s*$", re.IGNORECASE)
_ORGANISATION = r"(?:collaborations?|consortium|team|group|working group|network|survey|project|initiative)"
_COLLABORATION_FIRST = re.compile(rf"^((?:the\s+)?[^,:;()]*\b{_ORGANISATION}s?)\s*:\s*", re.IGNORECASE)
_ON_BEHALF = re.compile(
    rf"\(?\s*\b(?:for|on\s+behalf\s+of|representing)\s+(?:the\s+)?([^()]*?\b{_ORGANISATION})\s*\)?\s*$", re.IGNORECASE
)
_FIRM = re.compile(
    rf"(?:\w+\s+)?(?:{_ORGANISATION}|laborator(?:y|ies)|labs?|inc\.?|ltd\.?|sons|co\.?|partners|company)\b.*",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|esq)\.?", re.IGNORECASE)
_MARKERS = re.compile(
    r"\s*(?:\d{1,3}|[a-z*†‡§¶]|[A-Z])(?:\s*(?:,|;|and|&|\s)\s*(?:\d{1,3}|[a-z*†‡§¶]|[A-Z]))*\s*", re.IGNORECASE
)
_NOTE_SPLIT = re.compile(r"\(\s*(\d{1,3}|[a-z]|[A-Z])\s*\)\s*:?\s*")
_RAISED_MARKS = re.compile(r"\s*\$\s*(?:\{\})?\^\s*\{?[\\\w\s,*†‡]{1,24}\}?\s*\$|[¹²³⁴-⁹]+|[*†‡]+$")
_LOOSE_HYPHEN = re.compile(r"(?<=\b[^\W\d_]\.) (?=-[^\W\d_])")
_TIGHT_INITIALS = re.compile(r"(?<=\b[^\W\d_]\.)(?=[^\W\d_])")
_SEPARATORS = {",", "、", "，", ";", "；"}


def parse_authors(raw: str) -> tuple[Author, ...]:
    """Split arXiv's author string into authors, in order, with their affiliations.

    Commas and "and" separate only outside parentheses. A closing list of numbered affiliations is
    resolved; "Edited by" is dropped; a collaboration becomes an author, wherever it is named; suffixes
    (Jr., III) and nicknames in parentheses stay with the name. Nothing in, nothing out.
    """
    text = clean_name(raw)
    if not text:
        return ()
    text = _EDITOR_MARK.sub("", _EDITORS.sub("", text))
    text = _RAISED_MARKS.sub("", text) if "$" in text or not text.isascii() or "*" in text else text
    leading: list[str] = []
    if first := _COLLABORATION_FIRST.match(text):
        leading.append(_without_article(first[1]))
        text = text[first.end() :]
    trailing: list[str] = []
    if behalf := _ON_BEHALF.search(text, max(0, len(text) - 200)):
        trailing.append(_without_article(behalf[1]))
        text = text[: behalf.start()].rstrip(" ,;")
    text, notes = _take_notes(text)
    authors = [Author(name=name) for name in leading]
    authors += [author for piece in _pieces(text) if (author := _author(piece, notes))]
    known = {author.name.casefold() for author in authors}
    authors += [Author(name=name) for name in trailing if name.casefold() not in known]
    return tuple(authors)


def shorten_authors(names: Sequence[str], limit: int) -> str:
    """Join names for display, at most *limit* of them: `A, B, C and 2,987 more`.

    Raises:
        ValueError: *limit* is below 1.
    """
    if limit < 1:
        raise ValueError(f"at least one name must be shown, not {limit}")
    if len(names) <= limit:
        return ", ".join(names)
    return f"{', '.join(names[:limit])} and {len(names) - limit:,} more"


def _without_article(name: str) -> str:
    return re.sub(r"^the\s+", "", name.strip(), flags=re.IGNORECASE)


def _take_notes(text: str) -> tuple[str, dict[str, str]]:
    """Take the closing `((1) …, (2) …)` off, also without the outer parentheses."""
    start = text.rfind("((")
    inner = ""
    if start >= 0 and _NOTE_SPLIT.match(text, start + 1):
        inner = text[start + 1 :].rstrip(" .")
        inner = inner.removesuffix(")")
    elif loose := re.search(r",\s*(?=\(\s*1\s*\)\s*[A-Z])", text):
        start, inner = loose.start(), text[loose.end() :]
    if not inner:
        return text, {}
    parts = _NOTE_SPLIT.split(inner)
    notes = {mark: note.strip(" ,;.") for mark, note in zip(parts[1::2], parts[2::2], strict=True)}
    return text[:start], {mark: note for mark, note in notes.items() if note}


def _pieces(text: str) -> list[str]:
    """Cut at separators outside parentheses; suffixes go back to their names."""
    if ";" in text and text.count(";") >= text.count(",") - 1 and text.count(",") > 0:
        return [_first_name_first(part) for part in _cut(text, {";", "；"})]
    pieces: list[str] = []
    for part in _cut(text, _SEPARATORS):
        if (pieces and _SUFFIX.fullmatch(part.strip())) or (
            pieces and part.strip()[:1] == "(" and _opening_of(part.strip()) == 0
        ):
            pieces[-1] += f" {part.strip()}"
        else:
            pieces += _split_and(part)
    return pieces


def _cut(text: str, separators: set[str]) -> list[str]:
    """Cut at separators outside parentheses; a parenthesis without partner hides nothing."""
    if not any(mark in text for mark in "()[]"):
        return [part for part in re.split(f"[{''.join(separators)}]", text) if part.strip()]
    opened: list[int] = []
    ends: list[int] = []
    for index, character in enumerate(text):
        if character in "([":
            opened.append(index)
        elif character in ")]":
            if opened:
                start = opened.pop()
                while ends and ends[-1] > start:
                    ends.pop()
        elif character in separators:
            ends.append(index)
    pieces = [text[start:end] for start, end in zip([0, *(end + 1 for end in ends)], [*ends, len(text)], strict=True)]
    return [piece for piece in pieces if piece.strip()]


def _first_name_first(name: str) -> str:
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and "," not in first and "(" not in name else name


def _split_and(part: str) -> list[str]:
    part = re.sub(r"^\s*(?:and|&)\s+", "", part, flags=re.IGNORECASE)
    pieces: list[str] = []
    start = depth = 0
    for found in re.finditer(r"[()]|\s+(?:and|&)\s+", part, re.IGNORECASE):
        if found[0] in "()":
            depth += 1 if found[0] == "(" else -1
        elif depth <= 0 and not (
            _FIRM.fullmatch(part[found.end() :].strip()) and not part[found.end() :].strip().split()[0].isupper()
        ):
            pieces.append(part[start : found.start()])
            start = found.end()
    return [*pieces, part[start:]]


def _author(piece: str, notes: dict[str, str]) -> Author | None:
    text = piece.strip(" .;:") if not piece.rstrip().endswith(".") else piece.strip(" ;:")
    affiliations: list[str] = []
    while text.endswith(")") and len(affiliations) < 8 and (opening := _opening_of(text)) > 0:
        affiliations[:0] = _affiliations(text[opening + 1 : -1], notes)
        text = text[:opening].rstrip()
    # arXiv's feed sets a blank behind each dot ("S. P. Yu", "X. -Y. Li"), its pages give what authors typed ("S.P. Yu").
    name = re.sub(r"\s+", " ", _TIGHT_INITIALS.sub(" ", text)).strip()
    name = _LOOSE_HYPHEN.sub("", name)
    if re.search(rf"\b{_ORGANISATION}$", name, re.IGNORECASE):
        name = _without_article(name)
    if not name:
        return None
    return Author(name=name, affiliation="; ".join(dict.fromkeys(affiliations)) or None)


def _opening_of(text: str) -> int:
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        depth += (text[index] == ")") - (text[index] == "(")
        if depth == 0:
            return index
    return -1


def _affiliations(inner: str, notes: dict[str, str]) -> list[str]:
    if _MARKERS.fullmatch(inner) and (notes or any(character.isdigit() for character in inner)):
        marks = re.findall(r"\d{1,3}|[A-Za-z](?![A-Za-z])", inner)
        return [notes[mark] for mark in marks if mark in notes]
    return [inner.strip()] if inner.strip() else []
