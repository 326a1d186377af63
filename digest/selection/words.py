r"""Text to comparable words: what counts as the same word everywhere in filters and scores.

Folding takes away what people write in several ways: case, accents (é = e), compatibility forms
(CO₂ = CO$_2$ = CO2), Greek letters in Unicode, in TeX or spelled out (α = `$\alpha$` = alpha), TeX markup,
possessives, British spellings (`spellings`). Words are maximal runs of letters and digits. A hyphen separates, and is
remembered: the compound is also one word (*pre-training* is found by `pre training`, `pre-training` and `pretraining`).
A single letter keeps its star (A*), as C++ and C# keep their signs.
"""

from __future__ import annotations

import math
import re
import unicodedata
from itertools import pairwise, product
from os.path import commonprefix
from typing import NamedTuple

from digest.selection.spellings import base, beginnings, word_forms


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        _listed("""alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau
        upsilon phi chi psi omega"""),
        strict=True,
    )
)
_GREEK_NAMES = frozenset(_GREEK.values())
# Macros that only dress their argument; every other one ends a word, as an operator does.
_DRESS = frozenset(
    _listed("""mathrm mathcal mathbb mathbf mathfrak mathsf mathtt mathit mathscr text textbf textit textsc texttt
    textrm textsf textup textnormal textsubscript textsuperscript emph underline overline rm bf it sc sf tt cal bm
    boldsymbol operatorname hat widehat tilde widetilde bar vec dot ddot mbox hbox left right big bigl bigr Big
    ensuremath unicode small""")
)
_FUNCTIONS = frozenset(_listed("log ln exp sin cos tan tanh max min sup inf lim det dim ker arg gcd"))

