"""Rendered documents in memory, and the thread that renders."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from digest.documents import Document

T = TypeVar("T")

_LIMIT_BYTES = 48_000_000


class Renderings:
    """What was rendered, by a name of all that it was made of; what was asked for least lately goes first.

    Args:
        limit_bytes: Of the documents that are kept, all together; the last one is kept however long it is.
    """

    def __init__(self, *, limit_bytes: int = _LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._kept: OrderedDict[str, Document] = OrderedDict()
        # One thread: rendering is bound to one processor anyway, and feedgen may not be used by two at a time.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="render")

    def get(self, name: str) -> Document | None:
        """Return what is kept under *name*, which was asked for now."""
        if name in self._kept:
            self._kept.move_to_end(name)
        return self._kept.get(name)

    def keep(self, name: str, document: Document) -> None:
        """Keep a document, and drop others beyond the limit."""
        self._kept[name] = document
        self._kept.move_to_end(name)
        while len(self._kept) > 1 and sum(len(one.body) for one in self._kept.values()) > self._limit_bytes:
            self._kept.popitem(last=False)

    async def run(self, work: Callable[[], T]) -> T:
        """Return what *work* makes in the thread for rendering; what it raises is raised here."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """Give up the thread; what is under way ends by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)
