"""A model to talk to: papers, an endpoint made of a handler function, and an engine over it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from digest.config.model import ModelConfig
from digest.config.summary_plans import Plan, TextSource
from digest.config.summary_schemas import SummarySchema
from digest.llm.endpoint import ModelEndpoint
from digest.llm.engine import ModelSummaries
from digest.llm.fulltext import FullTexts
from digest.llm.ledger import Ledger
from digest.models import Paper
from digest.store.memory import MemoryStore
from digest.store.protocol import Store

KEY = "sk-secret-0123456789abcdef"
START = datetime(2026, 1, 29, 15, tzinfo=UTC)
ABSTRACT = (
    "Soft robots are hard to control because their bodies bend in many ways. We present a controller that learns "
    "from 12 strokes and transfers to new bodies. On three benchmarks it reaches 92.4 % success."
)
GOOD = {
    "tldr": "A controller for soft robots learns from 12 strokes and transfers to new bodies.",
    "motivation": "The bodies of soft robots bend in many ways, which makes them hard to control.",
    "method": "The controller is trained on a few strokes and then moved to other bodies.",
    "result": "It reaches 92.4 % success on three benchmarks.",
    "conclusion": "Control of soft robots does not need much data.",
}
TLDR = Plan(SummarySchema.TLDR, "en", TextSource.ABSTRACT, "test-model")


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self._now = START

    def __call__(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


def make_paper(number: int = 1, **overrides: Any) -> Paper:
    fields: dict[str, Any] = {
        "id": f"2601.{number:05}",
        "version": 1,
        "title": f"Control of soft robots, part {number}",
        "abstract": ABSTRACT,
        "categories": ("cs.RO",),
        "primary_category": "cs.RO",
        "announce_type": "new",
        "announced": date(2026, 1, 29),
    }
    return Paper(**(fields | overrides))


def answer(
    content: Any, *, status: int = 200, finish: str = "stop", usage: Any = None, **message: Any
) -> httpx.Response:
    """A chat completion; a dict as content becomes JSON."""
    text = json.dumps(content) if isinstance(content, dict) else content
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}
    usage = usage or {"prompt_tokens": 300, "completion_tokens": 100, "total_tokens": 400}
    return httpx.Response(status, json={"choices": [choice], "usage": usage})


def refusal(status: int, message: str = "no", code: str | None = None, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"error": {"message": message, "code": code}}, headers=names)


Reply = httpx.Response | Exception | Callable[[dict[str, Any]], httpx.Response]


@dataclass
class FakeModel:
    """Answers in the order of *script*, the last one for ever; remembers what it was asked."""

    script: list[Reply] = field(default_factory=lambda: [answer(GOOD)])
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[httpx.Headers] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.requests.append(body)
        self.headers.append(request.headers)
        reply = self.script[min(len(self.requests), len(self.script)) - 1]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, httpx.Response):
            return httpx.Response(reply.status_code, content=reply.content, headers=reply.headers)
        return reply(body)


@dataclass
class Kit:
    """An engine with all that it stands on."""

    model: FakeModel
    store: Store
    clock: Clock
    config: ModelConfig
    endpoint: ModelEndpoint
    ledger: Ledger
    engine: ModelSummaries

    async def fill(
        self, *papers: Paper, plan: Plan = TLDR, feed: str = "robots", seconds: float = 600, **options: Any
    ) -> Any:
        return await self.engine.fill(
            papers or (make_paper(),), plan, feed=feed, deadline=self.clock() + timedelta(seconds=seconds), **options
        )


def make_kit(
    model: FakeModel | None = None,
    *,
    store: Store | None = None,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    fetch: Any = None,
    **settings: Any,
) -> Kit:
    clock = clock or Clock()
    store = store or MemoryStore(now=clock)
    model = model or FakeModel()
    values = {"base_url": "http://model.test/v1", "api_key": SecretStr(KEY), "model": "test-model"} | settings
    config = ModelConfig(**values)
    endpoint = ModelEndpoint(config, store, now=clock, transport=transport or httpx.MockTransport(model))
    ledger = Ledger(store, config, now=clock)
    full_texts = FullTexts(store, fetch) if fetch else None
    engine = ModelSummaries(store, endpoint, ledger, config, now=clock, full_texts=full_texts)
    return Kit(model, store, clock, config, endpoint, ledger, engine)
