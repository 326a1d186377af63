"""One call: what is sent, retried, learnt, and never told."""

import asyncio
import logging
import time
from typing import Any

import httpx
import pytest
import stamina

from digest.errors import AnswerError, EndpointError
from digest.llm.endpoint import Completion
from digest.llm.prompts import build_prompt
from tests.fakes import quick_store
from tests.llm.llm_kit import ABSTRACT, GOOD, KEY, TLDR, FakeModel, Kit, answer, make_kit, make_paper, refusal

pytestmark = pytest.mark.anyio
PROMPT = build_prompt(make_paper(), TLDR, ABSTRACT)


async def ask(kit: Kit) -> Completion:
    try:
        return await kit.endpoint.complete(PROMPT, max_tokens=500, account=kit.ledger.account("robots"))
    finally:
        await kit.endpoint.aclose()


async def test_the_first_try_asks_for_a_schema_with_the_key_in_the_header() -> None:
    kit = make_kit()
    completion = await ask(kit)
    assert "soft robots" in completion.text
    assert kit.model.headers[0]["authorization"] == f"Bearer {KEY}"
    assert kit.model.requests[0]["response_format"]["type"] == "json_schema"
    assert kit.model.requests[0]["max_tokens"] == 500
    assert (await kit.ledger.totals())[0].tokens == 400


@pytest.mark.parametrize(
    "failure",
    [
        refusal(408),
        refusal(409),
        refusal(429),
        refusal(500),
        refusal(503),
        refusal(529),
        httpx.ConnectError("no"),
        httpx.ReadError("reset"),
    ],
)
async def test_passing_failures_are_tried_again(failure: Any) -> None:
    kit = make_kit(FakeModel([failure, failure, answer(GOOD)]))
    assert (await ask(kit)).text
    unseen = 2 if isinstance(failure, httpx.ConnectError) else 0
    assert (await kit.ledger.totals())[0].calls == 3 - unseen


@pytest.mark.parametrize(
    "failure",
    [
        refusal(401),
        refusal(402),
        refusal(403),
        refusal(404),
        refusal(307),
        refusal(429, code="insufficient_quota"),
        refusal(429, "Insufficient balance"),
    ],
)
async def test_failures_that_someone_must_mend_are_not(failure: Any) -> None:
    kit = make_kit(FakeModel([failure]))
    with pytest.raises(EndpointError) as caught:
        await ask(kit)
    assert not caught.value.passing
    assert len(kit.model.requests) == 1
    assert (await kit.ledger.totals())[0].tokens == 0


async def test_retries_end() -> None:
    kit = make_kit(FakeModel([refusal(500)]))
    with pytest.raises(EndpointError, match="500") as caught:
        await ask(kit)
    assert caught.value.passing
    assert len(kit.model.requests) == 3


async def test_a_short_pause_that_is_asked_for_is_kept() -> None:
    stamina.set_testing(False)
    kit = make_kit(FakeModel([refusal(429, retry_after_ms="60"), answer(GOOD)]))
    began = time.monotonic()
    await ask(kit)
    assert time.monotonic() - began >= 0.06


@pytest.mark.parametrize("value", ["3600", "Thu, 29 Jan 2026 16:00:00 GMT"])
async def test_a_long_one_is_reported_instead(value: str) -> None:
    kit = make_kit(FakeModel([refusal(429, retry_after=value)]))
    with pytest.raises(EndpointError) as caught:
        await ask(kit)
    assert caught.value.retry_after
    assert caught.value.retry_after.total_seconds() == 3600
    assert len(kit.model.requests) == 1


def without(name: str, message: str) -> Any:
    def reply(body: dict[str, Any]) -> httpx.Response:
        present = (body.get("response_format") or {}).get("type") == name or name in body
        if name == "system":
            present = any(message["role"] == "system" for message in body["messages"])
        return refusal(400, message) if present else answer(GOOD)

    return reply


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("json_schema", "response_format type must be one of 'text' or 'json_object'"),
        ("json_schema", "bad request"),
        ("response_format", "Unknown parameter: 'response_format'."),
        ("response_format", "'response_format' of type json_object is not supported"),
        ("max_tokens", "Use 'max_completion_tokens' instead of 'max_tokens'."),
        ("temperature", "Unsupported value: 'temperature' must be 1"),
        ("system", "System role not supported"),
    ],
)
async def test_what_an_endpoint_lacks_is_learnt_once_for_all_instances(name: str, message: str) -> None:
    store = quick_store()
    first = make_kit(FakeModel([without(name, message)]), store=store)
    assert (await ask(first)).text
    assert 2 <= len(first.model.requests) <= 3
    later = make_kit(FakeModel([without(name, message)]), store=store)
    assert (await ask(later)).text
    assert len(later.model.requests) == 1


