"""arXiv's groups, archives and categories: what a reader may ask for, and which codes mean the same.

A *context* is what a listing can be asked for: a category (`cs.LG`) or an archive (`cs`, `hep-th`). Six
categories have two codes, eighteen old archives live on as categories; everything here answers with the
canonical one. Data: `taxonomy.json`, read once, when first needed.

Source: https://arxiv.org/category_taxonomy;
https://info.arxiv.org/help/rss_specifications.html (case, aliases, retired archives).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from digest.errors import InputError, UnknownContextError

MAX_PARTS = 20
"""Contexts that one spec may name."""

_DATA = Path(__file__).with_name("taxonomy.json")
_SHOWN_CHARACTERS = 40
_MOST_NAMED = 6
_ALIKE = 0.5
"""From this likeness on (`difflib`), a code is suggested for another one."""
_BETWEEN_PARTS = re.compile(r"[\s+,;\uff0c\u3001]+")
_ENCODED = re.compile(r"%(?:2[0-9A-Fa-f]|3[Bb])")


class Category(NamedTuple):
    """One category; `alias_of` is the canonical code, None where this is the canonical one."""

    code: str
    name: str
    active: bool
    alias_of: str | None = None


class Archive(NamedTuple):
    """One archive. `hep-th` and the like have one category, of the same code.

    An archive that a category replaced (`cmp-lg`) is inactive and has no categories of its own.
    """

    code: str
    name: str
    active: bool
    categories: tuple[Category, ...]
    alias_of: str | None = None


class Group(NamedTuple):
    """One of arXiv's eight groups; the archives that live come first."""

    code: str
    name: str
    archives: tuple[Archive, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """What a feed is asked for: one or more contexts, canonical, each once, sorted by code."""

    contexts: tuple[str, ...]

    def __str__(self) -> str:
        """Return the canonical text: `cs.LG+stat.ML`."""
        return "+".join(self.contexts)

    @property
    def name(self) -> str:
        """The contexts' names for people: `Machine Learning (cs.LG), Statistics (stat)`."""
        return ", ".join(f"{name_of(code)} ({code})" for code in self.contexts)


@dataclass(frozen=True, slots=True)
class _Taxonomy:
    """Everything by code. `names` has all codes, `canonical` maps case-folded codes to canonical ones."""

    groups: tuple[Group, ...]
    names: dict[str, str] = field(default_factory=dict)
    canonical: dict[str, str] = field(default_factory=dict)
    archive_of: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    codes: dict[str, frozenset[str]] = field(default_factory=dict)
    """Category codes by context, aliases included."""
    retired: set[str] = field(default_factory=set)
    """Archives whose papers are filed elsewhere today."""


def canonical(code: str) -> str:
    """Return the canonical code of a category or archive, whatever its case: `math.it` is `cs.IT`.

    Raises:
        UnknownContextError: There is no such code; the message names the nearest one.
    """
    found = find(code)
    if found is None:
        raise _unknown_code(code)
    return found


def find(code: str) -> str | None:
    """Return the canonical code of a category or archive, whatever its case; None where arXiv has no such code."""
    return _taxonomy().canonical.get(code.casefold())


def parse_spec(text: str) -> Spec:
    """Read which papers are asked for: contexts joined with `+`, commas or spaces, in any case.

    Each is made canonical; doubles are dropped, and so is a category whose own archive is named as
    well (`cs+cs.LG` is `cs`). `cs.*` is the archive `cs`. The order of the text means nothing.

    Raises:
        UnknownContextError: A part is no category and no archive; the message names the nearest one, or those that
            have such a name (`machine learning`).
        InputError: Nothing is asked for, the text is encoded twice, or there are more than `MAX_PARTS`.

    Source: arXiv help, https://info.arxiv.org/help/rss_specifications.html.
    """
    if found := _ENCODED.search(text):
        message = f"the categories {_shown(text)} are encoded twice"
        raise InputError(message, name="spec", hint=f"write {unquote(found[0])} where it says {found[0]}")
    parts = [part for part in _BETWEEN_PARTS.split(text) if part]
    if not parts:
        raise InputError("no category given", name="spec", hint="ask for a category or archive, e.g. cs.LG")
    if len(parts) > MAX_PARTS:
        message = f"{len(parts)} categories in one feed; at most {MAX_PARTS} are allowed"
        raise InputError(message, name="spec", hint="ask for an archive (cs), or make several feeds")
    known = _taxonomy().canonical
    codes = [part.removesuffix(".*").casefold() for part in parts]
    if any(code not in known for code in codes):
        raise _unknown_part(text)
    contexts = {known[code] for code in codes}
    return Spec(tuple(sorted(c for c in contexts if c == archive_of(c) or archive_of(c) not in contexts)))


def named(words: str) -> tuple[str, ...]:
    """Return the canonical codes of the categories and archives that have such a name, those of that very name first.

    Each of the words begins one of the name, of the code or of the archive's name: `machine learning`, `math logic`.
    """
    asked = words.casefold().split()
    found: list[tuple[bool, str]] = []
    for archive in (archive for group in groups() for archive in group.archives if archive.active):
        for code, name in ((archive.code, archive.name), *((one.code, one.name) for one in archive.categories)):
            told = f"{name} {code} {archive.name}".casefold()
            if asked and all(re.search(rf"\b{re.escape(word)}", told) for word in asked):
                found.append((name.casefold() != words.casefold(), canonical(code)))
    return tuple(dict.fromkeys(code for _, code in sorted(found, key=lambda one: one[0])))


def name_of(code: str) -> str:
    """Return a category's or archive's name; an alias's is its own.

    Raises:
        UnknownContextError: There is no such code.
    """
    names = _taxonomy().names
    return names[code] if code in names else names[canonical(code)]


def is_archive(code: str) -> bool:
    """Tell whether *code* asks for a whole archive: `cs`, `hep-th`; not `cs.LG`, nor the retired `cmp-lg`.

    Raises:
        UnknownContextError: There is no such code.
    """
    found = canonical(code)
    return archive_of(found) == found


def archive_of(code: str) -> str:
    """Return the archive that the canonical code belongs to; an archive's is itself.

    Raises:
        UnknownContextError: There is no such code.
    """
    return _taxonomy().archive_of[canonical(code)]


def aliases_of(code: str) -> tuple[str, ...]:
    """Return the other codes that mean the same, sorted: `cs.SY` for `eess.SY`, and the reverse.

    Raises:
        UnknownContextError: There is no such code.
    """
    aliases = _taxonomy().aliases.get(canonical(code), ())
    return tuple(other for other in aliases if other.casefold() != code.casefold())


def is_retired(code: str) -> bool:
    """Tell whether *code* is that of an archive whose papers are filed elsewhere today: `cmp-lg`, `chao-dyn`."""
    return code in _taxonomy().retired


def codes_of(context: str) -> frozenset[str]:
    """Return the codes of all categories that a context covers, aliases and retired ones included.

    `eess.SY` covers `eess.SY` and `cs.SY`; `cs` covers all of `cs.*` and, for its aliases, `math.NA`,
    `math.IT`, `eess.SY` and `cmp-lg`.

    Raises:
        UnknownContextError: There is no such code.
    """
    return _taxonomy().codes[canonical(context)]


def belongs(categories: Sequence[str], context: str) -> bool:
    """Tell whether a paper with these *categories*, as arXiv gives them, belongs to a context.

    An archive takes in all its categories, and `physics` is `physics.*` alone (the group's other archives
    stand for themselves). A category that is younger than our data belongs to the archive that it names.

    Raises:
        UnknownContextError: *context* is no category and no archive.
    """
    wanted = canonical(context)
    codes = codes_of(wanted)
    return any(category in codes or category.partition(".")[0] == wanted for category in categories)


def groups() -> tuple[Group, ...]:
    """Return everything that may be asked for, as a tree; arXiv's `test` archive is left out."""
    return _taxonomy().groups


@lru_cache(maxsize=1)
def _taxonomy() -> _Taxonomy:
    import json

    data = json.loads(_DATA.read_text(encoding="utf-8"))
    aliases: dict[str, str] = data["aliases"]
    retired: dict[str, tuple[str, str]] = data["subsumed"]
    tree = tuple(_read_group(*row, aliases=aliases, inactive=data["inactive"]) for row in data["groups"])
    archives = {archive.code: group.code for group in tree for archive in group.archives}
    full = tuple(
        group._replace(
            archives=group.archives
            + tuple(
                Archive(code, name, active=False, categories=(), alias_of=target)
                for code, (name, target) in retired.items()
                if archives[target.partition(".")[0]] == group.code
            )
        )
        for group in tree
    )
    return _index(full, aliases | {code: target for code, (_, target) in retired.items()})


def _read_group(
    code: str,
    name: str,
    archives: Iterable[tuple[str, str, dict[str, str]]],
    *,
    aliases: dict[str, str],
    inactive: Sequence[str],
) -> Group:
    read = []
    for archive, archive_name, classes in archives:
        categories = [
            Category(f"{archive}.{part}", title, active=True, alias_of=aliases.get(f"{archive}.{part}"))
            for part, title in classes.items()
        ]
        if not classes or archive in inactive:  # bare `astro-ph` is an active archive and an inactive category
            categories.insert(0, Category(archive, archive_name, active=archive not in inactive))
        read.append(Archive(archive, archive_name, active=True, categories=tuple(categories)))
    return Group(code, name, tuple(read))


def _index(tree: tuple[Group, ...], alias_of: dict[str, str]) -> _Taxonomy:
    taxonomy = _Taxonomy(tree)
    same: dict[str, set[str]] = {}
    for alias, target in alias_of.items():
        same.setdefault(target, {target}).add(alias)
    for archive in (archive for group in tree for archive in group.archives):
        taxonomy.names[archive.code] = archive.name
        taxonomy.canonical[archive.code.casefold()] = alias_of.get(archive.code, archive.code)
        if archive.alias_of:
            taxonomy.retired.add(archive.code)
            continue
        taxonomy.archive_of[archive.code] = archive.code
        covered: set[str] = set()
        for category in archive.categories:
            code = alias_of.get(category.code, category.code)
            equal = same.get(code, {code})
            covered |= equal
            taxonomy.names.setdefault(category.code, category.name)
            taxonomy.canonical.setdefault(category.code.casefold(), code)
            if code == category.code:
                taxonomy.archive_of.setdefault(code, archive.code)
                taxonomy.aliases[code] = tuple(sorted(equal))
                taxonomy.codes[code] = frozenset(equal)
        taxonomy.codes[archive.code] = frozenset(covered)  # replaces that of a bare category: the archive is meant
    return taxonomy


def _unknown_part(text: str) -> UnknownContextError:
    """Return the error about the first part of a spec that is no code; words in a row may be a name."""
    known = _taxonomy().canonical
    for segment in re.split(r"[,;\uff0c\u3001]", text):
        words = segment.replace("+", " ").split()
        unknown = [word for word in words if word.removesuffix(".*").casefold() not in known]
        for phrase in (words, *(unknown[:number] for number in range(len(unknown), 1, -1))):
            name = " ".join(phrase)
            if unknown and len(name) <= _SHOWN_CHARACTERS and len(phrase) > 1 and (codes := named(name)):
                return _named_so(name, codes)
        if unknown:
            return _unknown_code(unknown[0])
    raise AssertionError("called for a text with an unknown part")


def _named_so(words: str, codes: Sequence[str]) -> UnknownContextError:
    shown = ", ".join(codes[:_MOST_NAMED])
    return UnknownContextError(
        f"unknown category or archive {_shown(words)}; by that name: {shown}",
        name="spec",
        hint="ask by code, like " + "+".join(codes[:2]),
    )


def _unknown_code(code: str) -> UnknownContextError:
    """Return what to say of one word that is no code: categories of that name, the nearest code, or where to look."""
    bare = code[:_SHOWN_CHARACTERS].casefold()
    by_name = named(bare) if bare.isalpha() else ()
    if any(re.search(rf"\b{bare}\b", name_of(one).casefold()) for one in by_name):
        return _named_so(code, by_name)
    said = f"unknown {'category' if '.' in code else 'category or archive'} {_shown(code)}"
    near = _nearest(bare)
    if near is not None:
        return UnknownContextError(f"{said}; did you mean {near}?", name="spec")
    if by_name:
        return _named_so(code, by_name)
    archive = bare.partition(".")[0]
    inside = sorted(one for one in _taxonomy().codes.get(archive, ()) if one.startswith(f"{archive}."))
    hint = f"there are {', '.join(inside)}" if inside else "codes look like cs.LG or hep-th; /build lists them all"
    return UnknownContextError(said, name="spec", hint=hint)


def _nearest(asked: str) -> str | None:
    """Return the known code that looks most like *asked*, the first of equals, None if none does.

    Within a known archive only the part behind the dot counts. Whoever leaves the archive out ("LG") is told the
    category, not the archive that looks like it.
    """
    from difflib import SequenceMatcher

    archive, dot, subject = asked.partition(".")
    known = _taxonomy().canonical
    inside = [key for key in known if dot and key.startswith(f"{archive}.")]

    def likeness(key: str) -> float:
        part = key.partition(".")[2]
        pairs = [(subject, part)] if inside else [(asked, key), (asked, part)]
        return max(SequenceMatcher(None, one, other).ratio() for one, other in pairs)

    best = min(sorted(inside or known), key=lambda key: -likeness(key))
    return known[best] if likeness(best) >= _ALIKE else None


def _shown(text: str) -> str:
    printable = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return printable if len(printable) <= _SHOWN_CHARACTERS else f"{printable[:_SHOWN_CHARACTERS]}…"
