"""Built-in summaries in the store: written behind the answers, read by the next process, never of another version."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.listings import shelf as shelf_module
from digest.listings.embedding import Embedder
from digest.listings.parsed import ParsedListings, size_of
from digest.listings.shelf import Shelf
from digest.listings.stored import pack_listing, unpack_listing
from digest.models import Summary
from digest.store.codec import pack
from digest.summaries.kept import KEPT, builtin_summary
from tests.builders import NOON, make_listing, make_paper, papers, texts
from tests.fakes import quick_store

pytestmark = pytest.mark.anyio

ABSTRACT = "We study graphs. We prove that every graph of this kind has a large matching."


@pytest.fixture(autouse=True)
def _none_kept(monkeypatch):
    KEPT.clear()
    monkeypatch.setattr(KEPT, "made", 0)


def listing_of(*idents, **overrides):
    return make_listing(
        *(make_paper(id=ident, abstract=ABSTRACT, title=f"On {ident}") for ident in idents), **overrides
    )


def summaries_of(listing):
    return [builtin_summary(paper.title, paper.abstract) for paper in listing.papers]


class TestStoredForm:
    @given(st.lists(papers(), max_size=4), st.lists(st.none() | texts(), min_size=4, max_size=4))
    def test_comes_back_as_it_was(self, some, tldrs):
        listing = make_listing(*some)
        summaries = [tldr and Summary(engine="builtin", language="en", tldr=tldr) for tldr in tldrs[: len(some)]]
        summaries = [summary or None for summary in summaries]
        found = unpack_listing(pack_listing(listing, summaries, "1"), "1")
        assert found.listing == listing
        assert found.summaries == tuple(summaries)

    def test_summaries_of_another_version_are_left_out(self):
        listing = listing_of("2601.00001")
        found = unpack_listing(pack_listing(listing, summaries_of(listing), "1"), "2")
        assert (found.listing, found.summaries) == (listing, None)

    def test_a_listing_of_an_older_program_has_none(self):
        listing = listing_of("2601.00001")
        found = unpack_listing(pack(listing, 1), "1")
        assert (found.listing, found.summaries) == (listing, None)

    @pytest.mark.parametrize("cut", [0, 5, 40, -1])
    def test_damaged_bytes_count_as_absent(self, cut):
        listing = listing_of("2601.00001", "2601.00002")
        assert unpack_listing(pack_listing(listing, summaries_of(listing), "1")[:cut], "1") is None

    def test_costs_little_more_than_the_listing_alone(self):
        some = [
            make_paper(
                id=f"2601.{n:05}", title=f"On {n}", abstract=f"We study graph {n}. " + ABSTRACT + f" Then {n * n}."
            )
            for n in range(200)
        ]
        listing = make_listing(*some)
        assert len(pack_listing(listing, summaries_of(listing), "1")) < 1.5 * len(pack(listing, 1))


async def kept(store, listing):
    shelf = Shelf(store, keep=timedelta(days=60), now=lambda: NOON)
    async with shelf.leases.of((listing.context,)):
        state = await shelf.keep((await shelf.states((listing.context,)))[listing.context], listing)
        await shelf.save(state)
    return shelf


async def read(store, listing):
    """Read all listings of the context as another process would."""
    shelf = Shelf(store, keep=timedelta(days=60), now=lambda: NOON)
    states = await shelf.states((listing.context,))
    return shelf, await shelf.load(states.values(), listing.day)


class TestBehindTheAnswer:
    async def test_a_later_process_makes_none(self):
        store, listing = quick_store(), listing_of("2601.00001", "2601.00002")
        await asyncio.wait(Embedder(await kept(store, listing)).start((listing.context,)))
        assert KEPT.made == 2
        KEPT.clear()
        later, (found,) = await read(store, listing)
        assert found == listing
        assert summaries_of(listing)[0].tldr
        assert KEPT.made == 2
        assert not Embedder(later).start((listing.context,))

    async def test_another_version_is_made_anew_and_stored(self, monkeypatch):
        store, listing = quick_store(), listing_of("2601.00001")
        await asyncio.wait(Embedder(await kept(store, listing)).start((listing.context,)))
        monkeypatch.setattr(shelf_module, "summaries_version", lambda: "another")
        KEPT.clear()
        later, _ = await read(store, listing)
        assert KEPT.size_bytes == 0
        await asyncio.wait(Embedder(later).start((listing.context,)))
        assert not Embedder((await read(store, listing))[0]).start((listing.context,))

    async def test_a_newer_reading_of_the_day_is_never_overwritten(self):
        store, old = quick_store(), listing_of("2601.00001")
        slow = await kept(store, old)
        embedder = Embedder(slow)
        tasks = embedder.start((old.context,), after=(gate := [asyncio.create_task(asyncio.sleep(0.05))]))
        new = listing_of("2601.00001", "2601.00002")
        begun = embedder._bare_listings

        async def overtaken(state):
            found = await begun(state)
            await kept(store, new)
            return found

        vars(embedder)["_bare_listings"] = overtaken
        await asyncio.wait([*tasks, *gate])
        _, (found,) = await read(store, new)
        assert [paper.id for paper in found.papers] == ["2601.00001", "2601.00002"]


class TestParsed:
    def test_what_was_asked_for_least_lately_goes_first(self):
        listings = {("cs.LG", NOON.date(), str(n)): listing_of(f"2601.0000{n}") for n in range(4)}
        keys = list(listings)
        parsed = ParsedListings(3 * size_of(listings[keys[0]]))
        for key in keys[:3]:
            parsed.put({key: listings[key]})
        assert parsed.get(keys[0])
        parsed.put({keys[3]: listings[keys[3]]})
        assert [bool(parsed.get(key)) for key in keys] == [True, False, True, True]

    def test_one_that_is_too_large_costs_the_others_nothing(self):
        small, large = listing_of("2601.00001"), listing_of(*(f"2601.0000{n}" for n in range(1, 8)))
        parsed = ParsedListings(2 * size_of(small))
        parsed.put({("cs.LG", NOON.date(), "1"): small})
        parsed.put({("cs.LG", NOON.date(), "2"): large})
        assert parsed.get(("cs.LG", NOON.date(), "1")) == small
        assert len(parsed) == 1
