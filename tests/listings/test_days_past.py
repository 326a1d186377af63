"""Days of the past: what they cost the client, how many wait, and what becomes of those that nobody waits for."""

import asyncio
from datetime import date, timedelta

import httpx
import pytest

from digest.arxiv.schedule import previous_days
from digest.costs import Costs, account, free
from digest.errors import TooManyRequestsError, UnavailableError
from digest.listings import days
from tests.builders import make_config
from tests.fakes import until
from tests.sites import ARXIV_URL, Site

pytestmark = pytest.mark.anyio

OLD_DAYS = previous_days(date(2026, 3, 18), 60)


def held_back_site():
    site, gate = Site(), asyncio.Event()
    site.arxiv.before_reply = gate.wait
    return site, gate


async def ask(listings, *contexts, day=OLD_DAYS[0], admit=free):
    return await listings.day(contexts, day, admit=admit)


class TestAllowance:
    async def test_a_day_that_is_not_held_counts_one_that_is_held_does_not(self):
        site = Site()
        site.config = make_config("server:\n  new_categories_per_hour: 5\n", arxiv_url=ARXIV_URL)
        async with site.client() as client:
            first = [(await client.get(f"/digest/{day}.json?spec=cs.LG")).status_code for day in OLD_DAYS[:7]]
            again = [(await client.get(f"/digest/{day}.md?spec=cs.LG")).status_code for day in OLD_DAYS[:7]]
        assert first == again == [200] * 5 + [429] * 2

    async def test_days_of_configured_categories_count_too(self):
        site = Site()
        config = "server:\n  new_categories_per_hour: 3\nfeeds:\n  a:\n    categories: [cs.LG]\n"
        site.config = make_config(config, arxiv_url=ARXIV_URL)
        async with site.client() as client:
            found = [(await client.get(f"/digest/{day}.json?feed=a")).status_code for day in OLD_DAYS[:5]]
        assert found == [200] * 3 + [429] * 2

    async def test_many_categories_of_a_day_are_charged_within_reason(self):
        site, asked = Site(), []

        async def admit(names):
            asked.extend(names)

        contexts = [
            f"cs.{code}"
            for code in (
                [
                    "AI",
                    "AR",
                    "CC",
                    "CE",
                    "CG",
                    "CL",
                    "CR",
                    "CV",
                    "CY",
                    "DB",
                    "DC",
                    "DL",
                    "DM",
                    "DS",
                    "ET",
                    "FL",
                    "GL",
                    "GR",
                    "GT",
                    "HC",
                    "IR",
                    "IT",
                    "LG",
                ]
            )
        ]
        await ask(site.service().operations._listings, *contexts, admit=admit)
        assert len(asked) == days._MOST_COUNTED
        assert len(site.arxiv.requests) == len(contexts)

    async def test_a_refused_day_asks_arxiv_nothing(self):
        site = Site()

        async def admit(_names):
            raise TooManyRequestsError("enough", retry_after=timedelta(hours=1))

        with pytest.raises(TooManyRequestsError):
            await ask(site.service().operations._listings, "cs.LG", admit=admit)
        assert site.arxiv.requests == []


class TestQueue:
    async def test_is_bounded(self, monkeypatch):
        monkeypatch.setattr(days, "_MOST_WAITING", 5)
        site, gate = held_back_site()
        listings = site.service().operations._listings
        tasks = [asyncio.create_task(ask(listings, "cs.LG", day=day)) for day in OLD_DAYS[:12]]
        # One is under way and five wait.
        await until(lambda: sum(task.done() and isinstance(task.exception(), UnavailableError) for task in tasks) == 6)
        gate.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listings.aclose()

    async def test_a_client_that_asks_for_much_lets_another_go_first(self):
        site, gate = held_back_site()
        listings = site.service().operations._listings
        with account(Costs(client="greedy")):
            greedy = [asyncio.create_task(ask(listings, "cs.LG", day=day)) for day in OLD_DAYS[:30]]
        await until(lambda: sum(task.done() for task in greedy) == 30 - 1 - days._MOST_WAITING // 2)
        with account(Costs(client="modest")):
            modest = asyncio.create_task(ask(listings, "cs.CL", day=OLD_DAYS[40]))
        await until(lambda: any(one.client == "modest" for one in listings._days._turns._waiting))
        gate.set()
        await modest
        assert sum(not task.done() for task in greedy) > 10
        await asyncio.gather(*greedy, return_exceptions=True)
        await listings.aclose()

    async def test_days_that_nobody_waits_for_are_dropped_but_for_the_one_under_way(self):
        site, gate = held_back_site()
        listings = site.service().operations._listings
        tasks = [asyncio.create_task(ask(listings, "cs.LG", day=day)) for day in OLD_DAYS[:12]]
        await until(lambda: len(site.arxiv.requests) == 1)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        gate.set()
        await asyncio.sleep(0.1)
        assert len(site.arxiv.requests) == 1
        site.arxiv.requests.clear()
        await ask(listings, "cs.LG", day=OLD_DAYS[0])
        assert site.arxiv.requests == []
        await ask(listings, "cs.LG", day=OLD_DAYS[5])
        assert len(site.arxiv.requests) == 1
        await listings.aclose()

    async def test_what_two_wait_for_is_not_dropped_with_one(self):
        site, gate = held_back_site()
        listings = site.service().operations._listings
        before = asyncio.create_task(ask(listings, "cs.LG", day=OLD_DAYS[1]))
        await until(lambda: len(site.arxiv.requests) == 1)
        two = [asyncio.create_task(ask(listings, "cs.LG")) for _ in range(2)]
        await asyncio.sleep(0.02)
        two[0].cancel()
        await asyncio.wait(two[:1])
        gate.set()
        await before
        assert (await two[1]).days == (OLD_DAYS[0],)
        await listings.aclose()


class TestFailures:
    async def test_another_process_does_not_ask_again_within_the_pause(self):
        site = Site()
        site.arxiv.now_reply(httpx.Response(404))
        for _ in range(2):
            with pytest.raises(UnavailableError, match=r"answered with status 404") as caught:
                await ask(site.service().operations._listings, "cs.LG")
            assert timedelta(0) < caught.value.retry_after <= timedelta(minutes=1)
        assert len(site.arxiv.requests) == 1
        site.recover()
        site.clock.advance(minutes=1, seconds=1)
        window = await ask(site.service().operations._listings, "cs.LG")
        assert window.states["cs.LG"].days[OLD_DAYS[0]].mark

    async def test_a_refusal_lasts_as_long_as_arxiv_says(self):
        site = Site()
        site.arxiv.now_reply(httpx.Response(429, headers={"retry-after": "1200"}))
        with pytest.raises(UnavailableError) as caught:
            await ask(site.service().operations._listings, "cs.LG")
        assert timedelta(minutes=19) < caught.value.retry_after <= timedelta(minutes=20)

    async def test_the_status_lists_no_days_of_which_only_an_attempt_is_known(self):
        site = Site()
        site.arxiv.now_reply(httpx.Response(404))
        service = site.service()
        with pytest.raises(UnavailableError):
            await ask(service.operations._listings, "cs.LG")
        (context,) = (await service.operations.status()).contexts
        assert (context.days_held, context.days) == (0, ())