async def test_who_refuses_everything_is_asked_in_every_form_once() -> None:
    kit = make_kit(FakeModel([httpx.Response(400, json="bad request")]))
    with pytest.raises(AnswerError, match="bad request"):
        await ask(kit)
    assert [(body.get("response_format") or {}).get("type") for body in kit.model.requests] == [
        "json_schema",
        "json_object",
        None,
    ]


async def test_only_the_first_of_many_calls_finds_out() -> None:
    kit = make_kit(FakeModel([without("json_schema", "no json_schema")]))
    account = kit.ledger.account("robots")
    await asyncio.gather(*(kit.endpoint.complete(PROMPT, max_tokens=5, account=account) for _ in range(6)))
    assert len(kit.model.requests) == 7


@pytest.mark.parametrize(
    ("failure", "too_long"),
    [
        (refusal(400, "too much", "context_length_exceeded"), True),
        (refusal(400, "request (6030 tokens) exceeds the available context size (4096 tokens)"), True),
        (refusal(413), True),
        (refusal(400, "The response was filtered", "content_filter"), False),
        (answer(None, refusal="I can't."), False),
        (answer("half", finish="content_filter"), False),
        (httpx.Response(200, json={"choices": []}), False),
        (httpx.Response(200, json={"choices": [{"message": None}]}), False),
        (httpx.Response(200, content=b'{"choices": "\xff"}'), False),
    ],
)
async def test_what_concerns_this_paper_only_is_told_apart(failure: Any, *, too_long: bool) -> None:
    kit = make_kit(FakeModel([failure]))
    with pytest.raises(AnswerError) as caught:
        await ask(kit)
    assert caught.value.too_long is too_long


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": {"message": "upstream"}}', b"[" * 100_000])
async def test_a_200_that_is_no_completion_is_a_failure_of_the_endpoint(body: bytes) -> None:
    kit = make_kit(FakeModel([httpx.Response(200, content=body)]))
    with pytest.raises(EndpointError) as caught:
        await ask(kit)
    assert caught.value.passing


async def test_answers_are_bounded_in_size_and_time() -> None:
    kit = make_kit(FakeModel([answer("x" * 300_000)]), limit_mb=0.1)
    with pytest.raises(AnswerError, match="larger than 100,000 bytes"):
        await ask(kit)

    async def silent(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    kit = make_kit(transport=httpx.MockTransport(silent), timeout_s=1)
    with pytest.raises(EndpointError, match="within 1 s"):
        await ask(kit)
    # Nobody knows what it cost, so all that was reserved counts.
    assert (await kit.ledger.totals())[0].tokens > 500


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": None},
        {"prompt_tokens": "many", "completion_tokens": 1},
        {"prompt_tokens": -5, "completion_tokens": 10**18},
    ],
)
async def test_usage_that_makes_no_sense_is_bounded(usage: Any) -> None:
    kit = make_kit(FakeModel([answer(GOOD, usage=usage)]))
    await ask(kit)
    assert 0 < (await kit.ledger.totals())[0].tokens <= 10_000_000


async def test_hidden_reasoning_counts() -> None:
    kit = make_kit(FakeModel([answer(GOOD, usage={"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 100})]))
    await ask(kit)
    assert (await kit.ledger.totals())[0].tokens == 100


@pytest.mark.parametrize(
    "said", [f"Incorrect API key provided: {KEY}", "key sk-proj-abc***wxyz is bad", "Bearer abcdefgh is bad"]
)
async def test_keys_are_in_no_error_and_no_log(said: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kit = make_kit(FakeModel([refusal(401, said)]))
    with pytest.raises(EndpointError) as caught:
        await ask(kit)
    shown = f"{caught.value} {caught.value!r} {caplog.text} {kit.config!r} {kit.endpoint!r}"
    for secret in (KEY, "sk-proj-abc", "abcdefgh"):
        assert secret not in shown
    assert "[key]" in str(caught.value)


async def test_a_key_that_no_header_can_hold_is_refused_unseen() -> None:
    kit = make_kit(api_key="sk-geheim\u00fc\nX: y")
    with pytest.raises(EndpointError, match="characters") as caught:
        await ask(kit)
    assert "geheim" not in str(caught.value)
    assert kit.model.requests == []
