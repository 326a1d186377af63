"""One call to an OpenAI-compatible endpoint: bounded in time and size, retried where that helps, paid for once.

Written on httpx, which the program needs anyway. The official client would add 16 MB to a bundle of 17,
a second HTTP library and a second of import, and still leave to us what differs between
compatible servers: a body that is no JSON, answers without choices, the quota among the 429s.

Source: https://platform.openai.com/docs/api-reference/chat;
RFC 9110, https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 (Retry-After).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from digest import __version__
from digest.config.model import ModelConfig
from digest.errors import AnswerError, EndpointError
from digest.llm.capabilities import Capabilities, is_filtered, is_too_long
from digest.llm.ledger import Account
from digest.llm.prompts import Prompt, estimate_tokens
from digest.reports.filling import Usage
from digest.store.codec import pack, unpack
from digest.store.protocol import Values
from digest.text.characters import terminal_safe
from digest.upstream.fetching import parse_retry_after

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

_RETRIED = frozenset({408, 409, 429})
_UNCOUNTED = frozenset({401, 403, 407})
"""Refused at the door: no model has seen the request."""
_GATEWAY = frozenset({502, 504, 521, 522, 523, 530})
"""Said by a proxy about the server behind it; those above 520 by Cloudflare.

Source: RFC 9110, https://www.rfc-editor.org/rfc/rfc9110#section-15.6.
"""
_QUOTA = ("insufficient_quota", "insufficient_balance", "insufficient balance", "billing_hard_limit", "credit balance")
_LONGEST_PAUSE = timedelta(seconds=30)
"""A longer Retry-After is not waited for: the endpoint is left alone instead."""
_REMEMBERED = timedelta(days=7)
_SCHEMA = 1
_ADAPTATIONS = 6
_TOKENS_LIMIT = 10_000_000
_SENDABLE = re.compile(r"[\x21-\x7e]+")
_KEY_LIKE = re.compile(r"\b(?:sk|pk|key|gsk|xai)-[\w*.-]{4,}|\bAIza[\w-]{10,}|\bBearer\s+\S+")


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote, as received; `cut` if it was not allowed to finish."""

    text: str
    cut: bool


class _TryAgainError(EndpointError):
    """A passing failure that a retry may mend."""


class _RefusedRequestError(Exception):
    """The endpoint doesn't take the request as it is."""


