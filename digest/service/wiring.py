"""Configuration and environment to a working service: the one place where adapters are made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from digest.clock import Clock, utc_now
from digest.config.hosting import is_serverless
from digest.config.reading import DEFAULT_PATH
from digest.config.settings import Config
from digest.delivery.claims import Claims
from digest.delivery.history import History
from digest.delivery.sending import Sender
from digest.feeds.named import named_request
from digest.listings.examples import Examples
from digest.listings.libraries import Libraries
from digest.listings.listings import Listings
from digest.listings.searching import Searches
from digest.listings.served import ServedDays
from digest.service.agents import Agents
from digest.service.contents import Contents
from digest.service.deliveries import Deliveries
from digest.service.delivery_messages import DeliveryMessages
from digest.service.delivery_trials import DeliveryTrials
from digest.service.digests import Digests
from digest.service.feeds import Feeds
from digest.service.finding_pages import FindingPages
from digest.service.kept_bodies import KeptBodies
from digest.service.model_desk import ModelDesk, open_desk
from digest.service.operations import Operations
from digest.service.pages import Pages
from digest.service.papers import Papers
from digest.service.profile_feeds import ProfileFeeds
from digest.service.profiles import Profiles
from digest.service.publishing import Publisher
from digest.service.rendering_threads import RenderingThreads
from digest.service.renderings import Renderings
from digest.service.service import DigestService
from digest.service.statistics import StatisticsDesk
from digest.service.stored_renderings import StoredRenderings
from digest.service.subscriptions import Subscriptions
from digest.service.summary_runs import SummaryRuns
from digest.service.wish_trials import WishTrials
from digest.service.work_behind import BEHIND
from digest.store.factory import lasting_beside, open_store
from digest.store.lasting import LastingStore, Refusal
from digest.store.namespaced import NamespacedStore
from digest.store.protocol import Store
from digest.upstream.fetching import ArxivClient, FetchLimits, user_agent
from digest.upstream.sources import ArxivSources
from digest.upstream.zotero import KEY_VARIABLE, ZoteroClient

if TYPE_CHECKING:
    import httpx

_BEHIND_WHERE_FROZEN = timedelta(seconds=40)
"""Vercel keeps a process awake for less than a minute after an answer."""


class _Adapters(NamedTuple):
    """What touches the world."""

    store: Store
    client: ArxivClient
    listings: Listings
    examples: Examples
    desk: ModelDesk
    lasting: LastingStore | Refusal
    sender: Sender


def create_service(
    config: Config,
    environ: Mapping[str, str],
    *,
    store: Store | None = None,
    lasting: LastingStore | Refusal | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    model_transport: httpx.AsyncBaseTransport | None = None,
    library_transport: httpx.AsyncBaseTransport | None = None,
    sender: Sender | None = None,
    folder: Path | None = None,
    now: Clock = utc_now,
) -> DigestService:
    """Make the service with its adapters. Nothing is opened before it is used.

    Args:
        config: The settings.
        environ: Where the store's variables are looked up.
        store: Instead of the configured one.
        lasting: Instead of what lasts beside the store.
        transport: What carries requests to arXiv, None for the network.
        model_transport: The same for the model.
        library_transport: The same for reference libraries.
        sender: What sends messages, None for the network.
        folder: Where files named in the configuration are, None for that of the shipped one.
        now: The clock.

    Raises:
        ConfigError: The store's address can't be understood.
    """
    # What a mirror or a test server says must never be taken for arXiv's word.
    opened = store or open_store(config.cache.url, environ, now=now)
    shared = NamespacedStore(opened, config.arxiv.url or "")
    client = _arxiv_client(config, shared, transport, now)
    listings = Listings(
        shared,
        ArxivSources(client),
        keep=timedelta(days=config.cache.keep_days),
        wait=timedelta(seconds=config.arxiv.wait_s),
        now=now,
    )
    desk = open_desk(
        config,
        shared,
        client,
        now=now,
        transport=model_transport,
        longest=_BEHIND_WHERE_FROZEN if environ.get("VERCEL") else BEHIND,
        forgets=is_serverless(environ) and shared.kind == "memory",
    )
    threads = RenderingThreads()
    zotero = ZoteroClient(
        shared,
        user_agent=_user_agent(config),
        key=environ.get(KEY_VARIABLE, "").strip() or None,
        transport=library_transport,
        now=now,
    )
    examples = Examples(
        shared,
        client,
        folder=folder or DEFAULT_PATH.parent,
        held=listings.held,
        libraries=Libraries(shared, zotero, now=now),
        is_open=_is_open(environ),
    )
    contents = Contents(listings, examples, ServedDays(shared), desk, threads)
    lasting = lasting or lasting_beside(opened, is_serverless=is_serverless(environ))
    sender = sender or Sender(user_agent=_user_agent(config), now=now)
    adapters = _Adapters(shared, client, listings, examples, desk, lasting, sender)
    return _assembled(config, adapters, contents, threads, now, is_open=_is_open(environ))


def _is_open(environ: Mapping[str, str]) -> bool:
    """Tell whether anybody may read the server."""
    return not environ.get("ACCESS_TOKEN", "").strip()


def _arxiv_client(config: Config, store: Store, transport: httpx.AsyncBaseTransport | None, now: Clock) -> ArxivClient:
    return ArxivClient(
        store,
        base_url=config.arxiv.url,
        user_agent=_user_agent(config),
        limits=FetchLimits(
            timeout=timedelta(seconds=config.arxiv.timeout_s),
            size_bytes=round(config.arxiv.limit_mb * 1_000_000),
            interval=timedelta(seconds=0 if config.arxiv.demo else config.arxiv.interval_s),
        ),
        transport=transport,
        now=now,
    )


def _user_agent(config: Config) -> str:
    return user_agent(public_url=config.server.public_url, contact=config.server.contact)


def _assembled(
    config: Config, adapters: _Adapters, contents: Contents, threads: RenderingThreads, now: Clock, *, is_open: bool
) -> DigestService:
    """Return the parts of a service over its adapters."""
    store, client, listings, examples, desk, lasting, sender = adapters
    stored = StoredRenderings(store)
    bodies = KeptBodies(threads)
    publisher = Publisher(contents, desk, Renderings(bodies), stored, now=now)
    configured = [named_request(config, name) for name in config.feeds]
    summaries = SummaryRuns(configured, desk, compose=contents.composed, now=now)
    digests = Digests(config, listings=listings, contents=contents, threads=threads, now=now)
    messages = DeliveryMessages(config, held=listings.held, compose=contents.of_window, now=now)
    claims, history = Claims(store), History(store)
    deliveries = Deliveries(messages, claims=claims, history=history, sender=sender, now=now)
    trials = DeliveryTrials(
        messages,
        deliveries,
        claims=claims,
        history=history,
        sender=sender,
        refresh=lambda contexts, days, within: listings.refresh_within(contexts, days=days, budget=within),
        now=now,
    )
    operations = Operations(
        config,
        store=store,
        client=client,
        listings=listings,
        contents=contents,
        desk=desk,
        summaries=summaries,
        messages=messages,
        deliveries=deliveries,
        trials=trials,
        is_open=is_open,
        now=now,
    )
    feeds = Feeds(
        config,
        searches=Searches(store, client, now=now),
        contents=contents,
        publisher=publisher,
        threads=threads,
        now=now,
    )
    papers = Papers(config, held=listings.held, contents=contents, now=now)
    statistics = StatisticsDesk(
        config, tallies=listings.tallies, held=listings.held, publisher=publisher, render=threads.run, now=now
    )
    profiles = Profiles(lasting, counts=store.sure, per_day=config.server.profiles_per_day, now=now)
    return DigestService(
        config,
        feeds=feeds,
        papers=papers,
        digests=digests,
        pages=Pages(config, publisher=publisher, digests=digests, status=operations.status, now=now),
        finding=FindingPages(config, publisher=publisher, now=now),
        statistics=statistics,
        agents=Agents(
            config,
            held=listings.held,
            contents=contents,
            feeds=feeds,
            papers=papers,
            digests=digests,
            status=operations.status,
            now=now,
        ),
        profiles=profiles,
        profile_feeds=ProfileFeeds(
            config, lasting=lasting, contents=contents, examples=examples, desk=desk, threads=threads, now=now
        ),
        operations=operations,
        subscriptions=Subscriptions(config, now=now),
        summaries=summaries,
        wish_trials=WishTrials(contents, examples, desk, store, now=now),
        deliveries=deliveries,
        delivery_trials=trials,
        bodies=bodies,
        threads=threads,
        closing=(
            deliveries.aclose,
            statistics.aclose,
            examples.aclose,
            desk.aclose,
            stored.aclose,
            listings.aclose,
            client.aclose,
            store.close,
        ),
    )
