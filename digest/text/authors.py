"""arXiv's author string to single authors, and long lists to short ones.

Every source's authors pass through here, so that a paper has the same ones wherever it was read: the line as typed
(listing pages), the line that arXiv's own parser has cut already (feeds), and single names (the query API).

Source: arXiv help, https://info.arxiv.org/help/prep.html ("Author(s) and their affiliations");
https://github.com/arXiv/arxiv-base, arxiv/authors; the odd cases are from real listings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from digest.models import Author
from digest.text.cleaning import clean_name
from digest.text.organisations import ORGANISATION, is_collaboration, without_article

_EDITORS = re.compile(r"^(?:edited\s+by|editors?|eds?\.|by|authors?(?=\s*:))\s*:?\s+", re.IGNORECASE)
_EDITOR_MARK = re.compile(r"\s*\((?:eds?\.?|editors?|guest editors?)\)\s*$", re.IGNORECASE)
_BEHALF = re.compile(
    rf"""(?:^|\s)(?:and\s+)?(?:
        (?:on|in)\s+(?:the\s+)?behalf\s+of\s+(?P<any>.+)
      | (?:representing|in\s+collaboration\s+with)\s+(?P<other>.+)
      | (?:for|(?:together\s+|along\s+)?with)\s+(?P<noun>.*\b{ORGANISATION})\b
      )[\s.]*$
      | ^\s*(?:and\s+)?for\s+the\s+(?P<the>.+)$""",
    re.IGNORECASE | re.VERBOSE,
)
_CONTRIBUTION = re.compile(
    r"(?:^|\s)(?:and\s+)?(?:with\s+)?(?:an?\s+|the\s+)?(?:\w+\s+)?(?:appendi(?:x|ces)|supplements?|contributions?)\s+(?:written\s+)?"
    r"(?:by|from)\s+(?P<who>.+)$",
    re.IGNORECASE,
)
_ET_AL = re.compile(
    r"(?:^|(?<=\s))(?:(?:and|&)\s+)?(?:et(?:\.\s*|\s+)al(?:ii\b|\.|\b)|(?:(?:many|several|the|\d[\d,]*)\s+)?others"
    r"|\d[\d,]*\s+(?:more|additional|other)(?:\s+authors?)?(?:\s+not\s+shown)?|\.\.\.|…)[\s.:]*$",
    re.IGNORECASE,
)
_AND = r"(?:\s*,\s*(?:and\s+|&\s*)?|\s+(?:and|&)\s+)(?:the\s+)?"
_WORD = r"[A-Z0-9][^\s,;:()]*"
_ACRONYM = r"(?=[^\s,;:()]*[A-Z0-9][^\s,;:()]*[A-Z0-9])[^\s,;:()]+"
_SHARED_NOUN = re.compile(
    rf"(?P<names>(?:(?<=\bof )|(?<=\b[Tt]he )){_WORD}(?:{_AND}{_WORD}){{1,8}}|(?<![^\s(,]){_ACRONYM}(?:{_AND}{_ACRONYM}){{1,8}})"
    r"\s+(?P<noun>[Cc]ollaboration|[Tt]eam|[Gg]roup|[Ee]xperiment|[Nn]etwork|[Ss]urvey|[Pp]roject)s\b"
)
_LIST = re.compile(r"\s*[,;]\s*(?:and\s+|&\s*)?|\s+(?:and|&)\s+", re.IGNORECASE)
_FIRM = re.compile(
    rf"(?:\w+\s+)?(?:{ORGANISATION}|laborator(?:y|ies)|labs?|inc\.?|ltd\.?|sons|co\.?|partners|company)\b.*",
    re.IGNORECASE,
)
_SUFFIX = re.compile(
    r"(?:jr|sr|ii|iii|iv|(?:ph|d)\.?\s?d|d\.?\s?phil|m\.?\s?d|m\.?sc|esq|s\.?\s?j|o\.?f\.?m|o\.?s\.?b|o\.?p)\.?",
    re.IGNORECASE,
)
_DEGREE = re.compile(r"\b(Ph|M|D|S)\. (D|J|Phil)(?=\.?$)")
_MARKERS = re.compile(
    r"\s*(?:\d{1,3}|[a-z*†‡§¶]|[A-Z])(?:\s*(?:,|;|and|&|\s)\s*(?:\d{1,3}|[a-z*†‡§¶]|[A-Z]))*\s*", re.IGNORECASE
)
_NOTE_SPLIT = re.compile(r"\(\s*(\d{1,3}|[a-z]|[A-Z]|[*†‡§¶])\s*\)\s*:?\s*")
_MARK_COMMAND = re.compile(
    r"\s*\\(?:inst|affil|altaffilmark|altaffiliation|footnotemark|thanksref|fnmsep|fnms|corref|orcid(?:link|ID)?)\*?"
    r"(?:\[[^\]]*\]|\{[^{}]*\})+"
)
_RAISED_MARKS = re.compile(
    r"\s*\$\s*(?:\{\})?\^\s*\{?[\\\w\s,*†‡§¶]{1,24}\}?\s*\$|\s*\$\s*\\(?:dag|ddag|dagger|ddagger|ast|star)\s*\$"
    r"|(?<=\w)\s?(?:\{\})?\^(?:\{[\w\s,*†‡§¶]{1,24}\}|[\d*†‡])|[¹²³⁴-⁹]+(?:\s?[,·]\s?[¹²³⁴-⁹]+)*"
    r"|\s*[*†‡§¶✉]+(?=\s*(?:$|[,;:(、，；：]|(?:and|&)\s))"
)
_CHAINED = re.compile(r"(\(\s*(?:\d{1,3}|[*†‡§¶])(?:[\s,;&*†‡§¶\d]|and)*\))\s*(?=[^\s,;:()、，；：])")
_TIGHT_NICKNAME = re.compile(r"(?<=\))(?=[^\W\d_])")
_LOOSE_HYPHEN = re.compile(r"(?<=[^\W\d_]\.) (?=-[^\W\d_])")
_TIGHT_DOT = re.compile(r"(?<=[^\W\d_]\.)(?=[^\s.,;:)\-\d])")
_LOOSE_NUMBER = re.compile(r"(?<=[^\W\d_]\.) (?=\d)")
_LOOSE_ADDRESS = re.compile(r"(?<=@)([\w-]+\.) (?=\w)")
_NICKNAME = re.compile(r"[^\W\d_][^\W\d_a-z]?[^\W\d_A-Z'’.-]+")
_SEPARATORS = {",", "、", "，", ";", "；"}
_COLONS = {":", "："}


def parse_authors(raw: str, *, cut: bool = False) -> tuple[Author, ...]:
    """Split arXiv's author string into authors, in order, with their affiliations.

    Commas, colons and "and" separate only outside parentheses. A closing list of numbered affiliations is
    resolved; "Edited by", "et al." and marks (`*`, `†`) are dropped; a collaboration becomes an author: where it
    stands, or at the end if somebody writes on its behalf. Suffixes (Jr., III) and nicknames in parentheses stay
    with the name. Nothing in, nothing out.

    Args:
        raw: The line.
        cut: arXiv's parser has been at it, as in feeds: a nickname cuts a name in two there (`Can (Sam), Chen`).
    """
    text = clean_name(_MARK_COMMAND.sub("", raw) if "\\" in raw else raw)
    if not text:
        return ()
    text = _EDITOR_MARK.sub("", _EDITORS.sub("", text))
    text, notes = _take_notes(text)
    text = _SHARED_NOUN.sub(_each_named, _CHAINED.sub(r"\1, ", _without_marks(text)))
    text = _TIGHT_NICKNAME.sub(" ", text)
    found = _People()
    for segment in _cut(text, _COLONS):
        for piece in _pieces(segment):
            found.add(piece, notes)
    return found.authors(cut=cut)


def join_authors(names: Iterable[tuple[str, str | None]]) -> tuple[Author, ...]:
    """Make authors of names that come one by one, each with its affiliation, as the query API gives them.

    arXiv's parser made them, so they are what `parse_authors` reads in a feed, apart from suffixes (Jr., III),
    which the API leaves out.
    """
    found = _People()
    for raw, affiliation in names:
        text = _EDITORS.sub("", _without_marks(clean_name(raw)))
        found.add(f"{text} ({affiliation})" if affiliation and text else text, {})
    return found.authors(cut=True)


def has_more_authors(raw: str) -> bool:
    """Tell whether an author string says that it doesn't name all: "A. Doe, B. Roe, et al."."""
    return _ET_AL.search(_take_notes(clean_name(raw))[0].rstrip(" ,;)")) is not None


