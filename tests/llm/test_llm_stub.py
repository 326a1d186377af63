"""Every fault of the stub that stands beside the project, through a real socket."""

import importlib.util
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr

from digest.clock import utc_now
from digest.config.model import ModelConfig
from digest.config.summary_plans import Plan, TextSource
from digest.config.summary_schemas import SummarySchema
from digest.llm.endpoint import ModelEndpoint
from digest.llm.engine import ModelSummaries
from digest.llm.judging import Judging
from digest.llm.ledger import Ledger
from tests.fakes import quick_store
from tests.llm.llm_kit import ABSTRACT, KEY, make_paper

pytestmark = [pytest.mark.anyio, pytest.mark.real_time, pytest.mark.end_to_end]
"""The stub names dates by the system's clock, and what its faults take is real."""
STUB = Path(__file__).resolve().parents[2].parent / "shared" / "llm" / "fake_openai.py"


def load_stub() -> ModuleType | None:
    if not STUB.exists():
        return None
    spec = importlib.util.spec_from_file_location("fake_openai", STUB)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


stub = load_stub()
if stub is None:
    pytest.skip(f"no stub at {STUB}", allow_module_level=True)

ALL = {"tldr", "motivation", "method", "result", "conclusion"}
# Faults that leave some parts; requests that the two runs sent together.
SOME = {
    "missing": (ALL - {"result"}, 2),
    "length": ({"tldr", "motivation"}, 2),
    "truncated": ({"tldr", "motivation"}, 2),
}
ONE_REQUEST = [
    "ok",
    "slow",
    "drip",
    "content-parts",
    "no-usage",
    "usage-null",
    "reasoning",
    "fence",
    "fence-bare",
    "fence-open",
    "fence-prose",
    "prose",
    "braces-prose",
    "two-objects",
    "one-per-field",
    "think",
    "think-open",
    "bom",
    "trailing-comma",
    "single-quotes",
    "unquoted",
    "comments",
    "raw-newlines",
    "smart-quotes",
    "double-encoded",
    "latex",
    "surrogate",
    "control",
    "nan",
    "extra",
    "list-root",
    "wrapped",
    "case-keys",
    "misspelt",
    "local-keys",
    "html",
    "injection",
]
TWO_REQUESTS = ["400-schema", "400-format", "400-max-tokens", "400-temperature", "400-system"]
# Faults without a summary: requests, and whether the paper or the endpoint is left alone.
NONE = (
    dict.fromkeys(("429", "429-date", "429-bare", "429-ms", "502", "503", "529", "loading"), (3, "pause"))
    | dict.fromkeys(("quota", "401", "402", "403", "404", "redirect", "200-html", "200-empty"), (1, "pause"))
    | dict.fromkeys(("500", "reset", "cut-body"), (3, "refusal"))
    | dict.fromkeys(
        [
            "context",
            "context-llamacpp",
            "filter",
            "413",
            "200-error",
            "timeout",
            "refusal",
            "content-filter",
            "huge",
        ],
        (1, "refusal"),
    )
    | dict.fromkeys(
        [
            "empty-choices",
            "no-choices",
            "choices-null",
            "message-null",
            "content-none",
            "content-empty",
            "content-blank",
            "tool-call",
            "reasoning-only",
            "prose-only",
            "markdown",
            "bad-escape",
            "bad-utf8",
            "null-fields",
            "empty-fields",
            "wrong-types",
            "string-root",
            "wrong-language",
            "same-text",
            "echo",
            "placeholder",
            "long",
            "repeat",
            "refuse-text",
        ],
        (2, "refusal"),
    )
)
ARGUMENTS = {"slow": "slow:0.1", "drip": "drip:0.0001", "timeout": "timeout:3", "huge": "huge:3"}
STREAMING = {name for name in stub.FAULTS if "stream" in name}


def test_every_fault_is_covered() -> None:
    covered = {*SOME, *ONE_REQUEST, *TWO_REQUESTS, *NONE}
    assert covered == set(stub.FAULTS) - STREAMING


