"""Authors as reference managers want them: family name, given names, suffix. Pure.

Source: N. Markey, "Tame the BeaST", https://ctan.org/pkg/tamethebeast, section 11 (particles belong to the family name,
corporate names stay whole).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from digest.models import Paper
from digest.text import is_collaboration

_OTHERS = re.compile(r"(?:^|[,\s]+)(?:and\s+)?(?:et\s+al\.?|others)$", re.IGNORECASE)
_LONGEST_ENDING = 30
SUFFIX = re.compile(r"(?:jr|sr)\.?|ii|iii|iv|ph\.?d\.?|m\.d\.|esq\.?|S\.?J\.?", re.IGNORECASE)
"""A word behind the family name that is none."""


class NameParts(NamedTuple):
    """A name taken apart.

    Attributes:
        family: With its particles, `van der Berg`; the whole name where it isn't a person's or can't be taken apart.
        suffix: `Jr.`, `III`.
    """

    family: str
    given: str = ""
    suffix: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the name was left in one piece."""
        return not self.given

    def inverted(self) -> str:
        """Return the name as lists of references sort it: `King, Martin Luther, Jr.`."""
        return ", ".join(filter(None, (self.family, self.given, self.suffix)))


def name_parts(name: str) -> NameParts:
    """Take a name like `First von Last Jr.` apart.

    A collaboration, a name of one word, and one with a comma or an "and", which could be two, stay whole.
    """
    words = name.split()
    if len(words) > 2 and SUFFIX.fullmatch(words[-1]):
        words = [*words[:-2], words[-2].rstrip(","), words[-1]]
        suffix = words.pop()
    else:
        suffix = ""
    rest = " ".join(words)
    if len(words) < 2 or "," in rest or re.search(r"\band\b", rest, re.IGNORECASE) or is_collaboration(name):
        return NameParts(name)
    start = len(words) - 1
    while start > 1 and words[start - 1][0].islower():
        start -= 1
    return NameParts(" ".join(words[start:]), " ".join(words[:start]), suffix)


def named_authors(paper: Paper) -> tuple[list[str], bool]:
    """Return the authors who are named, and whether there are others."""
    names = [author.name for author in paper.authors]
    named = [_without_others(name) for name in names]  # listings stored by older parsers have "et al." as an author
    return list(filter(None, named)), paper.more_authors or named != names


def _without_others(name: str) -> str:
    """Return a name without "et al." at its end, where alone it is looked for: an endless run of commas takes no longer."""
    start = max(len(name) - _LONGEST_ENDING, 0)
    return name[:start] + _OTHERS.sub("", name[start:])