def shorten_authors(names: Sequence[str], limit: int, *, has_others: bool = False) -> str:
    """Join names for display, at most *limit* of them: `A, B, C and 2,987 more`.

    With others that nobody counts (*has_others*) it is `A, B, C et al.`

    Raises:
        ValueError: *limit* is below 1.
    """
    if limit < 1:
        raise ValueError(f"at least one name must be shown, not {limit}")
    if has_others:
        return f"{', '.join(names[:limit])} et al.".lstrip()
    if len(names) <= limit:
        return ", ".join(names)
    return f"{', '.join(names[:limit])} and {len(names) - limit:,} more"


@dataclass
class _People:
    """Authors as they are found, and apart from them those that others are named for."""

    listed: list[Author] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    after_behind: bool = False
    """The last piece ended with one of the latter: another collaboration goes on the list."""

    def add(self, piece: str, notes: dict[str, str]) -> None:
        """Take up one piece of a line: a name with what belongs to it, or something that is none."""
        known = len(self.behind)
        text = self._take_behind(_ET_AL.sub("", piece).strip(" ;:,"))
        text, affiliations = self._take_affiliations(text, notes)
        name = _displayed(self._take_behind(text))
        if self.after_behind and is_collaboration(name):
            self.behind.append(name)
        elif any(character.isalpha() for character in name):
            self.listed.append(Author(name=name, affiliation="; ".join(dict.fromkeys(affiliations)) or None))
        self.after_behind = len(self.behind) > known

    def _take_behind(self, text: str) -> str:
        """Take "on behalf of …" and "with an appendix by …" off the end."""
        start = max(text.rfind("("), text.rfind(")")) + 1
        if found := _CONTRIBUTION.search(text[start:]):
            self.behind += [_displayed(name) for name in _LIST.split(found["who"])]
        elif found := _BEHALF.search(text[start:]):
            self.behind += _named(next(group for group in found.groups() if group))
        return text[: start + found.start()].rstrip(" ,;(") if found else text

    def _take_affiliations(self, text: str, notes: dict[str, str]) -> tuple[str, list[str]]:
        affiliations: list[str] = []
        while text.endswith(")") and len(affiliations) < 8 and (opening := _opening_of(text)) >= 0:
            inner = text[opening + 1 : -1]
            if opening == 0 and not affiliations and not _BEHALF.search(inner) and not _CONTRIBUTION.search(inner):
                break
            if rest := self._take_behind(inner) if "(" not in inner else inner:
                affiliations[:0] = _affiliations(rest, notes)
            text = text[:opening].rstrip()
        return text, affiliations

    def authors(self, *, cut: bool) -> tuple[Author, ...]:
        listed = _with_nicknames(self.listed) if cut else self.listed
        known = {author.name.casefold() for author in listed}
        behind = {name.casefold(): name for name in self.behind if name}
        return (*listed, *(Author(name=name) for key, name in behind.items() if key not in known))


