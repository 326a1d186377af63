"""The texts behind `like` and `dislike`: papers by id, BibTeX and RIS files beside `config.yaml`, Zotero libraries.

A paper's text comes from the stored listings, else from arXiv's query API: up to 50 papers a query, behind the answer, and
charged to whoever asks if the id is in an address. Found texts are kept; ids that arXiv doesn't know are remembered.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cachetools import LRUCache

from digest import costs
from digest.concurrency.coalescing import Background
from digest.costs import Admit
from digest.errors import InputError, UpstreamError
from digest.models import Frozen, Paper
from digest.selection import Example, Selection, read_bibtex
from digest.selection.libraries import PREFIX, LibraryName, example_id, kind_of, parse_library_name
from digest.selection.ris import read_ris
from digest.store.codec import pack, unpack
from digest.store.protocol import Store
from digest.upstream.fetching import ArxivClient, Service

if TYPE_CHECKING:
    from digest.listings.held import HeldListings
    from digest.listings.libraries import Libraries, StoredLibrary

log = logging.getLogger(__name__)

_SCHEMA = 3
_KEEP = timedelta(days=180)
_UNKNOWN_FOR = timedelta(days=7)
_RETRY = timedelta(minutes=30)
_LEASE = timedelta(seconds=90)
_FAILED = "examples-failed"
_A_QUERY = 50
"""Papers that one query asks for."""
_REMEMBERED = 3_000
"""Papers that a process keeps at hand."""
_HALF_LIFE = timedelta(days=2 * 365)
"""An entry of a library counts half as much as one added so much later."""
_LEAST_WEIGHT = 0.1
_READERS: Mapping[str, Callable[..., tuple[Example, ...]]] = {".bib": read_bibtex, ".ris": read_ris}


class _Stored(Frozen):
    """What is known of an id; None: arXiv doesn't know it."""

    paper: Paper | None


@dataclass(frozen=True)
class Ranking:
    """The examples that a request is ranked by, as far as they are known.

    Attributes:
        examples: Those that are known.
        asked: How many there should be; a library that was never read counts as one.
        is_settling: More may be known in a moment.
        is_lacking: More may be known later: arXiv or Zotero gave nothing.
    """

    examples: tuple[Example, ...] = ()
    asked: int = 0
    is_settling: bool = False
    is_lacking: bool = False


class KnownPapers(NamedTuple):
    """Papers by id, and whether the others are unknown to arXiv: not only not known yet."""

    papers: Mapping[str, Paper]
    is_whole: bool


class _Wanted(NamedTuple):
    """One name of a list, and what becomes of its texts."""

    name: str
    disliked: bool
    narrowing: bool
    configured: bool
    reasons: str | None


