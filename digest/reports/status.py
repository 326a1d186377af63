"""The state of the server, as `DigestService.status` makes it and everything that shows it reads it. Pure."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from digest.config.model import Budget
from digest.models import Frozen
from digest.reports.delivering import DeliveriesStatus
from digest.reports.receipts import DayReceipt


class StoreStatus(Frozen):
    """Where listings, papers and counters are kept."""

    kind: str = Field(description="`memory`, `sqlite`, `redis` or `upstash`.")
    place: str = Field(description="Kind and place in words, without user name, password or token.")
    degraded: bool = Field(
        description="Whether memory replaces the store, because it doesn't answer or refuses writes."
    )
    refusal: str | None = Field(
        description="Why the store has refused writes lately (full, read-only, failing to save); null: it takes them."
    )


class ArxivStatus(Frozen):
    """How arXiv answered this process since it started."""

    requests: int = Field(description="Requests sent.")
    failures: int = Field(description="Requests without a usable answer, refusals included.")
    refusals: int = Field(description="Requests answered with status 403, 406, 429 or 503.")
    last_error: str | None = Field(description="The last failure and its reason; null: there was none.")
    cooldowns_s: dict[str, int] = Field(
        description="Services (`feeds`, `api`, `pages`) that are paused because arXiv refused requests: "
        "seconds until the pause ends. All instances share them."
    )


class ScheduleStatus(Frozen):
    """What arXiv's calendar expects. Nothing here is asked of arXiv."""

    latest_announcement_expected: date = Field(
        description="The newest announcement day whose feeds can be out by now; arXiv's date, US Eastern."
    )
    next_expected_change: datetime = Field(description="Earliest time at which feeds can have a new day, UTC.")
    today: str = Field(description="Today at arXiv: `announcement day`, or the reason why there is no announcement.")


class ContextDay(DayReceipt):
    """What arXiv announced and what is stored of one category or archive on one day."""

    fetched_at: datetime | None = Field(description="When the stored listing was fetched, UTC; null: none is stored.")


class ContextStatus(Frozen):
    """What is stored of one category or archive."""

    context: str = Field(description="Category (`cs.LG`) or archive (`cs`).")
    newest_day: date | None = Field(
        description="The newest stored day, if possible one with papers; arXiv's date, US Eastern. Null: none is stored."
    )
    behind_calendar: bool = Field(description="Whether the calendar expects a newer announcement than the stored one.")
    days_held: int = Field(description="Number of days with a stored listing.")
    checked_at: datetime | None = Field(
        description="When arXiv last gave a usable answer about the present, UTC; null: never."
    )
    failures: int = Field(description="Failed attempts since then.")
    last_error: str | None = Field(
        description="The last error, even if requests succeeded since; null: there was none."
    )
    last_error_at: datetime | None = Field(description="When that was, UTC.")
    next_check: datetime = Field(description="When arXiv is worth asking again, UTC.")
    days: tuple[ContextDay, ...] = Field(
        description="Receipts of the newest days, at most 14, newest first: papers announced and stored, source, complete or not."
    )


class PeriodTotal(Frozen):
    """What all feeds spent on models in one period, calls under way included, and its limits."""

    period: str = Field(description="The day (`2026-01-29`) or month (`2026-01`), UTC.")
    calls: int = Field(description="Requests that reached the model, failed ones included.")
    tokens: int = Field(description="Tokens read and written together.")
    money: float = Field(description="In the currency of the prices.")
    budget: Budget = Field(description="Maximum for the period; null: no limit.")


class LedgerRow(Frozen):
    """What one feed spent on one model on one day, calls under way included."""

    day: date = Field(description="The day, UTC.")
    feed: str = Field(description="The feed's name in the configuration.")
    model: str = Field(description="The model's name.")
    calls: int = Field(description="Requests that reached the model, failed ones included.")
    input_tokens: int = Field(description="Tokens that the model read.")
    output_tokens: int = Field(description="Tokens that the model wrote.")
    money: float = Field(description="In the currency of the prices.")
    summaries: int = Field(description="Summaries that were accepted.")


class ModelStatus(Frozen):
    """The model that writes summaries, and what it costs."""

    model: str = Field(description="The model's name.")
    problem: str | None = Field(
        description="Why it gets no requests now (it is paused, a budget is spent, the store refuses writes), "
        "and until when; null: it gets requests."
    )
    waiting: int = Field(description="Papers of configured feeds that were not reached by the last runs.")
    currency: str = Field(description="Of all money here, as the configuration names it.")
    today: PeriodTotal = Field(description="Spent and allowed today, UTC.")
    month: PeriodTotal = Field(description="Spent and allowed this month, UTC.")
    ledger: tuple[LedgerRow, ...] = Field(description="By day, feed and model: the last seven days, newest first.")


class MissingModel(Frozen):
    """A model that is configured by half and so can't be asked."""

    model: None = Field(None, description="Always null.")
    problem: str = Field(description="The missing part of its configuration.")
    ledger: tuple[LedgerRow, ...] = Field((), description="Always empty.")


SummariesStatus = ModelStatus | MissingModel


class Status(Frozen):
    """The server's state in one look."""

    version: str = Field(description="Version of arxiv-digest.")
    now: datetime = Field(description="Time of this answer, UTC.")
    store: StoreStatus = Field(description="Where everything is kept.")
    arxiv: ArxivStatus = Field(description="How arXiv answers.")
    schedule: ScheduleStatus = Field(description="Expectations by arXiv's calendar.")
    contexts: tuple[ContextStatus, ...] = Field(description="Every category or archive that was ever requested.")
    summaries: SummariesStatus | None = Field(
        description="The model, its budgets, and the ledger by feed, model and day; null without a model."
    )
    deliveries: DeliveriesStatus | None = Field(
        None, description="The last delivery of each feed to each of its targets; null where none is configured."
    )