def _named(body: str) -> list[str]:
    """Return the collaborations of "the ORBIT Collaboration, VELA Collaboration"."""
    parts = [part for part in _LIST.split(body.strip(" .")) if part]
    several = len(parts) > 1 and all(is_collaboration(part) for part in parts)
    return [_displayed(without_article(part)) for part in (parts if several else [body.strip(" .")])]


def _each_named(found: re.Match[str]) -> str:
    """Write "ORBIT and VELA Collaborations" as "ORBIT Collaboration, VELA Collaboration"."""
    parts = [without_article(part) for part in _LIST.split(found["names"]) if part]
    return ", ".join(f"{part} {found['noun']}" for part in parts)


def _with_nicknames(authors: list[Author]) -> list[Author]:
    """Put names together that arXiv's parser has cut at a nickname: `Can (Sam)`, `Chen`.

    It takes the nickname for an affiliation, and gives that to all authors before who have none.
    """
    joined: list[Author] = []
    only_word = len(authors) > 2 and sum(" " not in author.name for author in authors) == 1
    for author in authors:
        nickname = joined[-1].affiliation if joined else None
        if not nickname or not _is_cut(joined, author, only_word=only_word):
            joined.append(author)
            continue
        own = author.affiliation if author.affiliation != nickname else None
        whole = Author(name=f"{joined[-1].name} ({nickname}) {author.name}", affiliation=own)
        start = len(joined) - 1
        while start > 0 and joined[start - 1].affiliation == nickname:
            start -= 1
        joined[start:] = [*(Author(name=one.name) for one in joined[start:-1]), whole]
    return joined


def _is_cut(before: Sequence[Author], author: Author, *, only_word: bool) -> bool:
    """Tell whether *author* is the end of the name that the last one of *before* begins."""
    *others, last = before
    if not last.affiliation or not _NICKNAME.fullmatch(last.affiliation) or not _ends_a_name(author):
        return False
    if author.affiliation == last.affiliation:
        return author.name == last.name  # `Chen (Cherise) Chen`: both halves have it there
    # `Ada Lovelace (London), Plato` stays. Where others before them would have that affiliation, or all others have
    # names of several words, a name was cut in two.
    spread = bool(others) and others[-1].affiliation == last.affiliation
    return " " not in last.name or spread or only_word


def _ends_a_name(author: Author) -> bool:
    *initials, family = author.name.split()
    return "(" not in family and all(len(initial.rstrip(".")) == 1 for initial in initials)


def _without_marks(text: str) -> str:
    return text if text.isascii() and not any(sign in text for sign in "$^*") else _RAISED_MARKS.sub("", text)


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


def _displayed(name: str) -> str:
    """Write a name as everywhere: arXiv's feed sets a blank behind each dot, its pages give what authors typed."""
    name = _LOOSE_NUMBER.sub("", _LOOSE_HYPHEN.sub("", _TIGHT_DOT.sub(" ", name.strip(" ;:,"))))
    name = re.sub(r"\s+", " ", _LOOSE_ADDRESS.sub(r"\1", name) if "@" in name else name)
    name = _DEGREE.sub(r"\1.\2", name.strip())
    return without_article(name) if is_collaboration(name) else name


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