async def run(llm: Any, fault: str) -> tuple[set[str], set[str]]:
    """Summarise a paper twice; return the parts of its summary and what the store remembers."""
    store = quick_store()
    config = ModelConfig(
        base_url=llm.base_url, api_key=SecretStr(KEY), model=f"fault:{ARGUMENTS.get(fault, fault)}", timeout_s=2
    )
    endpoint = ModelEndpoint(config, store, now=utc_now)
    engine = ModelSummaries(store, endpoint, Ledger(store, config, now=utc_now), config, now=utc_now)
    plan = Plan(SummarySchema.TLDR, "en", TextSource.ABSTRACT, config.model or "")
    paper = make_paper(abstract=ABSTRACT)
    for _ in range(2):
        await engine.fill([paper], plan, feed="robots", deadline=utc_now() + timedelta(seconds=60))
    await endpoint.aclose()
    summary = (await engine.lookup([paper], plan)).get(paper.id)
    kept = {key.split(":")[1] for key in await store.keys("llm:")} & {"summary", "refusal", "pause"}
    return {name for name in ALL if summary and getattr(summary, name)}, kept


@pytest.mark.parametrize("fault", sorted({*SOME, *ONE_REQUEST, *TWO_REQUESTS, *NONE}))
async def test_each_fault_leads_to_a_whole_summary_or_to_none(fault: str) -> None:
    with stub.FakeOpenAI(api_key=KEY) as llm:
        parts, kept = await run(llm, fault)
        requests = llm.stats()["requests"]
    if fault in NONE:
        assert (parts, requests, kept) == (set(), NONE[fault][0], {NONE[fault][1]})
    else:
        wanted, sent = SOME.get(fault, (ALL, 2 if fault in TWO_REQUESTS else 1))
        assert (parts, requests, kept) == (wanted, sent, {"summary"})


async def test_a_real_provider_s_limits_are_kept() -> None:
    with stub.FakeOpenAI(strict=True, context=6000, max_concurrent=2, api_key=KEY) as llm:
        store = quick_store()
        config = ModelConfig(base_url=llm.base_url, api_key=SecretStr(KEY), model="any", concurrency=2)
        endpoint = ModelEndpoint(config, store, now=utc_now)
        engine = ModelSummaries(store, endpoint, Ledger(store, config, now=utc_now), config, now=utc_now)
        plan = Plan(SummarySchema.TLDR, "en", TextSource.ABSTRACT, "any")
        papers = [make_paper(number) for number in range(20)]
        report = await engine.fill(papers, plan, feed="robots", deadline=utc_now() + timedelta(seconds=60))
        await endpoint.aclose()
        assert (report.written, llm.stats()["by_status"]) == (20, {"200": 20})
        assert llm.stats()["without_key"] == 0


MOST_REQUESTS = 27
"""Of a run over twelve papers whose model never gives a grade: one together, then eight alone, two or three times each."""


@pytest.mark.parametrize("fault", sorted({*SOME, *ONE_REQUEST, *TWO_REQUESTS, *NONE}))
async def test_no_fault_loses_a_paper_or_spends_without_bounds_when_grading(fault: str) -> None:
    with stub.FakeOpenAI(api_key=KEY) as llm:
        store = quick_store()
        config = ModelConfig(
            base_url=llm.base_url,
            api_key=SecretStr(KEY),
            model=f"fault:{ARGUMENTS.get(fault, fault)}",
            timeout_s=2,
            concurrency=1,
        )
        endpoint = ModelEndpoint(config, store, now=utc_now)
        ledger = Ledger(store, config, now=utc_now)
        judging = Judging(store, endpoint, ledger, config, now=utc_now)
        papers = [make_paper(number) for number in range(12)]
        calls = []
        for _ in range(2):
            account = ledger.account("robots")
            report = await judging.fill(
                papers, ["robots that bend"], account=account, deadline=utc_now() + timedelta(60)
            )
            done = (report.present, report.written, report.refused, report.backing_off, report.busy, report.left)
            assert (sum(done), report.written) == (len(papers), 0)
            calls.append(report.calls)
        assert await judging.lookup(papers, ["robots that bend"]) == {}
        assert llm.stats()["requests"] <= MOST_REQUESTS
        assert calls[1] == 0
        await endpoint.aclose()
