"""The page that shows what a wish found that an owner tried."""

from __future__ import annotations

from digest.rendering.pages.templating import Site, render_template
from digest.reports.wish_trials import WishTrial


def render_wish_trial(trial: WishTrial, site: Site, *, spec: str) -> str:
    """Render the page.

    Args:
        trial: What was found.
        site: Whose page it is.
        spec: The categories, as the form had them.
    """
    return render_template("wish_trial.html.j2", site, trial=trial, spec=spec)
