"""The simple lists: `include`, `exclude` (words and "phrases") and `author` (names). One reading, for addresses and files.

text → `split_list` → items → `read_term` or `read_author`

An item may begin with a minus: what it names is then left out. Lists have no operators, prefixes or other signs of `q`;
an item that holds one is refused with the way to say it, since it would silently be looked for as a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from digest.selection.authors import parse_pattern
from digest.selection.query import FIELDS
from digest.selection.signs import ALIASES, is_refused_field, stray_star
from digest.selection.words import Words, term_words

_MINUS = "[-\u2212\u2013!]"
_LIST_ITEMS = {
    separator: re.compile(
        rf'\s*(?P<minus>{_MINUS}?)"(?P<phrase>[^"]*)"\s*(?:{separator}|$)|(?P<word>[^"{separator}]*)(?:{separator}|$)'
    )
    for separator in ",;"
}
_TYPED = {",": str.maketrans("“”„«»，、", '""""",,'), ";": str.maketrans("“”„«»；，", '""""";,')}
_OPERATOR = re.compile(r"(?:^|[\s(])(AND|OR|ANDNOT|NOT|NEAR(?:/\d+)?)(?=[\s)(]|$)")
_FIELD = re.compile(r"(?<![\w-])([A-Za-z]\w*):(?=\s*\S)")
_SIGNED_WORD = re.compile(r"^\++(?=\w)|(?<=\s)[-+!](?=\w)")
_FUZZY = re.compile(r"~\d*$|~(?=\w)|(?<=\w)\^[\d.]+$")
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d)\.?", re.IGNORECASE)
_INITIAL_FIRST = re.compile(r"(?:\w\.[\s-]*)+\w{2,}")
_GROUP = re.compile(r"\b(?:collaborations?|group|team|consortium|project)\b", re.IGNORECASE)
_AND = re.compile(r"\s+(?:and|&|und|et|y)\s+")


class ListTerm(NamedTuple):
    """A word or phrase of a list."""

    text: str
    """Without quotes and star."""
    prefix: bool = False
    """The last word goes on (`decod*`)."""
    excluded: bool = False
    """It had a minus."""

    def __str__(self) -> str:
        """Return the canonical spelling: in quotes where it would be read otherwise without."""
        if self.prefix:
            return f"{self.text}*"
        return f'"{self.text}"' if "*" in self.text or _problem(self.text) else self.text

    @property
    def words(self) -> Words | None:
        """The term ready for comparison."""
        return term_words(self.text, prefix=self.prefix)


def split_list(text: str, *, separator: Literal[",", ";"] = ",") -> tuple[str, ...]:
    """Split a list of words and "phrases"; empty items are dropped, a phrase may hold the separator.

    Quotes are taken away where the item reads the same without.

    Raises:
        ValueError: A quote is not closed, or is within a word.
    """
    text = text.translate(_TYPED[separator])
    items, at = [], 0
    while at < len(text):
        found = _LIST_ITEMS[separator].match(text, at)
        if found is None:
            place = text.index('"', at) + 1
            raise ValueError(f'a quote at character {place} has no partner, or no "{separator}" follows')
        items.append(_item(found, separator))
        at = found.end()
    return tuple(filter(None, items))


def read_term(item: str) -> ListTerm:
    """Read one item of `include` or `exclude`.

    Raises:
        ValueError: There is nothing to look for, or a sign of `q` that means nothing here; the message has the fix.
    """
    bare, excluded = _without_minus(item)
    quoted = len(bare) > 2 and bare[0] == bare[-1] == '"'
    text = bare[1:-1] if quoted else bare.removesuffix("*")
    term = ListTerm(text, prefix=not quoted and bare.endswith("*"), excluded=excluded)
    if term.words is None:
        raise ValueError(f'"{item}" has nothing to look for: a term is a word or phrase, * may end it')
    if quoted and stray_star(text) is not None:
        raise ValueError(f"{item}: in quotes * is no wildcard; write {text.replace('*', '')}* for all endings")
    if not quoted and "*" in text:
        raise ValueError(
            f'"{item}": * may only end a term, for all endings; put it in quotes where it belongs to a letter: "A*"'
        )
    if not quoted and (problem := _problem(text)):
        raise ValueError(f'"{item}" {problem}')
    return term


def keyword_words(keyword: str) -> Words | None:
    """Return a keyword of scoring ready for comparison: a star ends it for all endings, but is a sign in quotes."""
    if len(keyword) > 2 and keyword[0] == keyword[-1] == '"':
        return term_words(keyword[1:-1])
    return term_words(keyword.removesuffix("*"), prefix=keyword.endswith("*"))


def read_author(item: str) -> tuple[str, bool]:
    """Read one item of `author`: the name, perhaps with a `*`, and whether it had a minus.

    Raises:
        ValueError: It is no name, or evidently several; the message has the fix.
    """
    name, excluded = _without_minus(item)
    name = name.strip('"')
    if parse_pattern(name.removesuffix("*")) is None:
        raise ValueError(f'"{item}" is no name')
    if problem := _name_problem(name):
        raise ValueError(f'"{item}" {problem}')
    return name, excluded


def unwanted_author(item: str) -> str | None:
    """Return the name that an item of `author` leaves out, None if it asks for one."""
    name, excluded = _without_minus(item)
    return name if excluded else None


def _item(found: re.Match[str], separator: str) -> str:
    if found["phrase"] is None:
        return " ".join(found["word"].split())
    phrase = " ".join(found["phrase"].split())
    if not phrase:
        return ""
    plain = str(ListTerm(phrase)) if separator == "," else phrase
    return f"{'-' if found['minus'] else ''}{plain}"


def _without_minus(item: str) -> tuple[str, bool]:
    found = re.match(rf"{_MINUS}(?=[^\s\-])", item)
    return (item[found.end() :], True) if found else (item, False)


def _problem(text: str) -> str:
    """Return why an unquoted term isn't what it seems, with the fix; "" if it is."""
    return _language_problem(text) or _separator_problem(text) or _sign_problem(text)