class Examples:
    """Find the texts of examples.

    Args:
        store: Where those fetched from arXiv are kept.
        client: The paced connection.
        folder: Where files are looked up.
        held: Where papers are looked up before arXiv is asked.
        libraries: Reads Zotero's.
        is_open: Whether anybody may read this server, so that titles of private libraries stay untold.
    """

    def __init__(
        self,
        store: Store,
        client: ArxivClient,
        *,
        folder: Path,
        held: HeldListings | None = None,
        libraries: Libraries | None = None,
        is_open: bool = True,
    ) -> None:
        self._store = store
        self._client = client
        self._folder = folder
        self._held = held
        self._libraries = libraries
        self._is_open = is_open
        self._files: dict[str, tuple[float, tuple[Example, ...]]] = {}
        self._known: LRUCache[str, Paper] = LRUCache(_REMEMBERED)
        self._asking: Background[tuple[str, ...]] = Background()
        self._asked_for: dict[str, tuple[str, ...]] = {}
        """The query that is under way for an id."""

    async def ranking(self, selection: Selection, *, is_configured: bool, admit: Admit = costs.free) -> Ranking:
        """Return the examples of *selection* and of the one that it narrows; what is missing is asked for behind.

        Without a request's account nobody waits for the answer, so the work is waited for.

        Args:
            selection: What is asked for.
            is_configured: Whether the innermost selection comes from the configuration.
            admit: Asked before arXiv is asked for ids of an address.

        Raises:
            InputError: A name is no arXiv id, no library and no readable file.
            TooManyRequestsError: Ids of an address are not known, and *admit* refuses to let arXiv be asked.
        """
        wanted = list(_wanted(selection, is_configured=is_configured))
        if not wanted:
            return Ranking()
        found = await self._found(wanted, admit)
        if found.is_settling and not costs.is_accounted():
            await self._settle(wanted)
            found = await self._found(wanted, admit)
        return found

    async def known(self, selection: Selection, *, is_configured: bool) -> Ranking:
        """Return the examples of *selection*, and of the one that it narrows, that are known; nobody is asked for more."""
        return await self._found(list(_wanted(selection, is_configured=is_configured)), None)

    async def settle(self, selection: Selection, *, wait: timedelta, admit: Admit = costs.free) -> None:
        """Find the examples of an address, and wait for them, *wait* at most.

        Raises:
            TooManyRequestsError: Some are not known, and *admit* refuses to let arXiv be asked.
        """
        wanted = list(_wanted(selection, is_configured=False))
        if (await self._found(wanted, admit)).is_settling:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait.total_seconds()):
                    await self._settle(wanted)

    async def held_papers(self, idents: Sequence[str], *, listed: bool = True) -> dict[str, Paper]:
        """Return those papers that are known here, by id; nobody is asked for the others.

        Unless *listed*, those that were never looked up are left out, too: reading all listings for a few papers takes long.
        """
        found = {ident: self._known[ident] for ident in idents if ident in self._known}
        found |= {
            ident: paper
            for ident, paper in (await self._stored([one for one in idents if one not in found])).items()
            if paper
        }
        return found | (await self._listed([one for one in idents if one not in found]) if listed else {})

    async def papers(
        self, idents: Sequence[str], *, wait: timedelta = timedelta(0), admit: Admit = costs.free
    ) -> KnownPapers:
        """Return what is known of papers by id; what is missing is asked for behind, for *wait* before the answer.

        Raises:
            TooManyRequestsError: Some are not known, and *admit* refuses to let arXiv be asked.
        """
        found = await self._papers(dict.fromkeys(idents), set(), admit)
        behind = self._under_way(found, {})
        costs.note_behind(behind)
        if behind and wait:
            await asyncio.wait(behind, timeout=wait.total_seconds())
            found = await self._papers(dict.fromkeys(idents), set(), admit)
            behind = self._under_way(found, {})
        known = {ident: paper for ident in idents if (paper := found.get(ident))}
        return KnownPapers(known, is_whole=not behind and all(ident in found for ident in idents))

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._asking.aclose()
        if self._libraries:
            await self._libraries.aclose()

    async def _settle(self, wanted: Sequence[_Wanted]) -> None:
        if tasks := self._asking.tasks(set(self._asked_for.values())):
            await asyncio.wait(tasks)
        if self._libraries:
            await self._libraries.settle(_libraries_of(wanted))

    async def _found(self, wanted: Sequence[_Wanted], admit: Admit | None) -> Ranking:
        """Return what is known now, and begin to find the rest; without *admit* nothing is begun."""
        idents = {one.name: example_id(one.name) for one in wanted if kind_of(one.name) == "id"}
        configured = {idents[one.name] for one in wanted if one.configured and one.name in idents}
        papers = await self._papers(dict.fromkeys(idents.values()), configured, admit)
        libraries = await self._library_items(wanted, asks=admit is not None)
        behind = self._under_way(papers, libraries)
        costs.note_behind(behind)
        made: list[Example] = []
        missing = 0
        for one in wanted:
            texts = await self._texts(one, idents, papers, libraries)
            missing += texts is None
            made += [self._placed(example, one) for example in texts or ()]
        examples = _each_once(made)
        untold = any(ident not in papers for ident in idents.values())
        return Ranking(
            examples, len(examples) + missing, is_settling=bool(behind), is_lacking=untold or None in libraries.values()
        )

    def _under_way(
        self, papers: Mapping[str, Paper | None], libraries: Mapping[LibraryName, StoredLibrary | None]
    ) -> tuple[asyncio.Task[None], ...]:
        """Return the work that may bring what isn't known yet."""
        queries = {self._asked_for[ident] for ident in papers if ident in self._asked_for}
        unread = [name for name, known in libraries.items() if known is None]
        reading = self._libraries.tasks(unread) if self._libraries else ()
        return (*self._asking.tasks(queries), *reading)

    async def _texts(
        self,
        wanted: _Wanted,
        idents: Mapping[str, str],
        papers: Mapping[str, Paper | None],
        libraries: Mapping[LibraryName, StoredLibrary | None],
    ) -> Sequence[Example] | None:
        """Return the texts behind one name, None if they aren't known."""
        if wanted.name in idents:
            paper = papers.get(idents[wanted.name])
            return (_example(paper),) if paper else None
        if wanted.name.startswith(PREFIX):
            library = libraries.get(parse_library_name(wanted.name))
            hides = bool(self._libraries and self._libraries.may_be_private) and self._is_open
            return _works(library, is_private=hides and wanted.reasons != "titles") if library else None
        return await asyncio.to_thread(self._file, wanted.name)

    def _placed(self, example: Example, wanted: _Wanted) -> Example:
        """Return an example on the side and at the level where it was asked for."""
        is_private = example.private or wanted.reasons == "words"
        return example.model_copy(
            update={"disliked": wanted.disliked, "narrowing": wanted.narrowing, "private": is_private}
        )

    def _file(self, name: str) -> tuple[Example, ...]:
        path = self._folder / name
        try:
            changed = path.stat().st_mtime
            if name not in self._files or self._files[name][0] != changed:
                read = _READERS[path.suffix.lower()]
                self._files[name] = (changed, read(path.read_text(encoding="utf-8"), name=name))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: can't be read: {error}", name="like") from error
        return self._files[name][1]

    async def _library_items(self, wanted: Sequence[_Wanted], *, asks: bool) -> dict[LibraryName, StoredLibrary | None]:
        names = _libraries_of(wanted)
        if not names or self._libraries is None:
            return dict.fromkeys(names)
        stored = await (self._libraries.items(names) if asks else self._libraries.stored(names))
        return {name: known if known and known.version is not None else None for name, known in stored.items()}

    async def _papers(
        self, idents: Collection[str], configured: set[str], admit: Admit | None
    ) -> dict[str, Paper | None]:
        """Return what is known of papers by id: None for one that arXiv doesn't know or is being asked for.

        One that can't be asked for now isn't there.
        """
        known: dict[str, Paper | None] = {ident: self._known[ident] for ident in idents if ident in self._known}
        absent = [ident for ident in idents if ident not in known]
        known |= await self._stored(absent)
        if (missing := [ident for ident in absent if ident not in known]) and not await self._store.get(_FAILED):
            asking = [ident for ident in missing if ident in self._asked_for]
            known |= dict.fromkeys(asking)
            new = [ident for ident in missing if ident not in self._asked_for]
            known |= await self._listed(new)
            unlisted = [ident for ident in new if ident not in known]
            if admit is None:
                return known
            await self._ask([ident for ident in unlisted if ident not in configured], admit)
            await self._ask([ident for ident in unlisted if ident in configured], costs.free)
            known |= dict.fromkeys(unlisted)
        return known

    async def _stored(self, idents: Sequence[str]) -> dict[str, Paper | None]:
        stored = await self._store.get_many([_key(ident) for ident in idents]) if idents else []
        unpacked = ((ident, unpack(_Stored, data, _SCHEMA)) for ident, data in zip(idents, stored, strict=True))
        found = {ident: known.paper for ident, known in unpacked if known}
        self._known.update({ident: paper for ident, paper in found.items() if paper})
        return found

    async def _listed(self, idents: Sequence[str]) -> dict[str, Paper]:
        """Return those papers that the listings hold, and keep them."""
        found = await self._held.find_all(idents) if self._held and idents else {}
        await self._keep(found)
        return found

    async def _ask(self, idents: Sequence[str], admit: Admit) -> None:
        """Begin to ask arXiv for papers, once *admit* has let each query in as one miss."""
        queries = [tuple(idents[start : start + _A_QUERY]) for start in range(0, len(idents), _A_QUERY)]
        if queries:
            await admit([f"examples:{','.join(query)}" for query in queries])
        for query in queries:
            self._asked_for |= dict.fromkeys(query, query)
            self._asking.start(query, partial(self._fetch, query), doing=f"asking for {len(query)} example papers")

    async def _fetch(self, idents: tuple[str, ...]) -> None:
        """Ask arXiv for papers, unless another instance does, and keep what it says of each."""
        name = hashlib.sha256(",".join(idents).encode()).hexdigest()[:20]
        lease = await self._store.acquire(f"examples:{name}", ttl=_LEASE)
        try:
            if lease:
                await self._fetch_leased([one for one in idents if one not in await self._stored(idents)])
        finally:
            for ident in idents:
                self._asked_for.pop(ident, None)
            if lease:
                await self._store.release(lease)

    async def _fetch_leased(self, idents: Sequence[str]) -> None:
        from digest.upstream.parsing.query_api import parse_query_result  # heavy, and seldom needed (cold start)

        query = f"/api/query?id_list={','.join(idents)}&max_results={len(idents)}"
        try:
            body = await self._client.fetch(Service.API, query, urgent=False) if idents else b""
            papers = (await asyncio.to_thread(parse_query_result, body)).papers if idents else ()
        except UpstreamError as error:
            log.warning("example papers %s not fetched: %s", ", ".join(idents), error)
            await self._store.set(_FAILED, b"1", ttl=_RETRY)
            return
        found = {paper.id: paper for paper in papers}
        unknown = [ident for ident in idents if ident not in found]
        if unknown:
            log.warning("example papers %s are not known to arXiv", ", ".join(unknown))
        await self._keep({**dict.fromkeys(unknown), **found})

    async def _keep(self, found: Mapping[str, Paper | None]) -> None:
        for ident, paper in found.items():
            await self._store.set(
                _key(ident), pack(_Stored(paper=paper), _SCHEMA), ttl=_KEEP if paper else _UNKNOWN_FOR
            )


