"""Identities of items, the same in every format and for ever: readers show what has another one as new. Pure."""

from __future__ import annotations

from typing import NamedTuple

from digest.config.views import Compat, Replacements
from digest.feeds.periods import Period
from digest.models import Paper


class Guid(NamedTuple):
    """An item's identity.

    Attributes:
        is_address: Whether it is the item's address as well.
    """

    text: str
    is_address: bool


def paper_guid(paper: Paper, compat: Compat, replacements: Replacements) -> Guid:
    """Return a paper's identity.

    Summaries never enter it, and the version only where the feed asks for replacements as items of their
    own: readers would show the paper twice.
    """
    if compat is Compat.ARXIV:
        return Guid(f"oai:arXiv.org:{paper.id}v{paper.version or 1}", is_address=False)
    if replacements is Replacements.NEW_ITEM and paper.announce_type.is_replacement:
        return Guid(
            f"{paper.links.abs}v{paper.version}" if paper.version else f"{paper.links.abs}#{paper.announced}", True
        )
    return Guid(paper.links.abs, is_address=True)


def digest_guid(period: Period, scope: str) -> Guid:
    """Return the identity of the digest of a day or a week; *scope* names whose it is."""
    kind = "day" if period.is_day else "week"
    return Guid(f"urn:arxiv-digest:{kind}:{period.name}:{scope}", is_address=False)
