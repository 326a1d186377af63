"""The texts behind `scoring.like`: papers by id, from the listings held or from arXiv; BibTeX files beside `config.yaml`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from digest.arxiv.identifiers import parse_identifier
from digest.errors import InputError, UpstreamError
from digest.models import Frozen
from digest.selection import Example, read_bibtex
from digest.store.codec import pack, unpack
from digest.store.protocol import Store
from digest.upstream.fetching import ArxivClient, Service
from digest.upstream.parsing.query_api import parse_query_result

log = logging.getLogger(__name__)

_SCHEMA = 1
_KEEP = timedelta(days=180)
_RETRY = timedelta(minutes=30)


class _Stored(Frozen):
    example: Example


class Examples:
    """Find the texts of example papers.

    Args:
        store: Where those fetched from arXiv are kept.
        client: The paced connection.
        folder: Where BibTeX files are looked up.
    """

    def __init__(self, store: Store, client: ArxivClient, *, folder: Path) -> None:
        self._store = store
        self._client = client
        self._folder = folder
        self._files: dict[str, tuple[float, tuple[Example, ...]]] = {}

    async def texts(self, like: Sequence[str], *, wait: bool = True) -> tuple[Example, ...]:
        """Return the texts of *like*; one that can't be had is logged and left out, and tried again later.

        Without *wait* arXiv isn't asked for those that aren't held.

        Raises:
            InputError: A name is neither an arXiv id nor a readable BibTeX file.
        """
        files = [name for name in like if name.endswith(".bib")]
        idents = [_identifier(name) for name in like if not name.endswith(".bib")]
        found = [example for name in files for example in await asyncio.to_thread(self._file, name)]
        return (*found, *await self._papers(idents, wait=wait))

    def _file(self, name: str) -> tuple[Example, ...]:
        path = self._folder / name
        try:
            changed = path.stat().st_mtime
            if name not in self._files or self._files[name][0] != changed:
                self._files[name] = (changed, read_bibtex(path.read_text(encoding="utf-8"), name=name))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: can't be read: {error}", name="like") from error
        return self._files[name][1]

    async def _papers(self, idents: Sequence[str], *, wait: bool) -> list[Example]:
        stored = await self._store.get_many([f"example:{ident}" for ident in idents])
        unpacked = {i: unpack(_Stored, data, _SCHEMA) for i, data in zip(idents, stored, strict=True)}
        held = {ident: known.example for ident, known in unpacked.items() if known}
        missing = [ident for ident in idents if ident not in held]
        both = held | (await self._fetch(missing) if missing and wait else {})
        return [both[ident] for ident in idents if ident in both]

    async def _fetch(self, idents: Sequence[str]) -> dict[str, Example]:
        if await self._store.get("examples-failed"):
            return {}
        query = f"/api/query?id_list={','.join(idents)}&max_results={len(idents)}"
        try:
            body = await self._client.fetch(Service.API, query)
            papers = (await asyncio.to_thread(parse_query_result, body)).papers
        except UpstreamError as error:
            log.warning("example papers %s not fetched: %s", ", ".join(idents), error)
            papers = ()
        found = {paper.id: Example(id=paper.id, title=paper.title, abstract=paper.abstract) for paper in papers}
        if unknown := [ident for ident in idents if ident not in found]:
            log.warning("example papers %s are not known to arXiv, or it didn't answer", ", ".join(unknown))
            await self._store.set("examples-failed", b"1", ttl=_RETRY)
        for ident, example in found.items():
            await self._store.set(f"example:{ident}", pack(_Stored(example=example), _SCHEMA), ttl=_KEEP)
        return found


def _identifier(text: str) -> str:
    found = parse_identifier(text)
    if found is None:
        raise InputError(f"like: {text!r} is neither an arXiv id nor a .bib file", name="like")
    return found.id
