"""Author names: `Y. Bengio`, `bengio_y`, `Bengio, Yoshua` and `Yoshua Bengio` are the same person.

Names are folded (é = e; ü = u and ue), initials stand for names that begin with them, middle names may be
missing on either side. One word alone is any part of a name, as at arXiv.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from digest.selection.words import fold, spaced

_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv"])
_TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_APOSTROPHE = re.compile("['’`\u02bc]")

Parts = tuple[str, ...]


class Name(NamedTuple):
    """A displayed name, in order: given names, then the family name; once in each transcription."""

    variants: tuple[Parts, ...]


class NamePattern(NamedTuple):
    """What an author is asked for: the ways in which the words may be given and family names."""

    readings: tuple[tuple[Parts, Parts], ...]
    """(given names or initials, family name)."""
    any_order: Parts
    """These words in any order are a match as well; empty where initials make that too loose."""
    prefix: str
    """Instead of all that: the beginning of any part."""


def parse_name(name: str) -> Name:
    """Split a displayed name (`First Last`)."""
    plain = _parts(name)
    transcribed = _parts(name.translate(_TRANSCRIBED)) if not name.isascii() else plain
    return Name((plain, transcribed) if transcribed != plain else (plain,))


def parse_pattern(text: str, *, prefix: bool = False) -> NamePattern | None:
    """Read what a filter asks for; None if *text* holds no letter.

    Understood are `Last`, `First Last`, `F. Last`, `Last F`, `Last, First`, `Last, F.` and arXiv's `last_f`.
    """
    family, comma, given = text.partition(",")
    words = _parts(text.replace("_", " "))
    if not words:
        return None
    if prefix:
        return NamePattern((), (), " ".join(words))
    if comma and _parts(given) and _parts(family):
        return NamePattern(((_parts(given), _parts(family)),), (), "")
    readings = [(words[:cut], words[cut:]) for cut in range(1, len(words))]
    if len(words) > 1 and len(words[-1]) == 1:
        initials = next(n for n in range(len(words), -1, -1) if n == 0 or len(words[n - 1]) > 1)
        readings = [(words[initials:], words[:initials])] if initials else readings
    any_order = words if min(map(len, words)) > 1 else ()
    return NamePattern(tuple(readings), any_order or (words if len(words) == 1 else ()), "")


def name_words(names: Iterable[str]) -> frozenset[str]:
    """Return all words of all names, in each transcription: a quick look before `has_author`."""
    plain = "; ".join(names)
    words = _parts(plain)
    return frozenset(words if plain.isascii() else (*words, *_parts(plain.translate(_TRANSCRIBED))))


def may_have_author(words: frozenset[str], pattern: NamePattern) -> bool:
    """Tell whether names of these words can be what the pattern asks for; no answer of False is wrong."""
    if pattern.prefix:
        return True
    whole = bool(pattern.any_order) and words.issuperset(pattern.any_order)
    return whole or any(words.issuperset(family) for _, family in pattern.readings)


def has_author(names: Iterable[Name], pattern: NamePattern) -> bool:
    """Tell whether one of the names is what the pattern asks for."""
    return any(_fits(parts, pattern) for name in names for parts in name.variants)


def _parts(text: str) -> Parts:
    words = spaced(fold(_APOSTROPHE.sub("", text))).split()
    return tuple(word for word in words if word not in _SUFFIXES) or tuple(words)


def _fits(parts: Parts, pattern: NamePattern) -> bool:
    if pattern.prefix:
        return any(part.startswith(pattern.prefix) for part in parts) or " ".join(parts).startswith(pattern.prefix)
    if pattern.any_order and set(pattern.any_order) <= set(parts):
        return True
    return any(
        len(family) < len(parts) and parts[-len(family) :] == family and _agree(given, parts[: -len(family)])
        for given, family in pattern.readings
    )


def _agree(asked: Parts, given: Parts) -> bool:
    """Given names agree if the first ones do and the shorter list is found in the longer one, in order."""
    if not _same(asked[0], given[0]):
        return False
    shorter, longer = sorted((asked[1:], given[1:]), key=len)
    rest = iter(longer)
    return all(any(_same(part, other) for other in rest) for part in shorter)


def _same(one: str, other: str) -> bool:
    """Tell whether two given names are equal, or one is the other's initial."""
    return one == other or (one[0] == other[0] and 1 in (len(one), len(other)))