class ModelEndpoint:
    """Ask one model. Nothing is opened before the first call.

    Args:
        config: Address, key, model and bounds.
        store: Remembers what the endpoint takes.
        now: The clock, for Retry-After dates only.
        transport: What carries requests; None for the network. Tests give a handler function.
    """

    def __init__(
        self,
        config: ModelConfig,
        store: Values,
        *,
        now: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._config = config
        self._store = store
        self._now = now
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._capabilities: Capabilities | None = None
        self._is_known = False
        self.is_proven = False
        """Whether it answered the last request that ended, in this process."""
        self._learning = asyncio.Lock()
        key = config.api_key.get_secret_value() if config.api_key else ""
        mark = hashlib.sha256("\x1f".join((config.address, config.model or "", key)).encode()).hexdigest()[:16]
        self._key = f"llm:endpoint:{mark}"

    @property
    def mark(self) -> str:
        """Tells endpoint, model and key apart from others in the store; none of them can be read from it."""
        return self._key.rpartition(":")[2]

    async def complete(self, prompt: Prompt, *, max_tokens: int, account: Account) -> Completion:
        """Ask once, with retries, and return what the model wrote.

        The first call finds out what the endpoint takes; others wait for it.

        Args:
            prompt: The question.
            max_tokens: Most tokens of the answer.
            account: Every request is booked on it before it is sent.

        Raises:
            EndpointError: No answer, or none for anyone.
            AnswerError: The endpoint refused this text, or its answer holds none.
            BudgetError: A request was not sent.
        """
        if not self._is_known:
            async with self._learning:
                await self._recall()
                if not self._is_known:
                    return await self._adapt(prompt, max_tokens, account)
        return await self._adapt(prompt, max_tokens, account)

    async def aclose(self) -> None:
        """Close the connections. The endpoint may be used again afterwards."""
        if self._client:
            await self._client.aclose()
            self._client = None

    async def _recall(self) -> None:
        if self._capabilities is None:
            stored = unpack(Capabilities, await self._store.get(self._key), _SCHEMA)
            self._is_known = stored is not None
            self._capabilities = stored or Capabilities()

    async def _adapt(self, prompt: Prompt, max_tokens: int, account: Account) -> Completion:
        """Ask; on a 400 that doesn't concern the paper, ask for less, and remember what worked."""
        tried = before = self._capabilities or Capabilities()
        for _ in range(_ADAPTATIONS):
            body = tried.request(prompt, model=self._config.model or "", max_tokens=max_tokens)
            estimate = Usage(prompt.tokens, max_tokens)
            try:
                completion = await self._retry(body, account, estimate)
            except _RefusedRequestError as error:
                lower = tried.after_refusal(str(error))
                if lower is None:
                    raise AnswerError(f"the endpoint refused the request: {error}") from error
                tried = lower
                continue
            if not self._is_known or tried != before:
                self._capabilities, self._is_known = tried, True
                await self._store.set(self._key, pack(tried, _SCHEMA), ttl=_REMEMBERED)
            return completion
        raise EndpointError("the endpoint refuses every form of request", passing=False)

    async def _retry(self, body: dict[str, Any], account: Account, estimate: Usage) -> Completion:
        import stamina

        def pause(error: Exception) -> bool | timedelta:
            if not isinstance(error, _TryAgainError):
                return False
            if error.retry_after is None:
                return True
            return error.retry_after if error.retry_after <= _LONGEST_PAUSE else False

        async for attempt in stamina.retry_context(
            on=pause, attempts=self._config.attempts, timeout=None, wait_initial=1.0, wait_jitter=1.0, wait_max=15.0
        ):
            with attempt:
                return await self._ask(body, account, estimate)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _ask(self, body: dict[str, Any], account: Account, estimate: Usage) -> Completion:
        """Send one request; what can't be known about its cost counts as all that was reserved."""
        import httpx

        client = self._opened()
        reservation = await account.reserve(estimate)
        used, counts = estimate, True
        try:
            async with asyncio.timeout(self._config.timeout_s):
                async with client.stream("POST", f"{self._config.address}/chat/completions", json=body) as response:
                    data = await self._read(response)
            if response.status_code != 200:
                used, counts = Usage(), response.status_code not in _UNCOUNTED
                raise self._refusal(response, data)
            completion, told = await asyncio.to_thread(_parse, data)
            self.is_proven = True
            used = told or Usage(estimate.input_tokens, estimate_tokens(completion.text))
        except EndpointError:
            self.is_proven = False
            raise
        except TimeoutError as error:
            self.is_proven = False
            raise EndpointError(f"no answer within {self._config.timeout_s:.0f} s", passing=True) from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            used, counts, self.is_proven = Usage(), False, False
            raise _TryAgainError("can't be reached", passing=True, answers=False) from error
        except httpx.HTTPError as error:
            self.is_proven = False
            raise _TryAgainError(f"the connection broke: {type(error).__name__}", passing=True) from error
        finally:
            await asyncio.shield(account.settle(reservation, used, counts=counts))
        return completion

    async def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        limit = round(self._config.limit_mb * 1_000_000)
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > limit:
                raise AnswerError(f"the answer was larger than {limit:,} bytes")
        return bytes(body)

    def _refusal(self, response: httpx.Response, data: bytes) -> Exception:
        status = response.status_code
        said = self._complaint(data)
        message = f"answered with status {status}" + (f": {said}" if said else "")
        if status == 413 or (status in {400, 422} and is_too_long(said)):
            return AnswerError(message, too_long=True)
        if status in {400, 422}:
            return AnswerError(message) if is_filtered(said) else _RefusedRequestError(said)
        if status == 429 and any(word in said.lower() for word in _QUOTA):
            return EndpointError(message, passing=False, status=status)
        retry_after = _retry_after(response.headers, self._now())
        if status in _RETRIED or status >= 500:
            answers = status not in _GATEWAY
            return _TryAgainError(message, passing=True, status=status, retry_after=retry_after, answers=answers)
        return EndpointError(message, passing=False, status=status)

    def _complaint(self, data: bytes) -> str:
        """Return what an error body says, short and without anything like a key."""
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            return ""
        error = found.get("error", found) if isinstance(found, dict) else found
        if isinstance(error, dict):
            said = " ".join(str(error[name]) for name in ("message", "detail", "code", "type") if error.get(name))
        else:
            said = str(error)
        if self._config.api_key:
            said = said.replace(self._config.api_key.get_secret_value() or "\0", "[key]")
        return terminal_safe(_KEY_LIKE.sub("[key]", said))[:300].strip()

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            key = self._config.api_key.get_secret_value() if self._config.api_key else ""
            if key and not _SENDABLE.fullmatch(key):
                # The HTTP library would show it in its error.
                raise EndpointError("the key contains characters that can't be sent", passing=False)
            headers = {"User-Agent": f"arxiv-digest/{__version__}", "Accept": "application/json"}
            self._client = httpx.AsyncClient(
                transport=self._transport,
                headers=headers | ({"Authorization": f"Bearer {key}"} if key else {}),
                limits=httpx.Limits(max_connections=self._config.concurrency),
                timeout=None,  # noqa: S113 - asyncio.timeout bounds each request as a whole
                follow_redirects=False,
            )
        return self._client


def _retry_after(headers: httpx.Headers, now: datetime) -> timedelta | None:
    milliseconds = headers.get("retry-after-ms", "").strip()
    if milliseconds.isdigit():
        return timedelta(milliseconds=min(int(milliseconds), 86_400_000))
    return parse_retry_after(headers.get("retry-after"), now)


def _parse(data: bytes) -> tuple[Completion, Usage | None]:
    """Read the body of a 200.

    Raises:
        EndpointError: It is no chat completion.
        AnswerError: It is one without text.
    """
    try:
        found = json.loads(data.decode())
    except UnicodeDecodeError as error:
        raise AnswerError("the answer was no UTF-8", again=True) from error
    except (ValueError, RecursionError) as error:
        raise EndpointError(
            "answered with something else than JSON", passing=True, status=200, answers=False
        ) from error
    if not isinstance(found, dict) or found.get("error"):
        raise EndpointError("answered with an error under status 200", passing=True, status=200)
    choices = found.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise AnswerError("the answer contained no message", again=True)
    if choice.get("finish_reason") == "content_filter" or message.get("refusal"):
        raise AnswerError("the model or its filter refused")
    text = _text_of(message.get("content"))
    return Completion(text, cut=choice.get("finish_reason") == "length"), _usage_of(found.get("usage"))


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))
    return ""


def _usage_of(told: Any) -> Usage | None:
    if not isinstance(told, dict):
        return None
    read, written, total = (told.get(f"{name}_tokens") for name in ("prompt", "completion", "total"))
    if not isinstance(read, int) or not isinstance(written, int):
        return None
    if isinstance(total, int):
        written = max(written, total - read)  # some count reasoning in the total only
    return Usage(min(max(read, 0), _TOKENS_LIMIT), min(max(written, 0), _TOKENS_LIMIT))
