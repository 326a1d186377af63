"""What became of deliveries: told by the cron's address, the command line and the status page. Pure."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from digest.models import Frozen


class DeliveryOutcome(Frozen):
    """How one run left the newest delivery of one feed to one target."""

    feed: str
    target: str
    period: str
    """`2026-01-29` or `2026-W05`; "" where there is none."""
    state: str
    """`waiting`, `retrying`, `sent`, `unknown`, `failed`, `empty`, `started`; `busy` while another process is at it."""
    reason: str = ""
    """Why it isn't sent; "" where it is."""


class DeliveriesOutcome(Frozen):
    """What one run did."""

    deliveries: tuple[DeliveryOutcome, ...] = ()
    sent: int = 0
    """Messages that were sent, or edited."""
    problem: str = ""
    """Why nothing could be sent to anybody; "" if it could."""

    def for_strangers(self) -> DeliveriesOutcome:
        """Return what anybody may know: names and how far they are."""
        told = tuple(one.model_copy(update={"reason": ""}) for one in self.deliveries)
        return self.model_copy(update={"deliveries": told})


class DeliveryStatus(Frozen):
    """The last delivery of one feed to one target. On an open server strangers read this: feed, target and time only."""

    feed: str = Field(description="The feed's name in the configuration.")
    target: str = Field(description="The target's name in the configuration.")
    sent_at: datetime | None = Field(None, description="When the last message was sent, UTC; null: none was yet.")
    period: str | None = Field(None, description="The day (`2026-01-29`) or week (`2026-W05`) dealt with last.")
    state: str | None = Field(
        None,
        description="`waiting`, `retrying`, `sent`, `unknown` (it may have been sent), `failed`, `empty`, `started`.",
    )
    head: str | None = Field(None, description="The first line of the message.")
    error: str | None = Field(None, description="The error; null: there was none, or this reader may not see it.")


class DeliveriesStatus(Frozen):
    """All deliveries that are configured."""

    problem: str | None = Field(description="Why nothing is sent to anybody (the store can't keep count); null: it is.")
    deliveries: tuple[DeliveryStatus, ...] = Field(description="One for each feed and target.")

    def for_strangers(self) -> DeliveriesStatus:
        """Return what anybody may know: names and times."""
        told = tuple(DeliveryStatus(feed=one.feed, target=one.target, sent_at=one.sent_at) for one in self.deliveries)
        return self.model_copy(update={"deliveries": told})
