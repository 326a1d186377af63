"""Trying a wish before it is switched on: over past days on the command line, on the newest day in a browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.errors import InputError
from digest.feeds.papers import FeedRequest
from digest.listings.examples import Examples
from digest.reports.filling import Forecast
from digest.reports.wish_trials import WishTrial, trial_of
from digest.selection import Example, Scoring, Selection
from digest.selection.wishes import Wishes
from digest.service.contents import Contents
from digest.service.model_desk import ModelDesk
from digest.service.wish_desk import wishes_of
from digest.store.protocol import Store

if TYPE_CHECKING:
    from digest.llm.ledger import Account

IN_A_BROWSER = 16
"""Papers of the newest day that are graded for an owner who tries a wish in a browser."""
_BROWSER_WAITS = timedelta(seconds=25)
_LONGEST = timedelta(hours=2)


class WishTrials:
    """Try wishes. What is graded is kept as for feeds: switched on, the wish pays for none of it again.

    Args:
        contents: What feeds hold.
        examples: The papers behind names.
        desk: What grades.
        store: Where the owner's daily budget is counted.
        now: The clock.
    """

    def __init__(
        self, contents: Contents, examples: Examples, desk: ModelDesk, store: Store, *, now: Callable[[], datetime]
    ) -> None:
        self._contents = contents
        self._examples = examples
        self._desk = desk
        self._store = store
        self._now = now

    async def over_days(
        self,
        request: FeedRequest,
        *,
        days: int,
        wants: str = "",
        against: Sequence[str] = (),
        graded: bool = True,
        within: timedelta = _LONGEST,
    ) -> WishTrial:
        """Return what a feed's wishes find on its newest days, graded on the feed's account.

        Args:
            request: A configured feed.
            days: Announcements.
            wants: A wish instead of the feed's own.
            against: Names of papers that the owner knows, as `scoring.like` takes them.
            graded: Whether a model is asked; if not, the first stage alone is told, with grades that are there.
            within: Longest time for grading.

        Raises:
            InputError: The feed has no wishes and none is given, or a name can't be read.
        """
        tried = _trying(request, days, wants)
        account = self._account(request.name or "") if graded and self._desk.wish_rules.is_open else None
        return await self._try(tried, await self._known(against), account, within)

    async def forecast(self, request: FeedRequest, *, days: int, wants: str = "") -> Forecast | None:
        """Return what grading for such a trial would need; None without a model. Sends nothing.

        Raises:
            InputError: The feed has no wishes and none is given.
            StoreError: The store can't be read.
        """
        tried = _trying(request, days, wants)
        content = await self._contents.composed(tried)
        return await self._desk.grades.expected(tried, content.candidates)

    async def in_a_browser(self, request: FeedRequest, wants: str) -> WishTrial:
        """Return what a wish finds among the most promising papers of the newest day, within a small budget of its own.

        Raises:
            InputError: It is no wish.
            UnavailableError: Nothing is stored and arXiv gives nothing now.
        """
        tried = _trying(replace(request, name=None), 1, wants, judge_limit=IN_A_BROWSER)
        account = self._owner_account() if self._desk.wish_rules.is_open else None
        return await self._try(tried, (), account, _BROWSER_WAITS)

    async def _try(
        self, tried: FeedRequest, against: Sequence[Example], account: Account | None, within: timedelta
    ) -> WishTrial:
        before = await self._contents.composed(tried)
        report = None
        if account:
            deadline = self._now() + within
            report = await self._desk.grades.fill(tried, before.candidates, deadline=deadline, account=account)
        after = await self._contents.composed(tried)
        return trial_of((wish.text for wish in wishes_of(tried).all), before.candidates, after.entries, against, report)

    async def _known(self, names: Sequence[str]) -> tuple[Example, ...]:
        if not names:
            return ()
        wanted = Selection(scoring=Scoring(like=tuple(names)))
        return (await self._examples.ranking(wanted, is_configured=True)).examples

    def _account(self, feed: str) -> Account:
        return self._desk.engine.opened().ledger.account(feed)

    def _owner_account(self) -> Account:
        from digest.llm.trial_account import TrialAccount

        engine = self._desk.engine.opened()
        return TrialAccount(engine.ledger, engine.ledger.account("").model, self._store, now=self._now)


def _trying(request: FeedRequest, days: int, wants: str, *, judge_limit: int | None = None) -> FeedRequest:
    """Return a request for everything that a wish may find: nothing is left out by grade, score or number.

    Raises:
        InputError: There is no wish.
    """
    own = wishes_of(request)
    try:
        wishes = Wishes(wants=wants, judge_limit=own.judge_limit) if wants else own
    except ValueError as error:
        raise InputError("a wish is a sentence or a phrase of 8 to 400 characters", name="wants") from error
    if not wishes:
        raise InputError("the feed has no wishes", name="wants", hint="give one with --wants")
    open_ended = {"min_grade": None, **({"judge_limit": judge_limit} if judge_limit else {})}
    selection = request.selection.model_copy(
        update={
            "wishes": wishes.model_copy(update=open_ended),
            "min_score": None,
            "top": None,
            "limit": 100_000,
            "within": None,
        }
    )
    return replace(request, selection=selection, days=days)
