"""The page that stands in while arXiv is asked for what nobody asked for before."""

from __future__ import annotations

from collections.abc import Sequence

from digest.rendering.pages.templating import Site, render_template


def render_cold(site: Site, *, title: str, contexts: Sequence[str], reason: str, later: str, failure: str = "") -> str:
    """Render what is being fetched, and where it will be.

    Args:
        site: Whose page it is.
        title: What the page will be called.
        contexts: The categories that arXiv is asked for.
        reason: Why nothing can be shown now.
        later: The path of the same page that waits for arXiv.
        failure: Said instead where arXiv is not being asked now: waiting would be in vain.
    """
    return render_template(
        "cold.html.j2", site, title=title, contexts=contexts, reason=reason, later=later, failure=failure
    )
