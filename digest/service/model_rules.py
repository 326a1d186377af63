"""Which feeds have summaries by a model, of which kind, and which may spend money on them: the configuration decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.config.settings import Config
from digest.config.views import SummaryMode
from digest.feeds.papers import FeedRequest

if TYPE_CHECKING:
    from digest.config.summary_plans import Plan

_SUMMARISING = frozenset({SummaryMode.AUTO, SummaryMode.MODEL})


class ModelRules:
    """What the configuration allows; without a model nothing."""

    def __init__(self, config: Config) -> None:
        self._config = config

    @property
    def is_open(self) -> bool:
        """Whether there is a model."""
        return self._config.model.is_enabled

    def plan(self, request: FeedRequest) -> Plan | None:
        """Return what a model writes for the papers of a feed; None where it shows no such summaries.

        A feed that isn't configured has the usual plan: the store may hold summaries that others paid for.
        """
        if not self.is_open or request.view.summary not in _SUMMARISING:
            return None
        from digest.config.summary_plans import Plan, TextSource
        from digest.config.summary_schemas import SummarySchema

        feed = self._config.feeds.get(request.name or "")
        schema, source = (feed.summary_schema, feed.source) if feed else (SummarySchema.TLDR, TextSource.ABSTRACT)
        language = request.view.lang or (feed.language if feed else "en")
        return Plan(schema, language, source, self._config.model.model or "")

    def spends(self, request: FeedRequest) -> bool:
        """Whether summaries may be written for a feed: only for a configured one, as it is, in its own language."""
        feed = self._config.feeds.get(request.name or "")
        return (
            self.is_open
            and feed is not None
            and request.view.summary in _SUMMARISING
            and request.view.lang in {None, feed.language}
            and (request.days, request.selection) == (feed.days, feed.selection(self._config.tagging))
        )

    def paid_plan(self, request: FeedRequest) -> Plan | None:
        """Return what may be written for a feed; None for one that may not spend."""
        return self.plan(request) if self.spends(request) else None
