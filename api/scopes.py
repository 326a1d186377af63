"""Whose digest a request is about: a configured feed's, any categories', or all configured feeds'."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field

from api.params import FeedParams, SpecText, feed_request, narrowed
from digest.arxiv.taxonomy import parse_spec
from digest.errors import InputError
from digest.feeds.daily import DigestScope, common_scope, feed_scope
from digest.feeds.papers import FeedRequest
from digest.selection import Filters, filter_words
from digest.service.service import DigestService

_LEFT_OUT = frozenset({"group", "days"})
"""Parameters of a feed that have no meaning for one day."""
_FILTERS = (frozenset(Filters.model_fields) - {"limit", "sort"}) | {"keywords"}
"""Parameters that decide which digest it is; the others, how much of it is shown and how."""


class DigestFeedParams(FeedParams):
    """A feed's parameters, and whose digest it is."""

    feed: Annotated[
        str | None, Field(description="A feed named in the configuration; without it all of them.", examples=["ml"])
    ] = None
    spec: Annotated[
        SpecText | None,
        Field(description="Instead of a feed: categories or archives joined with `+`.", examples=["cs.LG"]),
    ] = None

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form; `group=day` goes without saying."""
        own = [("feed", self.feed or ""), ("spec", str(parse_spec(self.spec)) if self.spec else "")]
        shared = [pair for pair in super().canonical() if pair != ("group", "day")]
        return sorted([*shared, *(pair for pair in own if pair[1])])


class DigestParams(DigestFeedParams):
    """What selects a digest: a feed's parameters but for `days` and `group`."""

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form.

        Raises:
            InputError: A parameter makes no sense here.
        """
        if self.days:
            hint = "the path says which days: a date, a week like 2026-W05, or 2026-01-22..2026-01-29"
            raise InputError("days has no meaning for a digest", name="days", hint=hint)
        return [pair for pair in super().canonical() if pair[0] != "group"]


def scope_of(service: DigestService, params: DigestFeedParams) -> DigestScope:
    """Return whose digest is asked for.

    Raises:
        InputError: Both a feed and categories are given.
        NotFoundError: No such feed, or none is configured at all.
    """
    if params.feed and params.spec:
        raise InputError("give feed or spec, not both", name="spec", hint="spec takes any categories")
    if params.feed:
        return narrowed_scope(narrowed(service.feeds.named(params.feed), params), params)
    if params.spec:
        return narrowed_scope(feed_request(params.spec, params), params)
    requests = tuple(narrowed(service.feeds.named(name), params) for name in service.config.feeds)
    scope = common_scope(requests, service.config.server.title)
    words = filter_words(params.selection())
    title = params.title or (f"{scope.title}: {words}" if words else scope.title)
    titled = replace(scope, title=title, asked_title=params.title)
    return _asked_with(titled, [], params)


def narrowed_scope(wanted: FeedRequest, params: FeedParams) -> DigestScope:
    """Return the digest of one feed, as it was asked for."""
    scope = feed_scope(wanted)
    return _asked_with(scope, list(scope.query), params)


def _named_examples(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return a short name for the examples among *pairs*, which would make a name of thousands of letters."""
    examples = [pair for pair in pairs if pair[0] in {"like", "dislike"}]
    return [("examples", hashlib.sha256(repr(examples).encode()).hexdigest()[:12])] if examples else []


def _asked_with(scope: DigestScope, own: list[tuple[str, str]], params: FeedParams) -> DigestScope:
    """Return *scope* with the parameters that ask for it; filters become part of its name."""
    pairs = [pair for pair in FeedParams.canonical(params) if pair[0] not in _LEFT_OUT]
    filters = [*(pair for pair in pairs if pair[0] in _FILTERS), *_named_examples(pairs)]
    name = f"{scope.name}?{urlencode(filters)}" if filters else scope.name
    return replace(scope, name=name, query=tuple(sorted((*own, *pairs))))
