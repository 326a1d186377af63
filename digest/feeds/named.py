"""The feeds and topics that the configuration names, as requests. Pure."""

from __future__ import annotations

from digest.arxiv.taxonomy import parse_spec
from digest.config.settings import Config
from digest.errors import UnknownFeedError
from digest.feeds.papers import FeedRequest
from digest.selection import Selection


def named_request(config: Config, name: str) -> FeedRequest:
    """Return the request of a feed or topic named in the configuration.

    Raises:
        UnknownFeedError: There is none of that name.
    """
    feed = config.feeds.get(name)
    if name in config.topics:
        return _topic_request(config, name)
    if feed is None:
        known = ", ".join(config.feed_names) or "none"
        raise UnknownFeedError(f"no feed is named {name!r}; configured are: {known}")
    return FeedRequest(
        spec=feed.spec,
        selection=feed.selection(config.tagging),
        days=feed.days,
        days_given="days" in feed.model_fields_set,
        name=name,
        title=feed.title or name,
        description=feed.description,
        view=feed.view,
    )


def _topic_request(config: Config, name: str) -> FeedRequest:
    topic = config.topics[name]
    spec = parse_spec("+".join(topic.categories or config.contexts))
    selection = Selection(q=topic.q, topics=config.tagging)
    return FeedRequest(spec=spec, selection=selection, name=name, title=topic.label)
