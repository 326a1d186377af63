"""Author names: `Y. Bengio`, `bengio_y`, `Bengio, Yoshua` and `Yoshua Bengio` are the same person.

Names are folded (é = e; ü = u and ue), initials stand for names that begin with them, middle names may be
missing on either side. One word alone is any part of a name, as at arXiv.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from digest.selection.words import fold, spaced

MAX_GIVEN_NAMES = 6
"""What has more words before the family name is asked for as it stands."""

_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv"])
_PARTICLES = frozenset(
    ["van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ter", "ten", "zu"]
)
_TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_APOSTROPHE = re.compile("['’`\u02bc]")

Parts = tuple[str, ...]


class Name(NamedTuple):
    """A displayed name, in order: given names, then the family name; once in each transcription."""

    variants: tuple[Parts, ...]


class NamePattern(NamedTuple):
    """What an author is asked for."""

    readings: tuple[tuple[Parts, Parts], ...] = ()
    """The ways in which the words may be (given names or initials, family name)."""
    whole: Parts = ()
    """These words in a row, or the same words in another order, are a match as well."""
    prefix: str = ""
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
    words = _parts(text.replace("_", " "))
    if not words:
        return None
    if prefix:
        return NamePattern(prefix=" ".join(words))
    family, _, given = map(_parts, text.partition(","))
    if family and given:
        return NamePattern(readings=((given, family),))
    initials = next((n for n, word in enumerate(reversed(words)) if len(word) > 1), 0)
    if initials:
        return NamePattern(readings=((words[-initials:], words[:-initials]),))
    # A particle in the middle belongs to the family name; a first word is a given name (`Di Wang`).
    cuts = (
        cut for cut in range(1, min(len(words), MAX_GIVEN_NAMES + 1)) if cut == 1 or words[cut - 1] not in _PARTICLES
    )
    readings = tuple((words[:cut], words[cut:]) for cut in cuts)
    full = len(words) == 1 or all(len(word) > 1 for word in words)
    return NamePattern(readings=readings, whole=words if full else ())


def name_text(names: Iterable[str]) -> str:
    """Return all words of all names in each transcription, with a space before and after each word."""
    plain = _APOSTROPHE.sub("", ", ".join(names))
    text = spaced(fold(plain))
    return text if plain.isascii() else text + spaced(fold(plain.translate(_TRANSCRIBED)))


def may_have_author(text: str, pattern: NamePattern) -> bool:
    """Tell whether names of this `name_text` can be what the pattern asks for: a quick look before `has_author`."""
    if pattern.prefix:
        return True
    wanted = (pattern.whole, *(family for _, family in pattern.readings))
    return any(words and all(f" {word} " in text for word in words) for words in wanted)


def has_author(names: Iterable[Name], pattern: NamePattern) -> bool:
    """Tell whether one of the names is what the pattern asks for."""
    return any(_fits(parts, pattern) for name in names for parts in name.variants)


def _parts(text: str) -> Parts:
    words = spaced(fold(_APOSTROPHE.sub("", text))).split()
    return tuple(word for word in words if word not in _SUFFIXES) or tuple(words)


def _fits(parts: Parts, pattern: NamePattern) -> bool:
    if pattern.prefix:
        return any(part.startswith(pattern.prefix) for part in parts) or " ".join(parts).startswith(pattern.prefix)
    if pattern.whole and (_in_a_row(pattern.whole, parts) or sorted(pattern.whole) == sorted(parts)):
        return True
    return any(
        len(family) < len(parts) and parts[-len(family) :] == family and _agree(given, parts[: -len(family)])
        for given, family in pattern.readings
    )


def _in_a_row(words: Parts, parts: Parts) -> bool:
    return any(parts[start : start + len(words)] == words for start in range(len(parts) - len(words) + 1))


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