def _language_problem(text: str) -> str:
    if found := _OPERATOR.search(text):
        return f"has {found[1]}, and lists have no operators: {_without_operators(text, found[1])}"
    if "&&" in text:
        return f"has &&, and lists have no operators: write q={' AND '.join(re.split(r' *&& *', text))}"
    if (found := _FIELD.search(text)) and _is_field(found[1]):
        return f"has the prefix {found[1]}:, and lists have none: write q={text}"
    return ""


def _separator_problem(text: str) -> str:
    if "|" in text:
        parts = [part.strip() for part in text.split("|") if part.strip()]
        return f"has a |: commas separate alternatives, {','.join(parts)}"
    if ";" in text or "\uff1b" in text:
        return "has a semicolon: commas separate terms here, and quotes keep it"
    return ""


def _sign_problem(text: str) -> str:
    if re.match(_MINUS, text):
        return 'begins with a sign: a single minus leaves a term out, quotes make it part of the term: "-x"'
    if found := _SIGNED_WORD.search(text):
        return f"has a word with {found[0]}: {_without_signs(text)}"
    if _FUZZY.search(text):
        return "asks for similar or near words, which can't be: write q= with AND, or word* for all endings"
    return ""


def _without_operators(text: str, operator: str) -> str:
    if operator == "OR" and not re.search(r"\b(?:AND|NOT|ANDNOT)\b|[()]", text):
        return f"commas separate alternatives, {','.join(re.split(r' +OR +', text))}"
    if operator == "NOT" and text.startswith("NOT "):
        return f"write -{text[4:]} in include, or {text[4:]} in exclude"
    return f"write q={text}"


def _without_signs(text: str) -> str:
    words = text.split()
    unwanted = [word[1:] for word in words if re.match(r"[-!]\w", word)]
    wanted = [word.lstrip("+") for word in words if not re.match(r"[-!]\w", word)]
    return f"write q={' AND '.join(wanted)}{''.join(f' ANDNOT {word}' for word in unwanted)}"


def _is_field(name: str) -> bool:
    lower = name.lower()
    return lower in FIELDS or lower in ALIASES or is_refused_field(lower)


def _name_problem(name: str) -> str:
    if (found := _FIELD.search(name)) and _is_field(found[1]):
        return f"has the prefix {found[1]}:, which only q has: write the name alone"
    parts = [part.strip() for part in re.split(r"\s+(?:AND|OR)\s+|\s*(?:\||&&|;)+\s*", name) if part.strip()]
    if len(parts) > 1:
        return f"is several names: semicolons separate authors, {'; '.join(parts)}"
    if re.search(r"(?:^|\s)(?:NOT|ANDNOT)\s", name) or re.search(r"(?:^|\s)[-+!](?=\w)", name):
        return "has an operator: -name leaves an author out, semicolons separate authors"
    if _FUZZY.search(name):
        return "asks for similar names, which can't be: write the name, or the beginning of one with *"
    if not _GROUP.search(name) and len(several := _AND.split(name)) > 1:
        return f"is several names: semicolons separate authors, {'; '.join(several)}"
    return _commas_problem([part.strip() for part in name.split(",")])


def _commas_problem(parts: Sequence[str]) -> str:
    people = [part for part in parts if part and not _SUFFIX.fullmatch(part)]
    if len(people) > 2 or (len(people) == 2 and _INITIAL_FIRST.fullmatch(people[0])):
        return f"is several names, and a comma separates the parts of one (Bengio, Yoshua): write {'; '.join(people)}"
    return ""


def written_list(terms: Iterable[str]) -> str:
    """Return words and phrases as one text that `split_list` reads: sorted, each once, in quotes where a comma would divide it."""
    return ",".join(f'"{term}"' if "," in term and term[0] != '"' else term for term in sorted(set(terms)))


def read_points(text: str) -> dict[str, float]:
    """Return words and phrases with their points, `diffusion: 3, survey: -1`; one without points has one.

    Raises:
        ValueError: Something isn't readable; the message says what to write.
    """
    found: dict[str, float] = {}
    for item in split_list(text):
        term, colon, points = item.rpartition(":")
        try:
            found[(term if colon else item).strip()] = float(points) if colon else 1.0
        except ValueError:
            raise ValueError(f'"{item}": write a number of points behind the colon, like diffusion: 3') from None
    return found


def written_points(points: Mapping[str, float]) -> str:
    """Return words with points as one text that `read_points` reads: sorted, the shortest numbers."""
    return ",".join(f"{term}:{repr(points[term] + 0.0).removesuffix('.0')}" for term in sorted(points))
