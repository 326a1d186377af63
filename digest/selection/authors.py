"""Author names: `Y. Bengio`, `bengio_y`, `Bengio, Yoshua` and `Yoshua Bengio` are the same person.

Names are folded (é = e; ü = u and ue), initials stand for names that begin with them, middle names may be missing on
either side, blanks and hyphens within a given or family name make no difference (`Yo-Sub` = `Yosub`), and titles
(`PhD`, `Dr.`) are no part of a name. One word alone is any part of a name, as at arXiv.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from digest.selection.words import fold, spaced, spaced_compounds

MAX_GIVEN_NAMES = 6
"""What has more words before the family name is asked for as it stands."""

_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv"])
_PARTICLES = frozenset(
    ["van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ter", "ten", "zu"]
)
_CLOSED_UP = _PARTICLES | {"mc", "mac", "st", "san", "santa", "al", "el", "abu", "ibn", "bin", "ben"}
"""Beginnings of family names that are also written without a blank (`Vandenberg`, `McCarthy`, `Alsayed`)."""
_TRANSCRIBED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)
_APOSTROPHE = re.compile("['’`\u02bc]")
# Behind a name: degrees and orders. Short ones only in capitals, since Ma, Md and Sj are names as well.
_DEGREES = re.compile(
    r"(?<=\w)[,\s]+(?:"
    r"(?i:Ph\.?\s?D|M\.\s?D|D\.\s?Phil|DPhil|Dr\.?\s?rer\.?\s?nat|Dr\.?\s?med|D\.?Sc|Sc\.?D|M\.?\s?Sc|B\.?\s?Sc|Pharm\.?\s?D|"
    r"Psy\.?\s?D|Ed\.?\s?D|Esq)"
    r"|S\.?\s?J|M\.?D|M\.?P\.?H|M\.?B\.?A|M\.?Eng|D\.?V\.?M|D\.?D\.?S|R\.?N|F\.?R\.?S|O\.?P|O\.?F\.?M|O\.?S\.?B|C\.?S\.?C|LL\.?M|J\.?D"
    r")\.?\s*$"
)
_TITLES = re.compile(r"^\s*(?:(?i:dr|prof|professor|mr|mrs|ms|sir|dame|rev|fr)(?:\.\s*|\s+))+(?=\w)")
_CAPITALS = re.compile(r"(?<![\w.])[A-Z]{2,3}(?![\w.])")

Parts = tuple[str, ...]


class Name(NamedTuple):
    """A displayed name, in order: given names, then the family name; once in each transcription."""

    variants: tuple[Parts, ...]


class NamePattern(NamedTuple):
    """What an author is asked for."""

    readings: tuple[tuple[Parts, Parts], ...] = ()
    """The ways in which the words may be (given names or initials, family name)."""
    wholes: tuple[Parts, ...] = ()
    """These words in a row, or the same words in another order, are a match as well; one for each transcription."""
    prefix: str = ""
    """Instead of all that: the beginning of any part."""


def parse_name(name: str) -> Name:
    """Split a displayed name (`First Last`)."""
    return Name(_variants(_without_titles(name)))


def parse_pattern(text: str, *, prefix: bool = False) -> NamePattern | None:
    """Read what a filter asks for; None if *text* holds no letter.

    Understood are `Last`, `First Last`, `F. Last`, `Last F`, `Last FM`, `Last, First`, `Last, F.` and arXiv's `last_f`.
    """
    plain = text.replace("_", " ")
    if not _parts(plain):
        return None
    if prefix:
        return NamePattern(prefix=" ".join(_parts(plain)))
    readings: dict[tuple[Parts, Parts], None] = {}
    wholes: dict[Parts, None] = {}
    for spelling in _spellings(plain):
        for split in (_parts, _compound_parts):
            found, whole = _read(spelling, split)
            readings |= dict.fromkeys(found)
            wholes |= dict.fromkeys([whole] if whole else [])
    return NamePattern(tuple(readings), tuple(wholes))


def name_text(names: Iterable[str]) -> str:
    """Return all letters of all names in each transcription, without blanks and hyphens between them."""
    plain = _APOSTROPHE.sub("", ", ".join(names))
    text = _closed_up(plain)
    return text if plain.isascii() else f"{text} {_closed_up(plain.translate(_TRANSCRIBED))}"


def may_have_author(text: str, pattern: NamePattern) -> bool:
    """Tell whether names of this `name_text` can be what the pattern asks for: a quick look before `has_author`."""
    if pattern.prefix:
        return True
    if any("".join(family) in text for _, family in pattern.readings):
        return True
    return any(all(word in text for word in whole) for whole in pattern.wholes)


def has_author(names: Iterable[Name], pattern: NamePattern) -> bool:
    """Tell whether one of the names is what the pattern asks for."""
    return any(_fits(parts, pattern) for name in names for parts in name.variants)


def _closed_up(text: str) -> str:
    return spaced(fold(text)).replace(" ", "")


def _without_titles(name: str) -> str:
    """Return a name without the titles around it, as long as two words are left."""
    for pattern in (_DEGREES, _DEGREES, _TITLES):
        shorter = pattern.sub("", name)
        name = shorter if len(shorter.split()) > 1 else name
    return name


def _spellings(text: str) -> tuple[str, ...]:
    """Return the texts that a pattern may mean: in each transcription, without titles, capitals in a row as initials."""
    bare = _without_titles(text)
    found = [text, bare, _spread_given(bare), _spread_last(text)]
    return tuple(dict.fromkeys(one for spelling in found for one in (spelling, spelling.translate(_TRANSCRIBED))))


def _variants(name: str) -> tuple[Parts, ...]:
    """Return the parts of a name in each transcription: compounds also as one word, capitals in a row as initials."""
    texts = [name, _spread_given(name)]
    if not name.isascii():
        texts += [text.translate(_TRANSCRIBED) for text in texts]
    splits = (_parts, _compound_parts) if "-" in name or not name.isascii() else (_parts,)
    return tuple(dict.fromkeys(split(text) for text in texts for split in splits))


def _spread_given(name: str) -> str:
    """Return `AJ Roe` as `A J Roe`, other names as they are; who writes all in capitals means nothing by them."""
    *given, family = name.split() or [""]
    if name.isupper():
        return name
    return " ".join([*(_CAPITALS.sub(lambda found: " ".join(found[0]), word) for word in given), family])


def _spread_last(name: str) -> str:
    """Return `Roe AJ` and `Roe, AJ` as `Roe A J` and `Roe, A J`, other names as they are."""
    *before, last = name.split() or [""]
    if not before or name.isupper() or not _CAPITALS.fullmatch(last):
        return name
    return " ".join([*before, *last])


def _parts(text: str) -> Parts:
    return _without_suffixes(spaced(fold(_APOSTROPHE.sub("", text))))


def _compound_parts(text: str) -> Parts:
    return _without_suffixes(spaced_compounds(fold(_APOSTROPHE.sub("", text))))


def _without_suffixes(text: str) -> Parts:
    words = text.split()
    return tuple(word for word in words if word not in _SUFFIXES) or tuple(words)


def _read(text: str, split: Callable[[str], Parts]) -> tuple[list[tuple[Parts, Parts]], Parts]:
    """Return the readings of a text, and the words that are a match in a row."""
    family, _, given = map(split, text.partition(","))
    if family and given:
        # Two full names are rather two people, whoever forgot the semicolon; a compound family name looks the same.
        people = [cut for words in (family, given) for cut in _cuts(words)] if min(len(family), len(given)) > 1 else []
        return [(given, family), *people], ()
    words = split(text)
    initials = next((n for n, word in enumerate(reversed(words)) if len(word) > 1), 0)
    if initials:
        return [(words[-initials:], words[:-initials])], ()
    full = len(words) == 1 or all(len(word) > 1 for word in words)
    return _cuts(words), words if full else ()


def _cuts(words: Parts) -> list[tuple[Parts, Parts]]:
    """Return where given names may end: a particle in the middle belongs to the family name, a first word is a given name."""
    cuts = (
        cut for cut in range(1, min(len(words), MAX_GIVEN_NAMES + 1)) if cut == 1 or words[cut - 1] not in _PARTICLES
    )
    return [(words[:cut], words[cut:]) for cut in cuts]


def _fits(parts: Parts, pattern: NamePattern) -> bool:
    if pattern.prefix:
        return any(part.startswith(pattern.prefix) for part in parts) or " ".join(parts).startswith(pattern.prefix)
    if any(_in_a_row(whole, parts) or sorted(whole) == sorted(parts) for whole in pattern.wholes):
        return True
    return any(
        _same_family(family, parts[cut:]) and _agree(given, parts[:cut])
        for given, family in pattern.readings
        for cut in range(1, len(parts))
    )


def _in_a_row(words: Parts, parts: Parts) -> bool:
    """Tell whether these words are neighbours among the parts, or all of them with other blanks (`Yosub Han`)."""
    if "".join(words) == "".join(parts):
        return True
    ends = range(1, len(parts) + 1)
    return any(_same_family(words, parts[start:end]) for end in ends for start in range(end))


def _same_family(one: Parts, other: Parts) -> bool:
    """Tell whether two family names are the same; particles may be closed up (`Vandenberg`)."""
    return one == other or ("".join(one) == "".join(other) and not _CLOSED_UP.isdisjoint((one[0], other[0])))


def _agree(asked: Parts, given: Parts) -> bool:
    """Given names agree if the first ones do and the shorter list is found in the longer one, in order."""
    if "".join(asked) == "".join(given):
        return True
    if not _same(asked[0], given[0]):
        return False
    shorter, longer = sorted((asked[1:], given[1:]), key=len)
    rest = iter(longer)
    return all(any(_same(part, other) for other in rest) for part in shorter)


def _same(one: str, other: str) -> bool:
    """Tell whether two given names are equal, or one is the other's initial."""
    return one == other or (one[0] == other[0] and 1 in (len(one), len(other)))
