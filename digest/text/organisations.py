"""Names of collaborations, groups and firms among authors' names."""

from __future__ import annotations

import re

from digest.text.text_tables import names

ORGANISATION = (
    r"(?:collaborations?|consorti(?:um|a)|teams?|groups?|networks?|surveys?|projects?|initiatives?|experiments?)"
)
"""What a collaboration calls itself, as a pattern."""

_NOUNS = names(
    "collaboration collaborations consortium consortia team teams group groups network networks survey surveys project "
    "projects initiative initiatives experiment experiments lab labs laboratory laboratories inc ltd llc gmbh corp "
    "corporation company university universität université institute institution foundation committee community "
    "contributors centre center council society agency alliance partnership observatory robotics technologies "
    "association organisation organization authors developers department division programme program"
)
_ARTICLE = re.compile(r"^the\s+", re.IGNORECASE)
_ABBREVIATIONS = frozenset({"AI", "LLC", "NLP", "HPC", "UK", "USA"})
_OF = re.compile(r"\s+(?:of|for|at|on|in)\s+", re.IGNORECASE)


def is_collaboration(name: str) -> bool:
    """Tell whether an author's name is that of a collaboration, a group or a firm rather than a person's.

    `ORBIT Collaboration`, `Team Lumo`, `Roe Labs`, `Institute of Maps`, `The Llama Authors`. A name of one word
    (`MiniLumo`) doesn't show it.
    """
    bare = name.partition("(")[0] if name.rstrip().endswith(")") else name
    words = bare.replace(",", " ").split()
    if len(words) < 2:
        return bool(words) and words[0].casefold() in _NOUNS
    if words[0] == "the" or words[0].casefold() == "team":  # "The" may be a given name: The Anh Nguyen
        return True
    head = _OF.split(" ".join(words))[0].split()
    if any(ending[-1].casefold().rstrip(".") in _NOUNS for ending in (words, head)):
        return True
    return words[-1] in _ABBREVIATIONS and not "".join(words[:-1]).isupper()


def without_article(name: str) -> str:
    """Return *name* without a leading "the"."""
    return _ARTICLE.sub("", name.strip())
