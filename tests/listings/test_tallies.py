"""A day in numbers: what is counted, which words, how large, and that they outlive their listings."""

import asyncio
from datetime import timedelta

import pytest

from digest.listings.embedding import Embedder
from digest.listings.shelf import Shelf
from digest.listings.tallies import TERMS_KEPT, Tally, added, tally_of, terms_of
from digest.listings.tally_shelf import KEEP, TallyShelf
from digest.models import AnnounceType, Counts
from digest.store.codec import pack
from digest.store.memory import MemoryStore
from tests.builders import NOON, WEDNESDAY, make_listing, make_paper
from tests.fakes import Clock, quick_store

pytestmark = pytest.mark.anyio


def paper(number, title="Graphs", **more):
    return make_paper(id=f"2611.{number:05}", title=title, **more)


@pytest.mark.parametrize(
    ("title", "terms"),
    [
        ("A Survey of Diffusion Models", {"survey", "diffusion", "model", "diffusion model"}),
        ("Diffusion: the models", {"diffusion", "model"}),
        ("3D scenes in 2026", {"scene"}),
        (r"On $\alpha$-RuCl$_3$ magnets", {"alpharucl3", "magnet", "alpharucl3 magnet"}),
        ("", set()),
    ],
)
def test_terms_are_words_that_say_something_and_pairs_of_them(title, terms):
    assert terms_of(title) == terms


def test_new_and_cross_listed_papers_are_counted_replacements_only_as_such():
    listing = make_listing(
        paper(1, code_url="https://github.com/a/b"),
        paper(2, announce_type=AnnounceType.CROSS),
        paper(3, announce_type=AnnounceType.REPLACE, code_url="https://github.com/a/c", title="Trees"),
    )
    tally = tally_of(listing)
    assert (tally.counts, tally.papers, tally.code) == (Counts(new=1, cross=1, replace=1), 2, 1)
    assert tally.terms == {"graph": 2}


def test_only_the_commonest_terms_are_kept_and_a_day_stays_small():
    listing = make_listing(*(paper(n, f"Common words and {n:04}x {n:04}y {n:04}z") for n in range(200)))
    tally = tally_of(listing)
    assert len(tally.terms) == TERMS_KEPT
    assert {"common", "word", "common word"} < set(tally.terms)
    assert len(pack(tally, 1)) < 600


def test_days_are_added_up():
    assert added([Tally(code=1, terms={"a": 1}), Tally(code=2, terms={"a": 2, "b": 1})]) == Tally(
        code=3, terms={"a": 3, "b": 1}
    )


async def test_are_written_with_each_listing_and_kept_when_it_is_gone():
    clock = Clock(NOON)
    store = MemoryStore(now=clock)
    shelf = Shelf(store, keep=timedelta(days=100), now=clock)
    tallies = shelf.tallies
    listing = make_listing(paper(1))
    async with shelf.leases.of((listing.context,)):
        states = await shelf.states((listing.context,))
        await shelf.save(await shelf.keep(states[listing.context], listing))
    await asyncio.wait(Embedder(shelf).start((listing.context,)))
    for later in (timedelta(0), timedelta(days=101), KEEP - timedelta(days=102)):
        clock.now += later
        assert (await tallies.of((listing.context,), [WEDNESDAY]))[listing.context] == {WEDNESDAY: tally_of(listing)}
    clock.now += timedelta(days=2)
    assert (await tallies.of((listing.context,), [WEDNESDAY]))[listing.context] == {}


async def test_many_are_read_in_few_trips(monkeypatch):
    store, trips = quick_store(), []
    tallies = TallyShelf(store)
    await tallies.put(make_listing(paper(1)))
    whole = store.get_many

    async def noted(keys):
        trips.append(len(keys))
        return await whole(keys)

    monkeypatch.setattr(store, "get_many", noted)
    days = [WEDNESDAY - timedelta(days=n) for n in range(783)]
    found = await tallies.of(("cs.LG", "cs.CL"), days)
    assert (len(trips), list(found["cs.LG"]), found["cs.CL"]) == (2, [WEDNESDAY], {})