def _example(paper: Paper) -> Example:
    return Example(id=paper.id, title=paper.title, abstract=paper.abstract)


def _wanted(selection: Selection, *, is_configured: bool) -> Iterator[_Wanted]:
    level: Selection | None = selection
    while level is not None:
        scoring, narrowing = level.scoring, level.within is not None
        configured = is_configured and not narrowing
        for names, disliked in ((scoring.like, False), (scoring.dislike, True)):
            yield from (_Wanted(name, disliked, narrowing, configured, scoring.reasons) for name in names)
        level = level.within


def _libraries_of(wanted: Sequence[_Wanted]) -> list[LibraryName]:
    names = (parse_library_name(one.name) for one in wanted if kind_of(one.name) == "library")
    return list(dict.fromkeys(names))


def _works(library: StoredLibrary, *, is_private: bool) -> tuple[Example, ...]:
    """Return a library's works as examples; one counts the less, the longer before the newest it was added."""
    newest = max((item.added for item in library.items), default=None)
    return tuple(
        Example(
            id=item.arxiv_id or item.key,
            title=item.title,
            abstract=item.abstract,
            weight=_weight(newest - item.added) if newest else 1.0,
            private=is_private,
        )
        for item in library.items
    )


def _weight(age: timedelta) -> float:
    return max(round(float(0.5 ** (age / _HALF_LIFE)), 2), _LEAST_WEIGHT)


def _each_once(examples: Sequence[Example]) -> tuple[Example, ...]:
    """Return each example once a side and level; where it is in a private library and elsewhere, the public one."""
    found: dict[tuple[str, bool, bool], Example] = {}
    for example in sorted(examples, key=lambda one: one.private):
        found.setdefault((example.id, example.disliked, example.narrowing), example)
    return tuple(found.values())


def _key(ident: str) -> str:
    return f"example:{ident}"
