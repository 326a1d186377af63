"""What was rendered, in memory: by a name of all that it was made of, the tag, and the body for as long as there is room."""

from __future__ import annotations

from dataclasses import replace

from cachetools import LRUCache

from digest.listings.expiry import UNDECIDED
from digest.rendering.documents import Document, Known
from digest.service.kept_bodies import KeptBodies

NAMES_KEPT = 20_000


class Renderings:
    """Rendered documents by name; what was asked for least lately goes first.

    The tags of far more of them are kept than bodies: a tag is enough to tell a client that nothing changed.

    Args:
        bodies: Where the bodies are.
    """

    def __init__(self, bodies: KeptBodies) -> None:
        self._bodies = bodies
        self._tags: LRUCache[str, Document] = LRUCache(NAMES_KEPT)

    def __len__(self) -> int:
        """How many are remembered by their tag."""
        return len(self._tags)

    def unchanged(self, name: str, known: Known) -> Document | None:
        """Return what was rendered under *name*, without its body, if the client has it already."""
        found = self._tags.get(name)
        return found if found and known(found.etag, found.last_modified) else None

    def get(self, name: str) -> Document | None:
        """Return what was rendered under *name*, which was asked for now; None if its body is gone."""
        found = self._tags.get(name)
        body = self._bodies.body(found.etag) if found else None
        return replace(found, content=body) if found and body else None

    def keep(self, name: str, document: Document) -> Document:
        """Keep a rendering under *name*; return it with the body that is kept."""
        self._tags[name] = replace(document, content=None, expiry=UNDECIDED)
        return self._bodies.hold(document)
