"""An account with a small daily budget of its own, beside those of the model, for what an owner tries in a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from digest.errors import BudgetError, StoreError
from digest.llm.ledger import Account, Ledger, Reservation
from digest.reports.filling import Usage
from digest.store.protocol import Store

CALLS_A_DAY = 40
NAME = "(wish tried in a browser)"
"""Under this name the ledger has what it cost; no feed can be called so."""
_KEPT = timedelta(days=2)


class TrialAccount(Account):
    """Books on the ledger as any account, but first counts the call in the configured store.

    Args:
        ledger: Where it books.
        model: The model's name.
        store: Where calls are counted, over all instances.
        now: The clock.
    """

    def __init__(self, ledger: Ledger, model: str, store: Store, *, now: Callable[[], datetime]) -> None:
        super().__init__(ledger, NAME, model)
        self._store = store
        self._now = now

    async def reserve(self, estimate: Usage) -> Reservation:
        """See `Ledger.reserve`; a call that can't be counted isn't granted."""
        key = f"wishes:tried:{self._now().date().isoformat()}"
        try:
            count = await self._store.sure.increment(key, ttl=_KEPT)
        except StoreError as error:
            raise BudgetError(f"the trial's cost can't be recorded, so no request is sent: {error}") from error
        if count > CALLS_A_DAY:
            raise BudgetError(
                f"the {CALLS_A_DAY} requests a day for trying wishes are spent; they are back at 00:00 UTC"
            )
        return await super().reserve(estimate)