_EDGE = "\x00"  # stands where the name of a Greek letter begins or ends
_MACRO = re.compile(r"\\(?:([A-Za-z]+)\s*|.)", re.DOTALL)
_COMBINING = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_GREEK_RUN = re.compile("(?<![α-ω])[α-ω]{1,3}(?![α-ω])")
_IDEOGRAPH = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ŋ": "ng", "ħ": "h"}
    | {"ς": "σ", "∆": "δ", "ϵ": "ε", "’": "'", "\u02bc": "'", "\u00ad": None}
    | dict.fromkeys("‐‑‒–−", "-")
)
# One pass in C over ASCII text: lower case, TeX braces and scripts closed up, all other signs to spaces.
_ASCII = str.maketrans(
    {chr(code): chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
    | {"-": "-", _EDGE: _EDGE}
    | dict.fromkeys("$_^{}")
)
_CLOSED_UP = str.maketrans("", "", "$_^{}")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_OTHER_SIGNS = re.compile(r"[^\w\x00-]+")
_UNDERSCORE = re.compile(r"(?<=[^\W_][^\W_])_(?=[^\W_][^\W_])")  # between words; elsewhere it sets a subscript
_POSSESSIVE = re.compile(r"'[sS]\b")
_LANGUAGE = re.compile(r"\b(?:c\+\+|[cf]#)", re.IGNORECASE)
# A single letter with a star is a name: A* search, C*-algebra, $C^*$-algebra.
_STARRED = re.compile(r"(?<![^\W_])(?<![\\*])([A-Za-z])\$?\^?\{?(?:\*|\\(?:ast|star)(?![A-Za-z]))\}?(?![*\w])")
_LANGUAGE_NAMES = {"c++": "cplusplus", "c#": "csharp", "f#": "fsharp"}


MAX_PHRASES = 16
"""Up to so many inflected phrases are looked for one by one; beyond, the text is put in singular."""


class Vocabulary(dict[str, str]):
    """Words to their singulars in American spelling, remembered; one is shared by all that is compared."""

    def __missing__(self, word: str) -> str:
        """Look a word up that is new."""
        form = self[word] = base(word)
        return form


class Form(NamedTuple):
    """One spelling of a term: its words in order, each with a space before and after."""

    words: tuple[tuple[str, tuple[str, ...]], ...]
    """For each word, once, what its inflections begin with, and all of them."""
    phrase: str
    """All words in singular; empty if there is only one, which `words` says all about."""
    phrases: tuple[str, ...]
    """All words in all inflections, to be looked for as they are; empty where that would be too many."""


class Words(NamedTuple):
    """A term made ready for comparison; `indexing.Text.has` is the other side."""

    forms: tuple[Form, ...]
    """The words as written, and where there are hyphens, the compounds as one word."""
    raw: tuple[str, ...]
    """The same as unchanged words with a space before each."""
    prefix: bool
    """The last word goes on (`decod*`)."""

    @property
    def heads(self) -> frozenset[str]:
        """The first words of all forms: a text without any of them can't hold the term."""
        return frozenset(word.strip() for form in self.forms for word in form.words[0][1])


def fold(text: str) -> str:
    """Return *text* in the spelling that is compared: lower-case words between spaces, compounds with hyphens."""
    if "'" in text or "’" in text:
        text = _POSSESSIVE.sub("", text.replace("’", "'"))
    if "++" in text or "#" in text:
        text = _LANGUAGE.sub(lambda found: _LANGUAGE_NAMES[found[0].lower()], text)
    if "*" in text or "\\ast" in text or "\\star" in text:
        text = _STARRED.sub(r"\1star", text)
    if "_" in text:
        text = _UNDERSCORE.sub("-", text)
    touched = "\\" in text or not text.isascii()
    if "\\" in text:
        text = _MACRO.sub(_unfold_macro, text)
    if not text.isascii():
        text = _BEYOND_ASCII.sub(_fold_letters, text)
        if not text.isascii():  # letters of other scripts: the table below would be slow
            text = _OTHER_SIGNS.sub(" ", text.translate(_CLOSED_UP))
    text = text.translate(_ASCII)
    if touched or _EDGE in text:  # a hyphen beside a Greek letter still belongs to its name
        text = text.replace(f"{_EDGE}-", "-").replace(f"-{_EDGE}", "-").replace(_EDGE, " ")
    return text


def spaced(folded: str) -> str:
    """Return the words of folded text in order, one space before and after each; a hyphen separates."""
    return _single_spaces(f" {folded.replace('-', ' ')} ")


def spaced_compounds(folded: str) -> str:
    """Return the words of folded text in order, one space before and after each, each compound as one word."""
    return _single_spaces(f" {folded.replace('-', '')} ")


def compounds(folded: str) -> list[str]:
    """Return neighbours in the compounds of folded text as one word: *pretraining* of *pre-training*."""
    return [
        left[left.rfind(" ") + 1 :] + right.partition(" ")[0]
        for left, right in pairwise(folded.split("-"))
        # Nothing or a space at the hyphen: a dash between words, or a sign before a number.
        if left[-1:] > " " and right[:1] > " "
    ]


def term_words(text: str, *, prefix: bool = False) -> Words | None:
    """Make a word or phrase ready for comparison; None if it holds no letter or digit."""
    folded = fold(text)
    flat = dict.fromkeys((spaced(folded), spaced_compounds(folded)))
    if not all(spelling.strip() for spelling in flat):
        return None
    return Words(tuple(map(_form, flat)), tuple(raw for spelling in flat for raw in _raw(spelling.rstrip())), prefix)


def _raw(spelling: str) -> list[str]:
    """Return a term's words as they stand, and with other spellings of the last one, which may go on."""
    before, _, last = spelling.rpartition(" ")
    return [f"{before} {beginning}" for beginning in beginnings(last)]


def _form(spelling: str) -> Form:
    words = spelling.split()
    inflected = [sorted(word_forms(word)) for word in words]
    asked = dict.fromkeys(
        (f" {commonprefix(every)}", tuple(f" {each} " for each in every))  # noqa: RUF071  # of characters is meant
        for every in inflected
    )
    if len(words) == 1:
        return Form(tuple(asked), "", ())
    few = math.prod(map(len, inflected)) <= MAX_PHRASES
    phrases = tuple(f" {' '.join(each)} " for each in product(*inflected)) if few else ()
    return Form(tuple(asked), f" {' '.join(map(base, words))} ", phrases)


def _single_spaces(text: str) -> str:
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _unfold_macro(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        return " "
    if name in _DRESS:
        return ""
    if name == "ell":
        return "l"
    bare = name.lower().removeprefix("var")
    if bare in _GREEK_NAMES or name in _FUNCTIONS:
        return f"{_EDGE}{bare}{_EDGE}"
    return " "


def _fold_letters(found: re.Match[str]) -> str:
    """Fold a run of letters and signs beyond ASCII."""
    text = unicodedata.normalize("NFKD", found[0]).casefold().translate(_LETTERS)
    text = _GREEK_RUN.sub(_spell_greek, _COMBINING.sub("", text))
    return _OTHER_SIGNS.sub(" ", _IDEOGRAPH.sub(r" \1 ", text))


def _spell_greek(run: re.Match[str]) -> str:
    return f"{_EDGE}{_EDGE.join(_GREEK.get(letter, letter) for letter in run[0])}{_EDGE}"
