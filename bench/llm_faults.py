"""What each fault of a model's endpoint leads to: `python -m bench.llm_faults PATH/fake_openai.py [FAULT …]`.

The stub picks a fault by the model's name. For each one paper is summarised, and at once again; the table tells what
a reader sees, how many requests were sent by both runs, and what the store remembers.
"""

import asyncio
import importlib.util
import sys
import types
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from digest.config.model import ModelConfig
from digest.config.summary_plans import Plan, TextSource
from digest.config.summary_schemas import SummarySchema
from digest.llm.endpoint import ModelEndpoint
from digest.llm.engine import ModelSummaries
from digest.llm.ledger import Ledger
from digest.models import Paper
from digest.store.memory import MemoryStore

TITLE = "Deformable soft robots learn from few strokes"
ABSTRACT = (
    "Soft robots are hard to control because their bodies bend in many ways. We present a controller that learns from "
    "12 strokes and transfers to new bodies without training. On three benchmarks it reaches 92.4 % success, which is "
    "8 points above the best published system, and it needs a tenth of the data."
)
ARGUMENTS = {"drip": "drip:0.0005", "timeout": "timeout:6", "huge": "huge:3", "503": "503:1", "429": "429:1"}
AT_ONCE = 12


def now() -> datetime:
    return datetime.now(UTC)


def load_stub(path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("fake_openai", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_paper() -> Paper:
    return Paper(
        id="2601.00001",
        version=1,
        title=TITLE,
        abstract=ABSTRACT,
        categories=("cs.RO",),
        primary_category="cs.RO",
        announce_type="new",
        announced=date(2026, 1, 29),
    )


async def try_fault(base_url: str, log: list[dict[str, Any]], fault: str) -> str:
    model = f"fault:{ARGUMENTS.get(fault, fault)}"
    store = MemoryStore(now=now)
    config = ModelConfig(
        base_url=base_url,
        api_key=SecretStr("sk-test-0000000000"),
        model=model,
        timeout_s=4,
        total_timeout_s=30,
        prices={"input": 0.15, "output": 0.6},
    )
    endpoint = ModelEndpoint(config, store, now=now)
    ledger = Ledger(store, config, now=now)
    engine = ModelSummaries(store, endpoint, ledger, config, now=now)
    plan = Plan(SummarySchema.TLDR, "en", TextSource.ABSTRACT, model)
    runs = [
        await engine.fill([make_paper()], plan, feed="bench", deadline=now() + timedelta(seconds=60)) for _ in range(2)
    ]
    await endpoint.aclose()
    summary = (await engine.lookup([make_paper()], plan)).get("2601.00001")
    parts = [
        name for name in ("tldr", "motivation", "method", "result", "conclusion") if summary and getattr(summary, name)
    ]
    sent = [entry for entry in log if entry.get("model") == model]
    tokens = (await ledger.totals())[0].tokens
    kinds = sorted(
        {key.split(":")[1] for key in await store.keys("llm:")} & {"summary", "refusal", "pause", "endpoint"}
    )
    reason = next(iter(runs[0].reasons.values()), "") or runs[0].stopped
    seen = "model: " + ("all 5 parts" if len(parts) == 5 else ", ".join(parts)) if summary else "built-in"
    return f"| {fault} | {seen} | {len(sent)} | {tokens} | {', '.join(kinds)} | {reason[:110].replace('|', '/')} |"


async def main(path: Path, wanted: list[str]) -> None:
    stub = load_stub(path)
    faults = wanted or [name for name in stub.FAULTS if "stream" not in name]
    print(
        "| fault | the reader sees | requests | tokens counted | kept in the store | reason |\n| --- | --- | --- | --- | --- | --- |"
    )
    with stub.FakeOpenAI() as llm:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(fault: str) -> str:
            async with gate:
                return await try_fault(llm.base_url, llm.log, fault)

        for line in await asyncio.gather(*map(one, faults)):
            print(line)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
