r"""Abstracts cut into sentences.

Every mark that could end a sentence (`.`, `!`, `?`, `…`, their CJK kin) is looked at from both sides: what
is before it (an abbreviation, an initial, an open bracket, math) and whether what follows may begin a
sentence. Nothing is learned here: the rules are few, and each names the case it is for.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from digest.summaries.wordlists import BINDING, HEADINGS, NUMBERED, OPEN, STARTERS

_LOOK_BACK = 80
_BRACKET_REACH = 250


class _Patterns(NamedTuple):
    mark: re.Pattern[str]
    protected: re.Pattern[str]
    inside: re.Pattern[str]
    first_word: re.Pattern[str]
    initials: re.Pattern[str]
    lost_blank: re.Pattern[str]
    symbol_subject: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    closers = r"""(?:["'”’»)\]}*]|\$(?=\s|\Z))*"""
    citation = r"(?:\$\^\{?[\d,\s]+\}?\$|\[\d+(?:[,–-]\s?\d+)*\])?"
    return _Patterns(
        mark=re.compile(rf"[.!?…]+{closers}{citation}(?=\s|(?<=[.?!)\]])[A-Z])|[。！？]+[”’」』）]*"),
        # Dollars are math by pandoc's rule (no blank inside the dollars, no digit after), so that prices are none;
        # with a digit after it only without blanks inside (`$\sim$35`).
        protected=re.compile(
            r"(?<!\\)\$\$.{1,900}?\$\$|(?<!\\)\$(?=[^\s$])(?:\\.|[^$\\]){0,600}?(?<!\s)\$(?!\d)|\$[^$\s]{1,40}\$(?=\d)|https?://\S+|www\.\S+"
        ),
        inside=re.compile(r"[~({\[\"“`]|[-–/](?=\w+\Z)"),
        first_word=re.compile(r"[A-Za-z][\w'’-]*"),
        initials=re.compile(r"[A-Z](?:\.-?[A-Z])*"),
        lost_blank=re.compile(r"([A-Z][a-z']*)(?: [a-zA-Z(]|(:)\s)"),
        symbol_subject=re.compile(r"(?:[a-z]|p[A-Z]) (?:is|are|denotes|can|may|must|[\d.]+)\b"),
    )


def _fold(text: str) -> str:
    """Single spaces; a paragraph break stays one."""
    return "\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip())


def _may_begin(rest: str, word: str) -> bool:
    """Whether a sentence could start with *rest*, whose first word is *word*."""
    first = rest[0]
    if first.isupper() or first.isdigit() or first in "$\\([{*%“\"'`‘¿«©•–—-" or ord(first) > 0x2E7F:
        return not (first == "[" and rest[1:2].isdigit())
    if any(letter.isupper() for letter in word[1:]):  # iOS, vLLM, nnU-Net
        return True
    if rest.startswith(("http://", "https://", "www.")):
        return True
    return _patterns().symbol_subject.match(rest) is not None  # "k is fixed.", "pH 7.4 is …"


def _abbreviates(before: str, rest: str, word: str) -> bool:
    """Whether the dot between *before* and *rest* belongs to an abbreviation that goes on."""
    cut = before.rfind(" ") + 1
    last = before[cut:]
    if not last or "://" in last:
        return False
    raw = last if last.isalpha() else _patterns().inside.split(last)[-1].lstrip("'$*\\")
    low = raw.lower()
    starter = word[:1].isupper() and (word.lower() in STARTERS or re.match(r"I [a-z]", rest) is not None)
    earlier = before[:cut].rstrip()
    if low in NUMBERED:
        return rest[0].isdigit() or rest[0] in "($\\" or (len(word) == 1 and not starter)
    if raw == "v" and word[:1].isupper() and re.search(r"(?:^|\s)[^\W\d_a-z][\w.,'’)-]*\Z", earlier):
        return True  # Moe v. Acme Corp.
    if low in OPEN or low.endswith(".al"):
        return not starter or rest[0] in "(["
    if _patterns().initials.fullmatch(raw):  # J. W. Milnor, E. coli; "type I. We …" ends
        return not starter or re.search(r"(?:\b[A-Z]\.|&|\band)\Z", earlier) is not None
    # "1. We define the task. 2. We solve it.": the number of a list item, not the end of a sentence.
    return low in BINDING or (raw.isdigit() and len(raw) < 3 and (not earlier or earlier[-1] in ":;"))


class _Scanner:
    """One folded paragraph: where its sentences end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = [m.span() for m in _patterns().protected.finditer(text)] if "$" in text or "://" in text else []
        self.start = 0
        self._brackets = "(" in text or "[" in text
        self._depth = 0
        self._seen = 0

    def ends(self) -> list[int]:
        found: list[int] = []
        for mark in _patterns().mark.finditer(self.text):
            if mark.start() >= self.start and self._is_end(mark.start(), mark.end()):
                found.append(mark.end())
                self.start = self._seen = mark.end()
                self._depth = 0
        if self.text[self.start :].strip():
            found.append(len(self.text))
        return found

    def _is_end(self, at: int, end: int) -> bool:
        text = self.text
        if text[at] in "。！？":
            return True
        rest = text[end : end + 48].lstrip()
        spaced = text[end : end + 1].isspace() or self._is_lost_blank(at, end)
        if not rest or not spaced or self._is_protected(at, end) or self._is_bracketed(at, end):
            return False
        first = _patterns().first_word.match(rest)
        word = first.group() if first else ""
        trails_off = text[at:end].startswith(("..", "…")) and not word[:1].isupper()
        if trails_off or not _may_begin(rest, word):
            return False
        if text[at] == "." and end - at == 1:
            return not _abbreviates(text[max(self.start, at - _LOOK_BACK) : at].lstrip(), rest, word)
        return True

    def _is_protected(self, at: int, end: int) -> bool:
        """Inside math or an address, unless that ends with the mark (`$f(x)=x^2.$ Then …`)."""
        return any(low < at and (end < high) for low, high in self.spans)

    def _is_bracketed(self, at: int, end: int) -> bool:
        """Inside a bracket that opened in this sentence and closes soon."""
        if not self._brackets:
            return False
        for character in self.text[self._seen : at]:
            if character in "([":
                self._depth += 1
            elif character in ")]":
                self._depth = max(0, self._depth - 1)
        self._seen = at
        if not self._depth or any(c in ")]" for c in self.text[at:end]):
            return False
        depth = self._depth
        for character in self.text[end : end + _BRACKET_REACH]:
            if character in "([":
                depth += 1
            elif character in ")]":
                depth -= 1
                if depth < self._depth:
                    return True
        return False

    def _is_lost_blank(self, at: int, end: int) -> bool:
        """`… domain.We train …`, `… domain.Methods: …`, not `nn.Module`, `Node.js` or an address."""
        head = self.text[max(0, at - 60) : at]
        token = head[head.rfind(" ") + 1 :]
        first = _patterns().lost_blank.match(self.text, end)
        if first is None or "/" in token or (first.group(2) and first.group(1).lower() not in HEADINGS):
            return False
        if first.group(1).lower() in STARTERS:
            return re.search(r"\w\w\Z|[)\]%$]\Z", token) is not None
        return "." not in token and re.search(r"[a-z]{3}\Z|[)\]%$]\Z", token) is not None


def split_sentences(text: str) -> list[str]:
    r"""Cut *text* into its sentences, in order; nothing is lost but white space, which is folded.

    Math between dollars, addresses, brackets, abbreviations, initials and numbered items stay whole. A paragraph
    break ends a sentence, with or without a mark.

    Args:
        text: Clean model text: Unicode, math as TeX between dollars, paragraphs parted by an empty line.

    Returns:
        The sentences, none empty; the empty list for a text without a visible character.
    """
    sentences: list[str] = []
    for paragraph in _fold(text).split("\n"):
        start = 0
        for end in _Scanner(paragraph).ends():
            sentences.append(paragraph[start:end].strip())
            start = end
    return [sentence for sentence in sentences if sentence]
