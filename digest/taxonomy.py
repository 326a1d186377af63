"""arXiv's groups, archives and categories: what a reader may ask for, and which codes mean the same.

A *context* is what a listing can be asked for: a category (`cs.LG`) or an archive (`cs`, `hep-th`). Six
categories have two codes, eighteen old archives live on as categories; everything here answers with the
canonical one. Data: `data/taxonomy.json`, read once, when first needed.

Source: arXiv category taxonomy; arXiv help, "RSS feed specifications" (case, aliases, retired archives).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from digest.errors import InputError, UnknownContextError

MAX_PARTS = 20
"""Contexts that one spec may name."""

_DATA = Path(__file__).with_name("data") / "taxonomy.json"
_SHOWN_CHARACTERS = 40


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


def canonical(code: str) -> str:
    """Return the canonical code of a category or archive, whatever its case: `math.it` is `cs.IT`.

    Raises:
        UnknownContextError: There is no such code; the message names the nearest one.
    """
    found = _taxonomy().canonical.get(code.casefold())
    if found is None:
        raise UnknownContextError(_unknown_message(code), name="spec")
    return found


def parse_spec(text: str) -> Spec:
    """Read which papers are asked for: contexts joined with `+`, in any case.

    Each is made canonical; doubles are dropped, and so is a category whose own archive is named as
    well (`cs+cs.LG` is `cs`). The order of the text means nothing.

    Raises:
        UnknownContextError: A part is no category and no archive.
        InputError: Nothing is asked for, a part is empty or has spaces, or there are more than `MAX_PARTS`.

    Source: arXiv help, "RSS feed specifications".
    """
    if not text:
        raise InputError("no category given", name="spec", hint="ask for a category or archive, e.g. cs.LG")
    parts = text.split("+")
    if len(parts) > MAX_PARTS:
        message = f"{len(parts)} categories in one feed; at most {MAX_PARTS} are allowed"
        raise InputError(message, name="spec", hint="ask for an archive (cs), or make several feeds")
    for part in parts:
        if not part or any(character.isspace() for character in part):
            message = f"categories are joined with a single + and no spaces, not as in {_shown(text)}"
            raise InputError(message, name="spec", hint="in a query string, write + as %2B")
    contexts = {canonical(part) for part in parts}
    return Spec(tuple(sorted(c for c in contexts if c == archive_of(c) or archive_of(c) not in contexts)))


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


def _unknown_message(code: str) -> str:
    kind = "category" if "." in code else "category or archive"
    return f"unknown {kind} {_shown(code)}; did you mean {_nearest(code)}?"


def _nearest(code: str) -> str:
    """Return the known code that looks most like *code*, the first of equals; its own archive's before others."""
    from difflib import SequenceMatcher

    asked = code[:_SHOWN_CHARACTERS].casefold()
    archive = asked.partition(".")[0]
    known = _taxonomy().canonical
    near = [key for key in known if archive in known and key.startswith(f"{archive}.")] or list(known)

    def likeness(key: str) -> float:
        # Whoever leaves the archive out ("LG") is told the category, not the archive that looks like it.
        return max(SequenceMatcher(None, asked, form).ratio() for form in (key, key.partition(".")[2]))

    return known[min(sorted(near), key=lambda key: -likeness(key))]


def _shown(text: str) -> str:
    printable = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return printable if len(printable) <= _SHOWN_CHARACTERS else f"{printable[:_SHOWN_CHARACTERS]}…"
